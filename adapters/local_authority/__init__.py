"""Adapters for local authority systems."""
