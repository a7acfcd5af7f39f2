"""The command line: people and machines at one door."""
