"""Commands of officers about a child's whole record: hold it, restrict its use, erase it."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from broker.cli.shared import (
    OFFICERS,
    HomeOption,
    JsonOption,
    PersonOption,
    RoleOption,
    console,
    opened,
    print_json,
    signed_in,
    waiting,
)
from broker.cli.words import LONDON
from broker.core.grounds import Ground

if TYPE_CHECKING:
    from pathlib import Path

WhichChild = Annotated[
    str | None,
    typer.Argument(
        help="The child: a whole name, a reference, or the id of a report about the child. Without it: what stands.",
        metavar="CHILD",
        show_default=False,
    ),
]
Reason = Annotated[
    str, typer.Option("--reason", help="Why, in a sentence; kept sealed with the child's record.", show_default=False)
]
Until = Annotated[
    datetime | None,
    typer.Option("--until", formats=["%Y-%m-%d"], help="The day to look at it again.", show_default=False),
]
Lift = Annotated[
    str | None, typer.Option("--lift", help="Lift the one whose id begins so, instead of setting one.", metavar="ID")
]


def register(app: typer.Typer) -> None:
    """Add these commands."""
    for command in (hold, restrict, erase):
        app.command(rich_help_panel=OFFICERS)(command)


def hold(
    role: RoleOption,
    child: WhichChild = None,
    reason: Reason = "",
    until: Until = None,
    lift: Lift = None,
    person: PersonOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Keep a child's record from being erased: an inquest, a review, a complaint, a prosecution. Lift it with --lift.

    A hold stands until somebody lifts it; --until says when to look at it again. Without a child: what stands.

    Example:  mash hold "Mia Marsh" --as data_protection_officer --reason "Inquest opened 9 March" --until 2026-12-31
    """
    _mark("hold", child, (role, person), home, as_json, reason=reason, until=until, lift=lift)


def restrict(
    role: RoleOption,
    child: WhichChild = None,
    reason: Reason = "",
    until: Until = None,
    lift: Lift = None,
    person: PersonOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Restrict the use of a child's record (UK GDPR Article 18): kept, not shared or shown but where the law says.

    A red report, a duty and a section 47 enquiry go on; everything else waits for the data protection officer. What
    was lawfully told stays told. When it is lifted, what waited is asked again.

    Example:  mash restrict "Mia Marsh" --as data_protection_officer --reason "Accuracy contested, being checked"
    """
    _mark("restriction", child, (role, person), home, as_json, reason=reason, until=until, lift=lift)


def erase(
    role: RoleOption,
    child: WhichChild = None,
    ground: Annotated[
        Ground | None, typer.Option("--ground", help="Why it must be erased (UK GDPR Articles 5 and 17).")
    ] = None,
    confirm: Annotated[
        str | None, typer.Option("--confirm", help="Confirm the proposal whose id begins so.", metavar="ID")
    ] = None,
    withdraw: Annotated[
        str | None, typer.Option("--withdraw", help="Withdraw the proposal whose id begins so.", metavar="ID")
    ] = None,
    person: PersonOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Destroy for ever everything held of one child, here and at every recipient. It takes two people; see --confirm.

    One person proposes it, another confirms it, each in a role of their own, one of them the data protection officer.
    A legal hold, an open case, a plan or a section 47 enquiry stands against it. Without one: what waits or is done.

    Example:  mash erase "Mia Marsh" --ground retention_over --as data_protection_officer

    Example:  mash erase --confirm 3f0c2a91 --as senior_information_risk_owner
    """
    from broker.cli.forgetting_page import show_erasure, show_erasures
    from broker.runtimes.as_json import plain

    if sum(each is not None for each in (child, confirm, withdraw)) > 1 or (child is not None) != (ground is not None):
        msg = "give a child and a --ground to propose, or --confirm ID, or --withdraw ID, or nothing to see what waits"
        raise typer.BadParameter(msg)
    with opened(home) as runtime:
        officer = signed_in(runtime, role, person)
        if child is not None and ground is not None:
            done = runtime.officers.propose_erasure(child, officer, ground=ground)
        elif confirm is not None:
            with waiting("Erasing; the whole store is written anew"):
                done = runtime.officers.confirm_erasure(confirm, officer)
        elif withdraw is not None:
            done = runtime.officers.withdraw_erasure(withdraw, officer)
        else:
            runtime.officers.finish_erasures()
            rows = runtime.officers.erasures(officer)
            print_json([plain(row) for row in rows]) if as_json else show_erasures(console(), rows)
            return
        runtime.follow_up()
        row = next(each for each in runtime.officers.erasures(officer) if each.erasure == done.erasure)
    print_json(plain(row)) if as_json else show_erasure(console(), row)


def _mark(
    sort: str,
    child: str | None,
    who: tuple[str, str | None],
    home: "Path | None",
    as_json: bool,
    *,
    reason: str,
    until: datetime | None,
    lift: str | None,
) -> None:
    from broker.cli.forgetting_page import show_lifted, show_mark, show_marks
    from broker.core.marks import MarkKind
    from broker.runtimes.as_json import plain

    kind = MarkKind(sort)

    look_again = until.replace(tzinfo=LONDON).astimezone(UTC) if until is not None else None
    with opened(home) as runtime:
        officer = signed_in(runtime, *who)
        if lift is None and child is None:
            rows = runtime.officers.marks(kind, officer)
            print_json([plain(row) for row in rows]) if as_json else show_marks(console(), kind, rows)
            return
        if lift is not None:
            done = runtime.officers.lift(kind, lift, officer, reason=reason)
        else:
            done = runtime.officers.mark(kind, child or "", officer, reason=reason, until=look_again)
        runtime.follow_up()
    if as_json:
        print_json(plain(done))
    elif lift is not None:
        show_lifted(console(), done)
    else:
        show_mark(console(), done)
