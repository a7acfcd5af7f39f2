"""The command `mash`: every way in, its exit codes, and how an error is told."""

import sys
from collections.abc import Sequence

import typer

from broker.cli import (
    advice_commands,
    agency_commands,
    agreement_commands,
    child_commands,
    database_commands,
    demo_command,
    forgetting_commands,
    home_commands,
    identity_commands,
    ledger_commands,
    policy_commands,
    process_commands,
    task_commands,
    topics_commands,
)
from broker.cli.exit_codes import exit_code
from broker.core.errors import MashError
from contracts.errors import ContractError

EPILOGUE = """See it at work:  mash demo
Exit codes: 0 done, 1 a check found something, 2 wrong usage, 10-19 an error by family (docs/reference/commands.md).
In immediate danger ring 999."""

app = typer.Typer(
    name="mash",
    help="Shares what may lawfully be shared about a child, at once, and shows who was told what and why.",
    epilog=EPILOGUE.replace("\n", "\n\n"),
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["--help", "-h"]},
)
for commands in (
    demo_command,
    advice_commands,
    child_commands,
    task_commands,
    identity_commands,
    agency_commands,
    ledger_commands,
    forgetting_commands,
    agreement_commands,
    policy_commands,
    home_commands,
    process_commands,
    topics_commands,
    database_commands,
):
    commands.register(app)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command; tell an error by what happened, what to do and its code."""
    try:
        app(arguments)
    except (MashError, ContractError) as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(exit_code(error.code))


if __name__ == "__main__":
    main()
