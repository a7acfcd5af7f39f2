"""The command `mash`: every way in, its exit codes, and how an error is told."""

import sys
from collections.abc import Mapping

import typer

from broker.cli import agency_commands, child_commands, demo_command, home_commands, ledger_commands, policy_commands
from broker.core.errors import MashError
from contracts.errors import ContractError

EXIT_CODES: Mapping[str, int] = {
    "home": 10,
    "settings": 10,
    "registry": 10,
    "keys": 10,
    "store": 10,
    "agency": 11,
    "adapter": 11,
    "content": 11,
    "spool": 11,
    "envelope": 12,
    "signature": 12,
    "payload": 12,
    "policy": 13,
    "engine": 13,
    "agreement": 13,
    "scenario": 13,
    "ledger": 14,
    "leaf": 14,
    "note": 14,
    "checkpoint": 14,
    "reconcile": 15,
    "people": 17,
    "view": 17,
    "task": 16,
    "approval": 16,
    "sign_in": 17,
    "read": 17,
    "explain": 17,
    "delivery": 18,
    "recipient": 18,
}
"""Exit code by the first word of an error's code. 0: done. 1: a check found something. 2: wrong usage. 19: other."""

OTHER = 19

app = typer.Typer(
    name="mash",
    help="Shares what may lawfully be shared about a child, at once, and shows who was told what and why.",
    epilog="See it at work:  mash demo        In immediate danger ring 999.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
)
for commands in (demo_command, home_commands, agency_commands, child_commands, policy_commands, ledger_commands):
    commands.register(app)


def main() -> None:
    """Run the command; tell an error by what happened, what to do and its code."""
    try:
        app()
    except (MashError, ContractError) as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(EXIT_CODES.get(error.code.split(".", 1)[0], OTHER))


if __name__ == "__main__":
    main()
