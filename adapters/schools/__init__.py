"""Adapters for schools and nurseries."""
