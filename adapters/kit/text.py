"""Bytes to text: UTF-8 with or without a mark, UTF-16 with one, else Windows-1252, flagged."""

import codecs

from adapters.kit.errors import ContentError
from adapters.kit.flags import Flags
from adapters.kit.limits import LONGEST_LINE, LONGEST_TEXT, check_size

_CONTROLS = {code: None for code in range(32) if chr(code) not in "\t\n\r"}


def decode(content: bytes, flags: Flags) -> str:
    """Decode a file's bytes.

    Raises:
        ContentError: empty, too large, or in none of the encodings (``content.encoding``).
    """
    check_size(len(content))
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        flags.add("encoding.utf16")
        return _strictly(content, "utf-16")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        flags.add("encoding.cp1252")
    if b"\0" in content:
        raise _unknown_encoding()
    return _strictly(content, "cp1252")


def line(value: str | None, flags: Flags) -> str | None:
    """One line of the published contract: spaces joined, no control characters, at most 500; none if blank."""
    joined = " ".join((value or "").translate(_CONTROLS).split())
    return _short(joined, LONGEST_LINE, flags)


def free_text(value: str | None, flags: Flags) -> str | None:
    """A free text of the published contract: ends stripped, line ends as written, at most 20,000; none if blank."""
    return _short((value or "").translate(_CONTROLS).strip(), LONGEST_TEXT, flags)


def _short(value: str, longest: int, flags: Flags) -> str | None:
    if len(value) > longest:
        flags.add("text.shortened")
        return value[: longest - 1] + "…"
    return value or None


def _strictly(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        raise _unknown_encoding() from None


def _unknown_encoding() -> ContentError:
    msg = "the file is neither UTF-8, UTF-16 nor Windows-1252"
    return ContentError(msg, code="content.encoding", remedy="export it again as UTF-8")
