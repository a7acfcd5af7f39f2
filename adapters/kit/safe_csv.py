"""CSV from outside: ragged rows, odd encodings and cut ends are said, never lost."""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from adapters.kit.errors import ContentError
from adapters.kit.flags import Flags
from adapters.kit.text import decode

QUOTE = '"'


@dataclass(frozen=True, slots=True)
class Row:
    """One row below the header.

    ``line`` is its first line in the file, from 1. ``cells`` are stripped, by header name in lower
    case with spaces as underscores; cells missing at the end are empty, cells too many are left out of it.
    ``problem`` is empty, or the ``content.*`` code for which the row cannot be used.
    """

    line: int
    cells: Mapping[str, str]
    raw: bytes
    flags: tuple[str, ...] = ()
    problem: str = ""


@dataclass(slots=True)
class _Lines:
    """Hands out lines and remembers which ones the current row took."""

    lines: list[str]
    place: int = 0
    taken: list[str] = field(default_factory=list)

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if self.place >= len(self.lines):
            raise StopIteration
        line = self.lines[self.place]
        self.place += 1
        self.taken.append(line)
        return line

    def is_at_end(self) -> bool:
        return self.place >= len(self.lines)

    def give_back(self) -> None:
        """Keep only the first line of the current row; the others are read again as rows of their own."""
        self.place -= len(self.taken) - 1
        self.taken = self.taken[:1]


def read_csv(content: bytes, *, needs: frozenset[str] = frozenset()) -> Iterator[Row]:
    """Yield every row below the header that is not blank.

    Args:
        content: the file's bytes.
        needs: header names without which this is another kind of file.

    Raises:
        ContentError: empty, too large, undecodable, or a header without the names it ``needs``.
    """
    encoding = Flags()
    lines = _Lines(_split(decode(content, encoding)))
    rows = csv.reader(lines)
    header = _header(rows, needs)
    while not lines.is_at_end():
        first = lines.place + 1
        lines.taken = []
        row = _row(rows, lines, header)
        if row is not None:
            yield Row(first, row.cells, row.raw, (*encoding.all(), *row.flags), row.problem)


def _split(text: str) -> list[str]:
    """Lines at CR, LF or CRLF alone; a form feed or a Unicode separator inside a cell ends nothing."""
    parts = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    whole = [f"{part}\n" for part in parts[:-1]]
    return [*whole, parts[-1]] if parts[-1] else whole


def _header(rows: Iterator[list[str]], needs: frozenset[str]) -> list[str]:
    try:
        header = [_name(cell) for cell in next(rows)]
    except (csv.Error, StopIteration):
        header = []
    missing = sorted(needs - set(header))
    if missing or not header:
        msg = f"the header lacks {', '.join(missing) or 'every name'}"
        raise ContentError(
            msg,
            code="content.wrong_format",
            path="line 1",
            remedy="check that the file is the extract that this adapter reads, header row first",
        )
    return header


def _name(cell: str) -> str:
    return "_".join(cell.strip().lower().split())


def _row(rows: Iterator[list[str]], lines: _Lines, header: list[str]) -> Row | None:
    problem = ""
    cells: list[str] = []
    try:
        cells = [cell.strip() for cell in next(rows)]
    except csv.Error:
        problem = "content.not_csv"
    if not any(cells) and not problem:
        return None
    if not problem and _is_cut("".join(lines.taken), cells, header, at_end=lines.is_at_end()):
        problem = "content.truncated"
    if problem and _swallowed_rows(lines.taken, len(header)):
        lines.give_back()
        problem = "content.not_csv"
    ragged = not problem and len(cells) != len(header)
    padded = [*cells, *[""] * (len(header) - len(cells))]
    raw = "".join(lines.taken).encode()
    return Row(0, dict(zip(header, padded, strict=False)), raw, ("row.ragged",) if ragged else (), problem)


def _is_cut(raw: str, cells: list[str], header: list[str], *, at_end: bool) -> bool:
    if not at_end:
        return False
    return raw.count(QUOTE) % 2 == 1 or (len(cells) < len(header) and not raw.endswith("\n"))


def _swallowed_rows(taken: list[str], width: int) -> bool:
    """Whether a lost quote has drawn whole further rows into this one."""
    return any(line.count(",") >= width - 1 for line in taken[1:])
