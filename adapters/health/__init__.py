"""Adapters for health systems."""
