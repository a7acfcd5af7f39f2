"""Commands of whoever runs the database of the exchange's processes."""

from pathlib import Path
from typing import Annotated

import typer

from broker.cli.shared import OPERATORS, HomeOption, console, errors, home_chosen, waiting
from broker.core.process_kinds import ProcessKind

database_app = typer.Typer(help="Lay out the exchange's PostgreSQL: its tables, and what each kind of process may do.",
                           no_args_is_help=True)  # fmt: skip


def register(app: typer.Typer) -> None:
    """Add these commands."""
    database_app.command("apply")(apply)
    database_app.command("login")(login)
    database_app.command("move")(move)
    app.add_typer(database_app, name="database", rich_help_panel=OPERATORS)


def apply(home: HomeOption = None) -> None:
    """Make the tables and roles that are not there, and give each role its rights and no others.

    As the database's owner, whom MASH_DATABASE_URL names. Changes nothing where all is right; processes may run.

    Example:  mash database apply
    """
    from broker.runtimes.database import laid_out
    from broker.runtimes.settings import read_settings

    with waiting("laying out the database"):
        found = laid_out(read_settings(home=home or home_chosen.get("home")))
    for user, signs_in in found.items():
        kind = user.rpartition("_")[2]
        hint = "" if signs_in else f", and cannot sign in yet: mash database login {kind} --password-file FILE"
        console().print(f"{user}: may do what {kind} does{hint}.", markup=False, soft_wrap=True)


def login(
    kind: Annotated[ProcessKind, typer.Argument(help="Which kind of process.", metavar="hub|sequencer|release")],
    password_file: Annotated[Path, typer.Option(help="A file with the password, which those processes are given too.")],
    home: HomeOption = None,
) -> None:
    """Let one kind of process sign in with this password from now on, and with no other.

    Processes that are connected stay so: start them anew with the new password.

    Example:  mash database login hub --password-file secrets/postgres-hub
    """
    from broker.runtimes.database import let_in
    from broker.runtimes.settings import read_settings

    settings = read_settings(home=home or home_chosen.get("home"))
    try:
        password = password_file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        msg = f"{password_file} cannot be read"
        raise typer.BadParameter(msg, param_hint="--password-file") from None
    with waiting("asking PostgreSQL"):
        user = let_in(settings, kind, password)
    console().print(f"{user} may sign in. Name it in MASH_DATABASE_URL of that process.", markup=False)


def move(home: HomeOption = None) -> None:
    """Move a home that has outgrown its files: journal and ledger go into the database, whole, and the files go.

    Stop every process of the home first, and back it up. Every row is compared before a file is removed. Whatever
    interrupts it, run it again.

    Example:  mash database move, with MASH_DATABASE_URL=postgresql://mash@db.example:5432/mash in the environment
    """
    from rich.progress import Progress, TextColumn

    from broker.runtimes.database import moved_in
    from broker.runtimes.settings import read_settings

    settings = read_settings(home=home or home_chosen.get("home"))
    with Progress(TextColumn("moving {task.description}"), console=errors(), transient=True) as progress:
        bar = progress.add_task("")
        moved = moved_in(
            settings, lambda store, rows: progress.update(bar, description=f"{store}: {rows:,} rows so far")
        )
    for store, rows in moved.items():
        console().print(f"{store}: {rows:,} rows are in the database, and its file is gone.", markup=False)
    console().print("Next:  mash database apply  then  mash ledger verify  and  mash reconcile")
