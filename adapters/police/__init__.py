"""Adapters for police systems."""
