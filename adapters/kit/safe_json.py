"""JSON from outside: bounded size and depth, no repeated keys, and a cut end salvaged up to the last whole item."""

import json
import re
from dataclasses import dataclass
from typing import Any

from adapters.kit.errors import ContentError
from adapters.kit.flags import Flags
from adapters.kit.limits import DEEPEST, too_deep
from adapters.kit.text import decode

_TOKENS = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}]', re.DOTALL)
_SALVAGE_DEPTH = 2
_CLOSES = {"{": "}", "[": "]"}


@dataclass(frozen=True, slots=True)
class JsonContent:
    """What could be read.

    ``value`` is the whole content, or what stands before the break. ``broken`` is empty, or the
    bytes from the break on; ``line`` is where they start. ``flags`` are the encoding's.
    """

    value: Any
    flags: tuple[str, ...] = ()
    broken: bytes = b""
    line: int = 0


def read_json(content: bytes) -> JsonContent:
    """Read a JSON document; one cut short gives the items that are whole.

    An item is an element of the outermost list, or of a list that is a value of the outermost object.

    Raises:
        ContentError: empty, too large, undecodable, nested too deeply, or not JSON from the start.
    """
    flags = Flags()
    text = decode(content, flags)
    ends = _item_ends(text)
    try:
        return JsonContent(_loads(text), flags.all())
    except ValueError:
        return _salvaged(text, ends, flags.all())


def read_json_lines(content: bytes) -> tuple[JsonContent, ...]:
    """Read one JSON value per line; a line that is none has value ``None`` and its bytes in ``broken``.

    Raises:
        ContentError: empty, too large, undecodable, or nested too deeply.
    """
    flags = Flags()
    text = decode(content, flags)
    out = []
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        _item_ends(line)
        try:
            out.append(JsonContent(_loads(line), flags.all(), line=number))
        except ValueError:
            out.append(JsonContent(None, flags.all(), broken=line.encode(), line=number))
    return tuple(out)


def item_bytes(item: Any) -> bytes:
    """An item written again, for a keyed digest or for quarantine: keys sorted, no spaces."""
    return json.dumps(item, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "surrogatepass")


def _loads(text: str) -> Any:
    try:
        return json.loads(text, object_pairs_hook=_no_repeats, parse_constant=_no_constants)
    except RecursionError:
        raise too_deep() from None


def _item_ends(text: str) -> list[tuple[int, str]]:
    """Where each item of depth one or two ends, with the brackets still open there.

    Raises:
        ContentError: nested too deeply.
    """
    ends: list[tuple[int, str]] = []
    open_brackets: list[str] = []
    for token in _TOKENS.finditer(text):
        mark = token.group()
        if mark[0] == '"':
            continue
        if mark in _CLOSES:
            open_brackets.append(mark)
            if len(open_brackets) > DEEPEST:
                raise too_deep()
        elif open_brackets:
            open_brackets.pop()
            if 0 < len(open_brackets) <= _SALVAGE_DEPTH:
                ends.append((token.end(), "".join(open_brackets)))
    return ends


def _salvaged(text: str, ends: list[tuple[int, str]], flags: tuple[str, ...]) -> JsonContent:
    """The longest readable beginning, found by halving: what is readable up to one item is so up to any before it."""
    low, high = 0, len(ends)
    best: tuple[int, Any] | None = None
    while low < high:
        middle = (low + high) // 2
        place, brackets = ends[middle]
        try:
            value = _loads(text[:place] + "".join(_CLOSES[mark] for mark in reversed(brackets)))
        except ValueError:
            high = middle
        else:
            best = (place, value)
            low = middle + 1
    if best is None:
        msg = "the content is not JSON, or ends before its first whole item"
        raise ContentError(msg, code="content.not_json", remedy="send the file again, whole")
    place, value = best
    line = text.count("\n", 0, place) + 1
    return JsonContent(value, flags, text[place:].encode("utf-8", "surrogatepass"), line)


def _no_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        msg = "a key is repeated"
        raise ValueError(msg)
    return value


def _no_constants(name: str) -> Any:
    msg = f"{name} is not JSON"
    raise ValueError(msg)
