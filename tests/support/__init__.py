"""Builders, fakes and places shared by the tests."""
