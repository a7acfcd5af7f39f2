"""Prometheus, by prometheus_client."""
