"""The ledger's revisions, each after the one that it names."""
