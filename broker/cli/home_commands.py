"""Commands of whoever runs the exchange: make a home, run it, look after it."""

import os
import signal
import sys
import threading
from pathlib import Path
from typing import Annotated

import typer

from broker.cli.exit_codes import FOUND_SOMETHING
from broker.cli.shared import (
    OPERATORS,
    HomeOption,
    JsonOption,
    console,
    errors,
    home_chosen,
    opened,
    print_json,
    waiting,
)
from broker.cli.words import count, moment

person_app = typer.Typer(help="People who use the exchange, their roles and signing keys.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.callback()(choose_home)
    for command in (init, serve, tick, reask, resend, reconcile, doctor, clock, upgrade):
        app.command(rich_help_panel=OPERATORS)(command)
    person_app.command("add")(person_add)
    person_app.command("renew")(person_renew)
    person_app.command("end")(person_end)
    person_app.command("list")(person_list)
    app.add_typer(person_app, name="person", rich_help_panel=OPERATORS)


def choose_home(home: HomeOption = None) -> None:
    """Share what may lawfully be shared about a child, and show who was told what, when and under which law."""
    home_chosen["home"] = home


def init(
    root_key: Annotated[Path, typer.Option("--root-key", help="Where to write the new root key: outside the home.")],
    agreements: Annotated[
        list[Path] | None,
        typer.Option("--agreement", help="Your agreement: a YAML file or a folder. Repeat for more.", metavar="PATH"),
    ] = None,
    home: HomeOption = None,
) -> None:
    """Make a home for the partnership, and its root key. Without an agreement it works by the fictional ones.

    Example:  mash init --home ./wrenshire --root-key ./wrenshire.root-key --agreement ./our-agreement
    """
    from broker.runtimes.agreements import use
    from broker.runtimes.embedded import Embedded
    from broker.runtimes.exchange import clock_of
    from broker.runtimes.home import Home, HomeError, make_root_key
    from broker.runtimes.settings import read_settings

    environment = {**os.environ, "MASH_ROOT_KEY_FILE": str(root_key)}
    settings = read_settings(environment, home=home or home_chosen.get("home"))
    if Home(settings.home).registry.exists():
        msg = f"there is a home at {settings.home.name} already"
        raise HomeError(msg, code="home.exists", remedy="name another folder; for a new agreement: mash agreement use")
    if agreements:
        use(Home(settings.home), agreements, clock_of(Home(settings.home)).now())
    make_root_key(root_key)
    with waiting("making a home, with keys for every agency and recipient"):
        Embedded.make(settings).close()
    errors().print(f"Made a home at {settings.home}.")
    errors().print(f"Keep {root_key} safe and apart from backups of the home; without it nothing can be opened.")
    errors().print(f"Next:  export MASH_ROOT_KEY_FILE={root_key}  then  mash person add, mash ingest, mash serve")


def serve(
    home: HomeOption = None,
    every: Annotated[float, typer.Option("--every", help="Seconds between looks at the folders.")] = 1.0,
) -> None:
    """Run the whole exchange on this machine: watch agencies/ID/inbox/KIND/, share, record, deliver.

    Stop it with Ctrl-C or SIGTERM; it finishes what it has begun. Logs go to standard error as JSON lines.

    Example:  mash serve, and beside it  cp notices.json mash-home/agencies/wrenshire-police/inbox/police.notices/
    """
    from broker.runtimes.logs import configure

    stop = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: stop.set())
    with opened(home) as runtime:
        configure(runtime.settings.log_level)
        if sys.stderr.isatty():
            errors().print(f"Watching {runtime.home.root}/agencies/ID/inbox/KIND/. Stop with Ctrl-C.", markup=False)
        runtime.serve(stop, every=every)


def tick(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Do everything that is waiting, once: read inboxes, accept, seal, deliver, sweep deadlines.

    Example:  mash tick
    """
    from broker.cli.reading_page import show_done

    with opened(home) as runtime, waiting("doing what is waiting"):
        done = runtime.tick()
    if as_json:
        print_json(done.as_json())
    else:
        show_done(console(), done)


def reask(
    home: HomeOption = None,
    run: Annotated[bool, typer.Option("--run", help="Work through what is due, as mash serve does by itself.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Show what waits to be asked again because what it turned on has changed, why, and how far it has come.

    Example:  mash reask
    """
    from broker.cli.reading_page import show_done
    from broker.cli.reask_page import show_reasks

    with opened(home) as runtime:
        done = None
        if run:
            with waiting("asking again"):
                done = runtime.tick()
        found, now = runtime.reasks(), runtime.clock.now()
    if as_json:
        print_json([each.as_json() for each in found])
        return
    if done is not None:
        show_done(console(), done)
    show_reasks(console(), found, now)


def resend(
    recipient: Annotated[str, typer.Argument(help="The recipient that lost what it held.", metavar="RECIPIENT")],
    why: Annotated[
        str, typer.Option("--why", help="What was lost, and on whose word. It is recorded, for auditors alone.")
    ],
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Share again with a recipient what it held and has lost, as far as it may hold it today.

    Each report is asked about anew and recorded; what may not be shared today is not sent, and what was taken back is
    not either. A task tells whoever is on duty of the loss. Stopped half way, it is simply begun again. Put the
    recipient's keys back first, and its view if there is a backup: what is sent stands in place of what is older.

    Example:  mash resend school-ashdown --why "The disk broke, says Lee Ward; there is no backup."
    """
    from rich.progress import Progress

    with opened(home) as runtime, Progress(console=errors(), transient=True) as progress:
        bar = progress.add_task("asking again", total=None)
        done = runtime.send_anew(
            recipient, why=why, tell=lambda done, total: progress.update(bar, completed=done, total=total)
        )
    if as_json:
        print_json(
            {"reports": done.reports, "sent": done.sent, "taken_back": done.taken_back, "kept_back": done.kept_back}
        )
        return
    if not done.reports:
        console().print(f"{recipient} held nothing, so nothing is sent.", markup=False)
        return
    told = f"Of {count(done.reports, 'report')} that {recipient} held, {done.sent} sent again"
    told += f", {done.taken_back} taken back, {done.kept_back} not shared with it today."
    console().print(told, markup=False, soft_wrap=True)


def person_add(
    name: Annotated[str, typer.Argument(help="The person's name.")],
    role: Annotated[list[str], typer.Option("--role", help="A role, as ROLE@RECIPIENT or ROLE. Repeat for more.")],
    person: Annotated[str | None, typer.Option("--id", help="An id; made from the name if left out.")] = None,
    home: HomeOption = None,
) -> None:
    """Add a person with a signing key of their own.

    Example:  mash person add "Priya Nair" --role designated_safeguarding_lead@school-ashdown
    """
    with opened(home) as runtime:
        made = runtime.add_person(name, tuple(role), person=person)
    errors().print(f"Added {made}. Their signing key is in the home's folder people/{made}/.")


def person_renew(
    person: Annotated[str, typer.Argument(help="The person's id.", metavar="ID")],
    role: Annotated[
        list[str] | None,
        typer.Option("--role", help="The roles from now on, in place of those before. Repeat for more."),
    ] = None,
    home: HomeOption = None,
) -> None:
    """Give a person a new signing key: the old one is lost or may be known, their roles change, or they are back.

    What was signed with the old key stays as it is; from now on it signs nothing more.

    Example:  mash person renew priya-nair --role deputy_safeguarding_lead@school-ashdown
    """
    with opened(home) as runtime:
        runtime.renew_person(person, tuple(role or ()))
    errors().print(f"{person} has a new signing key in the home's folder people/{person}/. The old one counts no more.")


def person_end(
    person: Annotated[str, typer.Argument(help="The person's id.", metavar="ID")],
    home: HomeOption = None,
) -> None:
    """Let a person who has left do nothing more, from now on. What they decided stays as it is.

    Undo it with: mash person renew ID.

    Example:  mash person end priya-nair
    """
    with opened(home) as runtime:
        nobody = runtime.end_person(person)
    errors().print(f"{person} may do nothing more. What they decided stays as it is.")
    for role in nobody:
        errors().print(f"Nobody is {role} now. Add somebody: mash person add NAME --role {role}", markup=False)


def person_list(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """List the people and their roles.

    Example:  mash person list
    """
    from rich.table import Table

    with opened(home) as runtime:
        people = runtime.people()
    if as_json:
        print_json(people)
        return
    table = Table(box=None, padding=(0, 2, 0, 0))
    for column in ("id", "name", "roles", "may act"):
        table.add_column(column)
    for who, details in people.items():
        roles = details.get("roles", [])
        until = f"no, since {moment(str(details['ended']))}" if details.get("ended") else "yes"
        table.add_row(who, str(details.get("name", "")), ", ".join(roles if isinstance(roles, list) else []), until)
    console().print(table if people else "Nobody yet. Add somebody with: mash person add NAME --role ROLE")


def reconcile(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Prove that nothing is lost, doubled or shared without a record. Exits with 1 if anything differs.

    Example:  mash reconcile
    """
    from broker.cli.audit_page import show_reconciled

    with opened(home) as runtime, waiting("comparing journal, log and recipients"):
        found = runtime.reconcile()
    if as_json:
        print_json({"figures": dict(found.figures), "differences": [str(d) for d in found.differences]})
    else:
        show_reconciled(console(), found)
    if found.differences:
        raise typer.Exit(FOUND_SOMETHING)


def clock(
    accept: Annotated[bool, typer.Option("--accept", help="Say that the clock is right as it is now.")] = False,
    home: HomeOption = None,
) -> None:
    """Say whether this machine's clock was set forward or back while the exchange ran; then nothing is decided or sent.

    Exits with 1 while it was and nobody has accepted that.

    Example:  mash clock --accept
    """
    from broker.runtimes.exchange import steady_clock_of
    from broker.runtimes.home import Home
    from broker.runtimes.settings import read_settings

    place = Home(read_settings(home=home or home_chosen.get("home")).home)
    place.check_exists()
    steady = steady_clock_of(place)
    if steady is None:
        console().print("Nothing to compare: a demonstration has a clock of its own, or this machine does not tell.")
        return
    if accept:
        steady.accept()
    by = steady.jumped_by()
    if not by:
        console().print("The clock runs evenly.")
        return
    way = "ahead of" if by.total_seconds() > 0 else "behind"
    console().print(f"The clock is {abs(by)} {way} what it should be. Compare it with another, then put it right.")
    console().print("If it is right as it is now:  mash clock --accept")
    raise typer.Exit(FOUND_SOMETHING)


def upgrade(home: HomeOption = None) -> None:
    """Bring the tables of a home that an earlier version made to this version. Back up first, and stop every process.

    Each store is changed in one transaction, or not at all; run it again if it was cut short. Where journal and ledger
    are in PostgreSQL, as the database's owner, and then: mash database apply.

    Example:  mash upgrade
    """
    from broker.runtimes.settings import read_settings
    from broker.runtimes.upgrading import upgraded

    settings = read_settings(home=home or home_chosen.get("home"))
    with waiting("upgrading"):
        done = list(upgraded(settings))
    for each in done:
        said = f"{each.before} before, {each.now} now" if each.before != each.now else f"{each.now}, as it should be"
        console().print(f"{each.store}: revision {said}.", markup=False)


def doctor(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Check what keeps the exchange safe: cover, feeds, agreements, overdue work. Exits with 1 on a fault.

    Example:  mash doctor
    """
    from broker.cli.audit_page import show_findings

    with opened(home) as runtime, waiting("looking"):
        findings = runtime.doctor()
    if as_json:
        print_json([{"check": f.check, "fine": f.is_fine, "finding": f.finding, "remedy": f.remedy} for f in findings])
    else:
        show_findings(console(), findings)
    if not all(f.is_fine for f in findings):
        raise typer.Exit(FOUND_SOMETHING)
