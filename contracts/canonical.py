"""One way of writing JSON down for signing and digests (RFC 8785), and of reading it safely."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import rfc8785

from contracts.errors import PayloadError

LARGEST_MESSAGE = 1_000_000
"""Bytes. A safeguarding event is some kilobytes; a megabyte is a mistake or an attack."""

DEEPEST_NESTING = 32


def canonical(value: Any) -> bytes:
    """Write ``value`` as RFC 8785 JSON, in UTF-8."""
    return rfc8785.dumps(value)


def digest(content: bytes) -> str:
    """SHA-256 of ``content`` as 64 lower-case hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def read_json_object(content: bytes) -> Mapping[str, Any]:
    """Read one JSON object.

    Raises:
        PayloadError: not UTF-8 JSON, not an object, nested deeper than 32, or a repeated key.
    """
    _check_depth(content)
    try:
        value = json.loads(content, object_pairs_hook=_no_repeats, parse_constant=_no_constants)
    except (ValueError, RecursionError) as error:
        raise _not_json("it cannot be read as UTF-8 JSON") from error
    if not isinstance(value, dict):
        raise _not_json("it is not an object")
    return value


def _check_depth(content: bytes) -> None:
    if content.count(b"{") + content.count(b"[") <= DEEPEST_NESTING:
        return
    depth = 0
    in_text = False
    escaped = False
    for byte in content:
        if in_text:
            if escaped:
                escaped = False
            elif byte == 0x5C:
                escaped = True
            elif byte == 0x22:
                in_text = False
        elif byte == 0x22:
            in_text = True
        elif byte in b"{[":
            depth += 1
            if depth > DEEPEST_NESTING:
                raise _not_json(f"it is nested deeper than {DEEPEST_NESTING}")
        elif byte in b"}]":
            depth -= 1


def _no_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        msg = "a key is repeated"
        raise ValueError(msg)
    return value


def _no_constants(name: str) -> Any:
    msg = f"{name} is not JSON"
    raise ValueError(msg)


def _not_json(why: str) -> PayloadError:
    return PayloadError(
        f"the content is not acceptable JSON: {why}",
        code="payload.not_json",
        remedy="send one UTF-8 JSON object as the event type's schema describes",
    )
