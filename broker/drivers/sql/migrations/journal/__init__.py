"""The journal's revisions, each after the one that it names."""
