"""One way of writing JSON down for signing and digests (RFC 8785), and of reading it safely."""

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

import msgspec
import rfc8785
from pydantic import BaseModel

from contracts.errors import PayloadError

_write = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode
"""Python's own encoder, many times faster; it writes text, small whole numbers and plain keys as RFC 8785 does."""

_ODD_NUMBER = re.compile(r"[:\[,]-?[0-9]+(?:[.eE]|(?<=[0-9]{16}))")
"""A fraction, or a number of 16 digits: these may be written otherwise."""

_BEYOND_16_BITS = re.compile("[\U00010000-\U0010ffff]")
"""Characters whose order differs in UTF-16."""

LARGEST_MESSAGE = 1_000_000
"""Bytes. A safeguarding event is some kilobytes; a megabyte is a mistake or an attack."""

LARGEST_CONTENT = LARGEST_MESSAGE - 16_384
"""Bytes of content that an adapter sends: the event's attributes and signature travel in the same message."""

MOST_VALUES = 5_000
"""Single values of one event. A delivery says of each its place, category and form: many short ones make it large."""

LARGEST_DELIVERY = 2 * LARGEST_MESSAGE
"""Bytes of a delivery's body: no event of that size and number of values makes a larger one."""

DEEPEST_NESTING = 32

_TEXT_OR_BRACKET = re.compile(rb'"(?:[^"\\]++|\\.)*+"?|[\[\]{}]', re.DOTALL)
_OPENING = (b"{", b"[")
_CLOSING = (b"}", b"]")


def canonical(value: Any) -> bytes:
    """Write ``value`` as RFC 8785 JSON, in UTF-8.

    Raises:
        ValueError: it holds what RFC 8785 cannot write: a whole number beyond 2**53, NaN, half a character.
    """
    if isinstance(value, dict):
        try:
            written = _write(value)
        except TypeError:
            return rfc8785.dumps(value)
        is_plain = written.isascii() or not _BEYOND_16_BITS.search(written)
        if is_plain and not _ODD_NUMBER.search(written):
            return written.encode()
    return rfc8785.dumps(value)


def canonical_fields(value: Mapping[str, Any] | BaseModel) -> bytes:
    """The same, several times faster, for what holds no numbers but small whole ones, and no names but plain ones.

    Published models are such, and so is what is made of their values. They may stand in it as they are, and are
    written as ``model_dump(mode="json")`` gives them.

    Raises:
        ValueError: a text holds half a character.
    """
    return _write_fields(value)


def _plain(value: object) -> Any:
    """A model as its fields, and a text of a type of its own as a text."""
    match value:
        case BaseModel():
            return value.__dict__
        case str():
            return str(value)
        case _:
            msg = f"{type(value).__name__} cannot be written as JSON"
            raise TypeError(msg)


_write_fields = msgspec.json.Encoder(order="sorted", enc_hook=_plain).encode


def digest(content: bytes) -> str:
    """SHA-256 of ``content`` as 64 lower-case hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def read_json_object(content: bytes) -> Mapping[str, Any]:
    """Read one JSON object.

    Raises:
        PayloadError: not UTF-8 JSON, not an object, nested deeper than 32, or a repeated key.
    """
    check_depth(content)
    try:
        value = json.loads(content.decode("utf-8"), object_pairs_hook=_no_repeats, parse_constant=_no_constants)
    except (ValueError, RecursionError) as error:
        why = "it cannot be read as UTF-8 JSON without repeated keys"
        raise not_json(why) from error
    if not isinstance(value, dict):
        why = "it is not an object"
        raise not_json(why)
    return value


def check_depth(content: bytes) -> None:
    """Check that no bracket stands deeper than 32, before any parser recurses into it.

    Raises:
        PayloadError: one does.
    """
    if content.count(b"{") + content.count(b"[") <= DEEPEST_NESTING:
        return
    depth = 0
    for token in _TEXT_OR_BRACKET.finditer(content):
        bracket = token.group()
        if bracket in _OPENING:
            depth += 1
        elif bracket in _CLOSING:
            depth -= 1
        if depth > DEEPEST_NESTING:
            why = f"it is nested deeper than {DEEPEST_NESTING}"
            raise not_json(why)


def _no_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        msg = "a key is repeated"
        raise ValueError(msg)
    return value


def _no_constants(name: str) -> Any:
    msg = f"{name} is not JSON"
    raise ValueError(msg)


def not_json(why: str) -> PayloadError:
    """The error for content that is not JSON as the contract wants it."""
    return PayloadError(
        f"the content is not acceptable JSON: {why}",
        code="payload.not_json",
        remedy="send one UTF-8 JSON object as the event type's schema describes",
    )
