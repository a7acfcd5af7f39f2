"""Reckons the checksum of Kafka's record batches (CRC-32C) in C."""

import google_crc32c
from kafka.record import default_records


def reckon_in_c() -> None:
    """Let kafka-python reckon checksums with google-crc32c, in whatever it reads and writes from now on.

    Its own takes a byte at a time in Python, 0.15 ms a kilobyte: a quarter of what releasing costs. Of itself it looks
    for the package `crc32c` alone, which is under the LGPL.
    """
    default_records.calc_crc32c = _checksum


def _checksum(content: memoryview) -> int:
    return int(google_crc32c.value(bytes(content)))
