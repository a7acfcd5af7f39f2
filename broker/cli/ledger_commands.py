"""Commands of whoever audits: verify the ledger, prove an entry, print a checkpoint."""

from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from broker.cli.exit_codes import FOUND_SOMETHING
from broker.cli.shared import (
    AUDITORS,
    HomeOption,
    JsonOption,
    PersonOption,
    console,
    errors,
    home_chosen,
    opened,
    print_json,
    signed_in,
    waiting,
)

ledger_app = typer.Typer(help="The audit ledger, a sealed log: nobody can change it unseen.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add these commands."""
    ledger_app.command("verify")(verify)
    ledger_app.command("prove")(prove)
    ledger_app.command("verify-proof")(verify_proof)
    ledger_app.command("keys")(keys)
    ledger_app.command("export")(export)
    ledger_app.command("checkpoint")(checkpoint)
    ledger_app.command("follow")(follow)
    ledger_app.command("restore")(restore)
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
    what: Annotated[
        str, typer.Argument(help="A delivery, by id or its start (with --as); or the number of a log entry, from 0.")
    ],
    role: Annotated[
        str | None, typer.Option("--as", help="Your role, to prove a delivery.", metavar="ROLE", show_default=False)
    ] = None,
    person: PersonOption = None,
    home: HomeOption = None,
) -> None:
    """Print a proof, to be checked anywhere without this home.

    Of a delivery, a proof of share: who was told what, when, under which law, and their receipts; of a log entry by
    its number, that it is in the ledger (C2SP tlog-proof).

    Example:  mash ledger prove 3f2a9c41 --as data_protection_officer > share.proof
    """
    if role is None and not what.isdecimal():
        msg = "to prove a delivery, say in which role you ask: --as ROLE"
        raise typer.BadParameter(msg)
    with opened(home) as runtime:
        if role is None:
            typer.echo(runtime.prove(int(what)), nl=False)
        else:
            typer.echo(runtime.prove_delivery(what, signed_in(runtime, role, person)), nl=False)


def verify_proof(
    proof: Annotated[Path, typer.Argument(help="The proof of share.", exists=True, dir_okay=False)],
    public: Annotated[
        Path, typer.Option("--keys", help="The public keys, as mash ledger keys prints them.", exists=True)
    ],
    as_json: JsonOption = False,
) -> None:
    """Check a proof of share with the public keys alone: no home, no network. Says what is proved and what is not.

    Example:  mash ledger verify-proof share.proof --keys wrenshire.keys
    """
    from broker.cli.proof_page import show_proved
    from broker.runtimes.as_json import plain
    from broker.runtimes.proofs import check_proof

    proved = check_proof(proof.read_bytes(), public.read_bytes().decode("utf-8", "replace"))
    if as_json:
        print_json(plain(proved))
    else:
        show_proved(console(), proved)


def keys(home: HomeOption = None) -> None:
    """Print the public keys of the log and of every recipient, to check proofs with.

    Example:  mash ledger keys > wrenshire.keys
    """
    with opened(home) as runtime:
        typer.echo(runtime.public_keys(), nl=False)


def export(
    folder: Annotated[Path, typer.Argument(help="The folder; made if it is not there.", file_okay=False)],
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Put the published log into a folder as static files (C2SP tlog-tiles), for any web server and for everybody.

    Again into the same folder adds what is new. It holds commitments only: nobody learns whose decision one was.

    Example:  mash ledger export /srv/log
    """
    from rich.progress import Progress

    from broker.runtimes.as_json import plain

    with opened(home) as runtime, Progress(console=errors(), transient=True) as progress:
        bar = progress.add_task("exporting", total=None)
        exported = runtime.export_ledger(
            folder, tell=lambda done, total: progress.update(bar, completed=done, total=total)
        )
    if as_json:
        print_json(plain(exported))
        return
    new = exported.size - exported.before
    told = f"{exported.size} log entries of {exported.log} stand in {folder}, {new} of them new."
    console().print(told, markup=False, soft_wrap=True)


def checkpoint(home: HomeOption = None) -> None:
    """Print the latest signed checkpoint. Keep it elsewhere, to compare with later.

    Example:  mash ledger checkpoint > checkpoint-today.txt
    """
    with opened(home) as runtime:
        typer.echo(runtime.checkpoint(), nl=False)


def follow(
    public: Annotated[
        Path, typer.Option("--keys", help="The public keys, as mash ledger keys prints them.", exists=True)
    ],
    watch: Annotated[bool, typer.Option("--watch", help="Go on, and look every ten seconds for more.")] = False,
) -> None:
    """Recompute the log from what is published on Kafka: each leaf in its place, each checkpoint over those before it.

    For partners: it needs the topic and the public keys, and no home. Exits with 14 at the first thing that cannot be
    true: a leaf that is missing, changed or out of order, a checkpoint that is not of these leaves.

    Example:  mash ledger follow --keys wrenshire.keys
    """
    from time import sleep

    from broker.runtimes.following import Following
    from broker.runtimes.settings import read_settings

    following = Following(public.read_text(encoding="utf-8", errors="replace"), read_settings().kafka)
    while True:
        with waiting("reading the published log"):
            new = following.turn()
        if new or not watch:
            console().print(following.told(), markup=False, soft_wrap=True)
        if not watch:
            return
        sleep(10)


def restore(home: HomeOption = None) -> None:
    """After a backup was put in: take from Kafka every log entry that was published and that the backup does not have.

    Without it nothing can be sealed any more, because it would contradict what partners hold. Stop everything of the
    exchange first. What the entries stood for, beyond their hashes, is lost; what agencies reported comes again by
    itself. Stopped half way, it is simply begun again.

    Example:  mash ledger restore, with MASH_KAFKA_USER=sequencer in the environment
    """
    from broker.runtimes.exchange import open_exchange
    from broker.runtimes.restoring import restore_from_topic
    from broker.runtimes.settings import read_settings

    settings = read_settings(home=home or home_chosen.get("home"))
    with closing(open_exchange(settings)) as exchange, waiting("comparing with the published log"):
        done = restore_from_topic(exchange, settings.kafka)
    if not done.added:
        console().print(f"Nothing is missing: the log has {done.size} entries.")
        return
    lost = done.added - done.known
    console().print(
        f"{done.added} published log entries were taken in; of {done.known} the record is here, of {lost} it is lost."
        f" The log has {done.size} entries. Start the exchange now.",
        soft_wrap=True,
    )
