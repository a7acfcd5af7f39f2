"""The page of every command and option of `mash`, made from the command itself."""

from collections.abc import Iterator
from typing import Any

import typer.main
from typer.core import TyperArgument, TyperGroup, TyperOption

from broker.cli.exit_codes import MEANINGS
from broker.cli.main import app


def _commands(command: Any, words: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    if isinstance(command, TyperGroup):
        for name in sorted(command.commands):
            yield from _commands(command.commands[name], (*words, name))
    elif not command.hidden:
        yield words, command


def _row(parameter: Any) -> str | None:
    match parameter:
        case TyperOption(hidden=False):
            return f"| `{', '.join(parameter.opts)}` | {_line(parameter.help)} |"
        case TyperArgument(hidden=False):
            metavar = (parameter.metavar or parameter.name or "").upper()
            return f"| `{metavar}` | {_line(parameter.help)} |"
        case _:
            return None


def _line(text: str | None) -> str:
    return " ".join((text or "").split()).replace("|", "\\|")


def _section(words: tuple[str, ...], command: Any) -> str:
    rows = [row for row in map(_row, command.params) if row is not None]
    table = "\n".join(["| argument or option | meaning |", "|---|---|", *rows]) if rows else "It takes no argument."
    paragraphs = (command.help or "").replace("\f", "").strip()
    return f"## `{' '.join(words)}`\n\n{paragraphs}\n\n{table}\n"


def page() -> str:
    """Write the page."""
    sections = [_section(words, command) for words, command in _commands(typer.main.get_command(app), ("mash",))]
    return "\n".join(["# Commands\n\nMade by `make generate` from the command itself.\n", *sections, _exit_codes()])


def _exit_codes() -> str:
    rows = [f"| {code} | {meaning} |" for code, meaning in sorted(MEANINGS.items())]
    return "\n".join(["## Exit codes", "", "| code | what it says |", "|---|---|", *rows, ""])
