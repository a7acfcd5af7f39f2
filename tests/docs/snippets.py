"""Reads the console blocks of the README and the documentation."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from markdown_it import MarkdownIt

from tests.support.tree import kept, name

RUN = re.compile(r"<!--\s*run(?::\s*exit\s+(?P<exit>\d+))?\s*-->")
NOT_RUN = re.compile(r"<!--\s*not run:\s*(?P<why>\S.*?)\s*-->", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Step:
    """One command of a console block, and the lines that the page shows beneath it."""

    command: str
    shown: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """One console block. ``why_not`` says why it is not run; ``exit_code`` is that of its last command."""

    page: str
    line: int
    steps: tuple[Step, ...]
    exit_code: int = 0
    why_not: str | None = None
    is_marked: bool = True


@cache
def pages() -> tuple[Path, ...]:
    """List the README, its neighbours and every page under docs."""
    return tuple(
        place for place in kept(".md") if "/" not in name(place) or name(place).startswith(("docs/", "infra/"))
    )


def blocks(page: Path) -> list[Block]:
    """List a page's console blocks in reading order."""
    tokens = MarkdownIt("commonmark").parse(page.read_text(encoding="utf-8"))
    return [
        _block(page, token.map[0] + 1 if token.map else 0, token.content, tokens[place - 1].content if place else "")
        for place, token in enumerate(tokens)
        if token.type == "fence" and token.info.strip() == "console"
    ]


def _block(page: Path, line: int, content: str, before: str) -> Block:
    steps = tuple(_steps(content))
    if found := RUN.search(before):
        return Block(name(page), line, steps, exit_code=int(found["exit"] or 0))
    if found := NOT_RUN.search(before):
        return Block(name(page), line, steps, why_not=found["why"])
    return Block(name(page), line, steps, is_marked=False)


def _steps(content: str) -> list[Step]:
    """Split at prompts: a line that begins with ``$`` is a command, ``>`` goes on with it, the rest is its output."""
    steps: list[Step] = []
    for line in content.splitlines():
        if line.startswith("$ "):
            steps.append(Step(line[2:], ()))
        elif line.startswith("> ") and steps:
            steps[-1] = Step(f"{steps[-1].command}\n{line[2:]}", ())
        elif steps and line.strip() not in {"", "..."}:
            steps[-1] = Step(steps[-1].command, (*steps[-1].shown, line.strip()))
    return steps
