"""The key store's revisions, each after the one that it names."""
