"""Commands of whoever says who a child is: records joined and parted."""

from typing import TYPE_CHECKING, Annotated

import typer

from broker.cli.shared import (
    PRACTITIONERS,
    HomeOption,
    JsonOption,
    PersonOption,
    RoleOption,
    console,
    opened,
    print_json,
    signed_in,
)

if TYPE_CHECKING:
    from pathlib import Path

identity_app = typer.Typer(help="Who a child is: records that are of one child, and of two.", no_args_is_help=True)

Record = Annotated[
    str,
    typer.Argument(
        help="A reference from mash children or mash identity show, a name that fits one child, or the task's id.",
        metavar="RECORD",
        show_default=False,
    ),
]
OfChild = Annotated[
    str, typer.Argument(help="The child: a reference, or a name that fits one child.", show_default=False)
]
Reason = Annotated[
    str, typer.Option("--reason", help="Why, in a sentence; kept sealed with the record.", show_default=False)
]


def register(app: typer.Typer) -> None:
    """Add these commands."""
    for command in (show, link, unlink, merge, unmerge, part):
        identity_app.command()(command)
    app.add_typer(identity_app, name="identity", rich_help_panel=PRACTITIONERS)


def show(
    child: Record, role: RoleOption, person: PersonOption = None, home: HomeOption = None, as_json: JsonOption = False
) -> None:
    """Show which records are taken for one child: who reported under each, and why it was joined.

    Example:  mash identity show "Mia Marsh" --as mash_practitioner
    """
    from broker.cli.identity_page import show_records
    from broker.runtimes.as_json import plain

    with opened(home) as runtime:
        rows = runtime.identity.records(child, signed_in(runtime, role, person))
    if as_json:
        print_json([plain(row) for row in rows])
    else:
        show_records(console(), rows, role)


def link(
    record: Record,
    child: OfChild,
    role: RoleOption,
    reason: Reason,
    person: PersonOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say that a report that fits no child for certain is about this child. Later ones of the same record follow it.

    It then goes to whoever works with the child, as far as the policy allows. Undo it with mash identity unlink.

    Example:  mash identity link 2fe3d571 "Mia Marsh" --as mash_practitioner --reason "Her mother confirmed it"
    """
    _say("link", record, child, (role, person), home, as_json, reason=reason)


def unlink(
    record: Record,
    role: RoleOption,
    reason: Reason,
    person: PersonOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say that a report is not about the child it was linked to, or about none of those that it may be about.

    Whoever was told it of the other child is told to disregard it; the right child's record is asked about again.

    Example:  mash identity unlink 2fe3d571 --as mash_practitioner --reason "Another girl of nearly the same name"
    """
    _say("unlink", record, None, (role, person), home, as_json, reason=reason)


def merge(
    record: Record,
    child: OfChild,
    role: RoleOption,
    reason: Reason,
    person: PersonOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say that two children are one: views, tasks and history join, and what was decided is asked again.

    Example:  mash identity merge 7be1c044 "Mia Marsh" --as mash_manager --reason "One girl, after her parents parted"
    """
    _say("merge", record, child, (role, person), home, as_json, reason=reason)


def unmerge(
    record: Record,
    role: RoleOption,
    reason: Reason,
    person: PersonOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say that what was taken for one child is two. Name the record that leaves, as mash identity show does.

    Whoever was told of the one as if of the other is told to disregard it; both are asked about again.

    Example:  mash identity unmerge 7be1c044 --as mash_manager --reason "Twins whose numbers were mixed up"
    """
    _say("unmerge", record, None, (role, person), home, as_json, reason=reason)


def part(
    report: Annotated[
        str,
        typer.Argument(
            help="A report: its entry in mash view, or its id in mash explain.", metavar="REPORT", show_default=False
        ),
    ],
    role: RoleOption,
    reason: Reason,
    person: PersonOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say that a report, taken for this child's by its numbers or names, is about another child.

    With it goes all that its agency reported under the same record of its own, and what comes later from there. Whoever
    was told it is told to disregard it; it is decided anew, for a record of its own. Where that child is known
    already, join the two with mash identity merge; that also undoes a mistake.

    Example:  mash identity part 41d0c9f2 --as mash_manager --reason "The hospital typed her cousin's NHS number"
    """
    from broker.cli.identity_page import show_parted
    from broker.runtimes.as_json import plain

    with opened(home) as runtime:
        parted = runtime.identity.part(report, signed_in(runtime, role, person), reason=reason)
        runtime.follow_up()
    if as_json:
        print_json(plain(parted))
    else:
        show_parted(console(), parted, role)


def _say(
    act: str,
    record: str,
    child: str | None,
    who: tuple[str, str | None],
    home: "Path | None",
    as_json: bool,
    *,
    reason: str,
) -> None:
    from broker.cli.identity_page import show_said
    from broker.core.identity_acts import ActKind
    from broker.runtimes.as_json import plain

    with opened(home) as runtime:
        said = runtime.identity.say(ActKind(act), record, child, signed_in(runtime, *who), reason=reason)
        runtime.follow_up()
    if as_json:
        print_json(plain(said))
    else:
        show_said(console(), said, who[0])
