"""Kafka, by kafka-python."""
