"""Commands of whoever audits: verify the ledger, prove an entry, print a checkpoint."""

from pathlib import Path
from typing import Annotated

import typer

from broker.cli.exit_codes import FOUND_SOMETHING
from broker.cli.shared import AUDITORS, HomeOption, JsonOption, console, errors, opened, print_json

ledger_app = typer.Typer(help="The audit ledger, a sealed log: nobody can change it unseen.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add these commands."""
    ledger_app.command("verify")(verify)
    ledger_app.command("prove")(prove)
    ledger_app.command("checkpoint")(checkpoint)
    app.add_typer(ledger_app, name="ledger", rich_help_panel=AUDITORS)


def verify(
    against: Annotated[
        Path | None,
        typer.Option(
            "--against", help="A checkpoint kept elsewhere; without it some fraud cannot be seen.", exists=True
        ),
    ] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Check every entry, every kept checkpoint and every sealed record. Names the first bad place; exits with 1.

    Example:  mash ledger verify --against checkpoint-of-last-month.txt
    """
    from rich.progress import Progress

    from broker.runtimes.as_json import plain

    earlier = against.read_text(encoding="utf-8") if against else None
    with opened(home) as runtime, Progress(console=errors(), transient=True) as progress:
        bar = progress.add_task("checking", total=None)
        found = runtime.verify_ledger(
            against=earlier, tell=lambda done, total: progress.update(bar, completed=done, total=total)
        )
    if as_json:
        print_json(plain(found))
    else:
        for line in found.lines:
            console().print(line, markup=False)
    if not found.is_sound:
        raise typer.Exit(FOUND_SOMETHING)


def prove(
    entry: Annotated[int, typer.Argument(help="The number of the log entry, from 0.")], home: HomeOption = None
) -> None:
    """Print a proof (C2SP tlog-proof) that one entry is in the ledger, to be checked anywhere.

    Example:  mash ledger prove 12 > entry-12.tlog-proof
    """
    with opened(home) as runtime:
        typer.echo(runtime.prove(entry), nl=False)


def checkpoint(home: HomeOption = None) -> None:
    """Print the latest signed checkpoint. Keep it elsewhere, to compare with later.

    Example:  mash ledger checkpoint > checkpoint-today.txt
    """
    with opened(home) as runtime:
        typer.echo(runtime.checkpoint(), nl=False)
