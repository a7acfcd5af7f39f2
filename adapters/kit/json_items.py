"""One native record after another out of JSON from outside: a list, a wrapped list, or one object per line.

What is broken costs no more than itself: the other items are still read, each with its own bytes.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from adapters.kit.errors import ContentError
from adapters.kit.flags import Flags
from adapters.kit.limits import DEEPEST, too_deep
from adapters.kit.text import decode

_TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|["\[\]{}]', re.DOTALL)
_SPACE = re.compile(r"\s*")
_SCALAR = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[^\s,\[\]{}":]+', re.DOTALL)
_NAME = re.compile(r'\s*,?\s*"([^"\\]*)"\s*:\s*')
_NEXT_LINE = re.compile(r"\n\s*(?=\{)")
_CLOSES = {"{": "}", "[": "]"}
_MOST_BREAKS = 100
_EMPTY = "content.empty"
_TRUNCATED = "content.truncated"
_NOT_JSON = "content.not_json"
_REMEDIES = {
    _EMPTY: "send it again; an empty file is never a real extract",
    _TRUNCATED: "ask the sender for the whole file; what stands before the break has been read",
    _NOT_JSON: "ask the supplier what wrote this; what stands around it has been read",
}


@dataclass(frozen=True, slots=True)
class Item:
    """One native record of a file, or the part that cannot be read.

    ``place`` counts from 1. ``value`` is the parsed item. Where ``problem`` names a ``content.*``
    code there is no value, and ``remedy`` says what to do. ``raw`` are the item's own bytes.
    """

    place: int
    value: Any
    raw: bytes
    flags: tuple[str, ...] = ()
    problem: str = ""
    remedy: str = ""

    def check(self) -> None:
        """Check that there is a value.

        Raises:
            ContentError: there is none; its code is ``problem``.
        """
        if self.problem:
            msg = "the item cannot be read"
            raise ContentError(msg, code=self.problem, remedy=self.remedy)


@dataclass(frozen=True, slots=True)
class _Part:
    """A stretch of text: where it ends, its value, and its problem if it has one."""

    end: int
    value: Any = None
    problem: str = ""


def read_items(content: bytes, *, wrappers: frozenset[str]) -> Iterator[Item]:
    """Yield every item of the file with its bytes; never raises.

    Args:
        content: the file's bytes.
        wrappers: names under which an outermost object may hold the list of items.
    """
    flags = Flags()
    try:
        text = decode(content, flags)
    except ContentError as error:
        yield Item(1, None, content, (), error.code, error.remedy)
        return
    start = _after_space(text, 0)
    for place, (begin, part) in enumerate(_parts(text, start, wrappers), start=1):
        raw = text[begin : part.end].encode("utf-8", "surrogatepass")
        remedy = _REMEDIES.get(part.problem, too_deep().remedy) if part.problem else ""
        yield Item(place, part.value, raw, flags.all(), part.problem, remedy)


def _parts(text: str, start: int, wrappers: frozenset[str]) -> Iterator[tuple[int, _Part]]:
    listed = _list_start(text, start, wrappers)
    if listed is None:
        return _one_after_another(text, start)
    return _of_list(text, listed, wrapped=listed != start)


def _list_start(text: str, start: int, wrappers: frozenset[str]) -> int | None:
    """Where the list of items opens: at once, or under a wrapper's name; none where there is no list."""
    if text.startswith("[", start):
        return start
    at = start + 1
    while text.startswith("{", start) and (name := _NAME.match(text, at)) is not None:
        at = name.end()
        if text.startswith("[", at) and name.group(1) in wrappers:
            return at
        value = _value(text, at)
        if value.problem:
            return None
        at = value.end
    return None


def _of_list(text: str, start: int, *, wrapped: bool) -> Iterator[tuple[int, _Part]]:
    at = _after_space(text, start + 1)
    is_first = True
    while not text.startswith("]", at):
        if not is_first:
            if not text.startswith(",", at):
                yield at, _rest(text, at)
                return
            at = _after_space(text, at + 1)
        part = _value(text, at)
        yield at, part
        if part.end >= len(text):
            if not part.problem:
                yield part.end, _Part(len(text), None, _TRUNCATED)
            return
        at, is_first = _after_space(text, part.end), False
    tail = _after_space(text, at + 1)
    if not wrapped and tail < len(text):
        yield tail, _rest(text, tail)


def _one_after_another(text: str, start: int) -> Iterator[tuple[int, _Part]]:
    if start >= len(text):
        yield 0, _Part(len(text), None, _EMPTY)
    at, breaks = start, 0
    while at < len(text):
        part = _value(text, at)
        if part.problem == _NOT_JSON and not text.startswith("{", at):
            part = _Part(_next_object(text, at, breaks), None, _NOT_JSON)
        elif part.problem == _TRUNCATED and (end := _next_object(text, at, breaks)) < len(text):
            part = _Part(end, None, _NOT_JSON)
        breaks += part.problem != ""
        yield at, part
        at = _after_space(text, part.end)


def _next_object(text: str, at: int, breaks: int) -> int:
    """Where the line before the next object ends; the text's end where there is none, or too much is broken."""
    following = _NEXT_LINE.search(text, at + 1) if breaks < _MOST_BREAKS else None
    return len(text) if following is None else following.start()


def _value(text: str, at: int) -> _Part:
    """The value that starts at ``at``, skipped as a whole even where it is not JSON inside."""
    if at >= len(text):
        return _Part(len(text), None, _TRUNCATED)
    end = _end_of_brackets(text, at) if text[at] in _CLOSES else _end_of_scalar(text, at)
    if end is None:
        return _Part(len(text), None, _TRUNCATED)
    if end < 0:
        return _Part(-end, None, too_deep().code)
    try:
        return _Part(end, json.loads(text[at:end], object_pairs_hook=_no_repeats, parse_constant=_no_constants))
    except (ValueError, RecursionError):
        return _Part(end, None, _NOT_JSON)


def _end_of_brackets(text: str, at: int) -> int | None:
    """Where the bracket that opens at ``at`` closes; negated if nested too deeply, none if it never does."""
    depth = deepest = 0
    for token in _TOKEN.finditer(text, at):
        mark = token.group()
        if mark in _CLOSES:
            depth += 1
            deepest = max(deepest, depth)
        elif mark in _CLOSES.values():
            depth -= 1
            if depth == 0:
                return token.end() if deepest <= DEEPEST else -token.end()
        elif mark == '"':
            break
    return -len(text) if deepest > DEEPEST else None


def _end_of_scalar(text: str, at: int) -> int | None:
    found = _SCALAR.match(text, at)
    if found is not None:
        return found.end()
    return None if text[at] == '"' else at + 1


def _rest(text: str, at: int) -> _Part:
    return _Part(len(text), None, _TRUNCATED if at >= len(text) else _NOT_JSON)


def _after_space(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return at if found is None else found.end()


def _no_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        msg = "a key is repeated"
        raise ValueError(msg)
    return value


def _no_constants(name: str) -> Any:
    msg = f"{name} is not JSON"
    raise ValueError(msg)
