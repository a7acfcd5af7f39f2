"""Counts native records by looking at bytes alone, so that no adapter can mark its own homework."""

import re

_HL7 = re.compile(rb"(?:^|[\r\n\x0b])(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)?MSH[^A-Za-z0-9\s]")
_CIN_CHILD = re.compile(rb"<Child[\s>]")


def hl7_messages(content: bytes) -> int:
    """How many HL7 message headers start a line."""
    return len(_HL7.findall(content.replace(b"\0", b"")))


def cin_children(content: bytes) -> int:
    """How many ``Child`` elements a census opens."""
    return len(_CIN_CHILD.findall(content.replace(b"\0", b"")))


def csv_rows(content: bytes) -> int:
    """Count the lines below the header that are not blank; the fixtures quote no line end."""
    return max(0, sum(1 for line in content.splitlines() if line.strip()) - 1)
