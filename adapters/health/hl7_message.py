"""HL7 v2 files to messages: line ends, batches, framing and doubled backslashes put right; fields by number."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import hl7

from adapters.kit.errors import ContentError
from adapters.kit.flags import Flags
from adapters.kit.text import decode

LONGEST_MESSAGE = 200_000
"""Characters. An admission message has some thousands."""

_FRAMING = str.maketrans({"\x0b": "\n", "\x1c": "\n"})
_HEADER = re.compile(r"MSH(?P<bar>[^A-Za-z0-9\s])[^A-Za-z0-9\s]{2,5}(?P=bar)")
_BATCH_STARTS = ("FHS", "BHS")
_BATCH_ENDS = ("FTS", "BTS")
_WRAPPING = (*_BATCH_STARTS, *_BATCH_ENDS)
_SEGMENT = re.compile(r"[A-Z][A-Z0-9]{2}")
_ESCAPE = re.compile(r"\\([^\\\s]{1,40})\\")
_DOUBLED = "\\\\"
_NULL = '""'
_BREAKS = (".br", ".sp", ".ce")
_WRONG_FORMAT = ContentError(
    "the content holds no HL7 version 2 message",
    code="content.not_hl7",
    remedy="check that the file is HL7 v2, with a message header (MSH) first",
)


@dataclass(frozen=True, slots=True)
class Raw:
    """One message as it stood in the file. ``text`` has one segment per line.

    ``is_last``: nothing follows it, so that it may be cut short. ``has_end``: its last segment is ended.
    """

    number: int
    line: int
    text: str
    is_last: bool
    has_end: bool
    flags: tuple[str, ...] = ()

    @property
    def position(self) -> str:
        """Where it stands, for a person."""
        return f"message {self.number}, line {self.line}"

    @property
    def bytes(self) -> bytes:
        """What is kept if it goes to quarantine."""
        return self.text.encode()


def _tells_parts_apart(header: str) -> bool:
    """Whether no character of a header's own declaration (MSH-1 and MSH-2) separates two sorts of part."""
    field = header[3]
    declared = header[3:].split(field, 2)[1]
    return len({field, *declared}) == 1 + len(declared)


class Message:
    """One parsed message; every field that is absent reads as empty text."""

    def __init__(self, raw: Raw) -> None:
        """Parse one message.

        Raises:
            ContentError: ``content.not_hl7``, it is none; ``content.too_large``, no real one is as long.
        """
        if len(raw.text) > LONGEST_MESSAGE:
            msg = f"the message is longer than {LONGEST_MESSAGE} characters"
            raise ContentError(
                msg, code="content.too_large", path=raw.position, remedy="send messages without documents in them"
            )
        lines = [line for line in raw.text.split("\n") if _SEGMENT.match(line)]
        if not lines or not _HEADER.match(lines[0]) or not _tells_parts_apart(lines[0]):
            raise _WRONG_FORMAT
        try:
            self._segments = list(hl7.parse("\r".join(lines)))
        except (hl7.HL7Exception, LookupError, ValueError):
            raise _WRONG_FORMAT from None
        self._escapes = {"F": lines[0][3], "S": "^", "T": "&", "R": "~", "E": "\\", "P": ""}

    def names(self) -> tuple[str, ...]:
        """The segments' names in order."""
        return tuple(str(segment[0]) for segment in self._segments)

    def segments(self, name: str) -> tuple["Segment", ...]:
        """Every segment called ``name``, in order."""
        return tuple(Segment(one, self._escapes) for one in self._segments if str(one[0]) == name)

    def first(self, name: str) -> "Segment":
        """The first segment called ``name``, or one in which every field is empty."""
        found = self.segments(name)
        return found[0] if found else Segment([], self._escapes)


@dataclass(frozen=True, slots=True)
class Segment:
    """One segment. Fields, repetitions and components count from 1, as HL7 does."""

    content: list[object]
    escapes: dict[str, str]

    def __bool__(self) -> bool:
        return bool(self.content)

    def __len__(self) -> int:
        return max(0, len(self.content) - 1)

    def get(self, field: int, component: int = 1, *, repetition: int = 1, sub: int = 1) -> str:
        """One value, stripped and with its escapes undone. HL7's null (two quotes) reads as empty."""
        value: object = self.content
        for index in (field, repetition - 1, component - 1, sub - 1):
            value = _part(value, index)
        text = str(value).strip()
        return "" if text == _NULL else self._unescaped(text)

    def is_null(self, field: int) -> bool:
        """Whether the sender says outright that the field is now empty."""
        return str(_part(self.content, field)).strip() == _NULL

    def repetitions(self, field: int) -> range:
        """The numbers of a field's repetitions."""
        value = _part(self.content, field)
        count = len(value) if isinstance(value, list) else int(bool(value))
        return range(1, count + 1)

    def values(self, field: int, *, repetition: int = 1) -> Iterator[str]:
        """Every component and subcomponent of one repetition that is not empty, in order."""
        whole = _part(_part(self.content, field), repetition - 1)
        for component in whole if isinstance(whole, list) else [whole]:
            for value in component if isinstance(component, list) else [component]:
                text = self._unescaped(str(value).strip())
                if text and text != _NULL:
                    yield text

    def _unescaped(self, text: str) -> str:
        return _ESCAPE.sub(self._unescape_one, text) if "\\" in text else text

    def _unescape_one(self, found: re.Match[str]) -> str:
        mark = found.group(1)
        if mark in self.escapes:
            return self.escapes[mark]
        if mark.lower().startswith(_BREAKS):
            return "\n"
        if mark[0] == "X" and re.fullmatch(r"(?:[0-9A-Fa-f]{2})+", mark[1:]):
            return bytes.fromhex(mark[1:]).decode("utf-8", "replace")
        return ""


def split(content: bytes) -> Iterator[Raw]:
    """Yield every message of a file: alone, one after another, framed (MLLP), or in a batch.

    Raises:
        ContentError: empty, too large, undecodable, or without any message.
    """
    flags = Flags()
    text = decode(content, flags).translate(_FRAMING).replace("\r\n", "\n").replace("\r", "\n")
    lines = text.lstrip("\ufeff").split("\n")
    starts = [number for number, line in enumerate(lines) if line.startswith("MSH")]
    if not starts or any(line.strip() and not line.startswith(_BATCH_STARTS) for line in lines[: starts[0]]):
        raise _WRONG_FORMAT
    has_trailer = any(line.startswith(_BATCH_ENDS) for line in lines[starts[-1] :])
    if lines[0].startswith(_BATCH_STARTS) and not has_trailer:
        flags.add("batch.no_trailer")
    for number, (start, end) in enumerate(zip(starts, [*starts[1:], len(lines)], strict=True), start=1):
        own = [
            line for line in lines[start:end] if line.strip() and not line.startswith((*_BATCH_ENDS, *_BATCH_STARTS))
        ]
        is_last = end == len(lines) and not has_trailer
        yield Raw(number, start + 1, _plain("\n".join(own)), is_last, not is_last or not lines[-1], flags.all())


def _plain(text: str) -> str:
    """A message whose every backslash was doubled by whatever wrote the file."""
    return text.replace(_DOUBLED, _DOUBLED[0]) if _DOUBLED in text[4:9] else text


def _part(value: object, index: int) -> object:
    if isinstance(value, list):
        return value[index] if index < len(value) else ""
    return value if index == 0 else ""
