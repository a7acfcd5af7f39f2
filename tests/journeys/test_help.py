"""Given somebody new, when they ask for help, then every command answers at once with an example."""

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import typer.main
from typer.core import TyperGroup

from broker.cli.exit_codes import OTHER, exit_code
from broker.cli.main import app
from infra.docs.errors import listed_codes
from tests.journeys.conftest import Mash

HEAVY = ("sqlalchemy", "pydantic", "wasmtime", "lxml", "cryptography")


def _commands(command: Any, words: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    if isinstance(command, TyperGroup):
        for name, each in sorted(command.commands.items()):
            yield from _commands(each, (*words, name))
    else:
        yield words


COMMANDS = list(_commands(typer.main.get_command(app)))


def test_given_the_command_when_it_is_looked_over_then_all_that_is_promised_is_there() -> None:
    words = {" ".join(command) for command in COMMANDS}

    assert words >= {
        "demo", "serve", "tick", "person add", "read", "ingest", "request", "children", "view", "explain",
        "tasks list", "tasks open", "tasks decide", "policy decide", "policy scenarios", "ledger verify",
        "ledger prove", "ledger checkpoint", "reconcile", "doctor",
    }  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_given_any_command_when_its_help_is_asked_for_then_an_example_stands_there(
    mash: Mash, command: tuple[str, ...]
) -> None:
    ran = mash(*command, "--help")

    assert ran.code == 0
    assert f"Example: mash {' '.join(command)}" in ran.text


def test_given_a_mistyped_command_when_it_is_run_then_usage_is_shown(mash: Mash) -> None:
    ran = mash("viev")

    assert ran.code == 2
    assert "viev" in ran.said


def test_given_help_when_it_is_asked_for_then_nothing_heavy_is_loaded() -> None:
    asked = "import sys; from broker.cli.main import main\ntry: main(['--help'])\nexcept SystemExit: pass\n"
    loaded = f"print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)"

    ran = subprocess.run([sys.executable, "-c", asked + loaded], check=True, capture_output=True, text=True)

    assert ran.stderr.strip() == "[]"


def test_given_an_error_of_the_broker_when_it_ends_a_command_then_its_family_has_an_exit_code() -> None:
    own = [listed.code for listed in listed_codes()]
    strange = sorted({code.partition(".")[0] for code in own if exit_code(code) == OTHER})

    assert own
    assert not strange
