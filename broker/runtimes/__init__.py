"""Puts drivers, services and adapters together: the only code that constructs drivers."""
