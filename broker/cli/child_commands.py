"""Commands of practitioners: children, views, explanations, requests."""

from typing import Annotated

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
from broker.cli.words import NOT_A_REFERRAL, count, day, moment
from contracts.words import Because, DataCategory, Purpose, RequestedUnder

SHOWN_OF_A_REFERENCE = 8

ChildArgument = Annotated[
    str, typer.Argument(help="The child: a reference from mash children, or a name that fits one child.")
]


def register(app: typer.Typer) -> None:
    """Add these commands."""
    for command in (children, view, explain, request, corrections, acknowledge, withdraw):
        app.command(rich_help_panel=PRACTITIONERS)(command)


def children(
    role: RoleOption, person: PersonOption = None, home: HomeOption = None, as_json: JsonOption = False
) -> None:
    """List the children about whom something was shared with you, latest first.

    Example:  mash children --as mash_practitioner
    """
    from rich.markup import escape
    from rich.table import Table

    from broker.runtimes.as_json import plain

    with opened(home) as runtime:
        rows = runtime.desk.children(signed_in(runtime, role, person))
    if as_json:
        print_json([plain(row) for row in rows])
        return
    out = console()
    if not rows:
        out.print("Nothing has been shared with you yet. That does not mean that nothing is held about a child.")
        return
    table = Table(box=None, padding=(0, 2, 0, 0))
    for column in ("reference", "name", "born", "last report", "reports"):
        table.add_column(column, no_wrap=column != "name")
    for row in rows:
        unread = f", {row.unread} not opened" if row.unread else ""
        table.add_row(
            row.child[:SHOWN_OF_A_REFERENCE],
            escape(row.name or "not certain who"),
            day(row.birth_date) or "not shared",
            moment(row.last_report),
            f"{row.reports}{unread}",
        )
    out.print(table)
    out.print(f"Open one with:  mash view {rows[0].child[:SHOWN_OF_A_REFERENCE]} --as {role}", markup=False)


def view(
    child: ChildArgument,
    role: RoleOption,
    person: PersonOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Open one child's view. The opening is asked of the policy and recorded, whoever you are.

    Example:  mash view "Mia Marsh" --as mash_practitioner
    """
    from broker.cli.view_page import view_page
    from broker.runtimes.as_json import plain

    with opened(home) as runtime:
        found = runtime.desk.view(child, signed_in(runtime, role, person))
    if as_json:
        print_json(plain(found))
    else:
        console().print(view_page(found))


def explain(
    role: RoleOption,
    event: Annotated[
        str | None,
        typer.Argument(
            help="A report's id, as a view's timeline shows it; its start is enough. Without it: a list of all.",
            metavar="REPORT",
        ),
    ] = None,
    person: PersonOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Explain who was told of a report, who was not, why, under which law, and what would allow it.

    Without a report it lists every one, for the roles that may see all of them.

    Example:  mash explain 4f2a --as data_protection_officer
    """
    from broker.cli.explanation_page import show_explanation, show_reports
    from broker.runtimes.as_json import plain
    from contracts.words import AgencyId

    with opened(home) as runtime:
        who = signed_in(runtime, role, person)
        if event is None:
            rows = runtime.desk.reports(who)
            print_json(plain(rows)) if as_json else show_reports(console(), rows)
            return
        found = runtime.desk.explain(event, who)
        sender = runtime.hub.policy.directory().agencies.get(AgencyId(found.agency))
    if as_json:
        print_json(plain(found))
    else:
        show_explanation(console(), found, sender=sender.name if sender else found.agency)


def request(
    child: ChildArgument,
    role: RoleOption,
    purpose: Annotated[Purpose, typer.Option("--purpose", help="What you need it for.")],
    what: Annotated[list[DataCategory], typer.Option("--what", help="Which kind of information. Repeat for more.")],
    grounds: Annotated[str, typer.Option("--grounds", help="Why you need it, in a sentence.")],
    asked_of: Annotated[str, typer.Option("--of", help="The agency that holds it, or all.")],
    under: Annotated[
        RequestedUnder | None,
        typer.Option("--under", help="The statute that makes the agency answer, if you ask under one."),
    ] = None,
    person: PersonOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Ask for information that was not shared with you. The request is decided and recorded like a share.

    Example:  mash request "Mia Marsh" --as allocated_worker --purpose child_protection_enquiry --what police.incident
    --grounds "Strategy discussion on Monday" --of wrenshire-police
    """
    from broker.runtimes.as_json import plain

    with opened(home) as runtime:
        who = signed_in(runtime, role, person)
        made = runtime.request(
            child, who, purpose=purpose, what=tuple(what), grounds=grounds, asked_of=asked_of, under=under
        )
        told = runtime.desk.answered(made, who)
    if as_json:
        print_json(plain(told))
        return
    out = console()
    out.print(f"Asked of {asked_of}, for {count(len(what), 'kind')} of information.", markup=False)
    out.print("What may be given is in the child's view now; why the rest is not:", markup=False)
    out.print(f"  mash explain {told.event_id[:SHOWN_OF_A_REFERENCE]} --as {role}", markup=False)
    if told.waiting:
        out.print("Some of it waits for a person's decision; whose, and on what:", markup=False)
    for report in told.waiting:
        out.print(f"  mash explain {report[:SHOWN_OF_A_REFERENCE]} --as {role}", markup=False)
    out.print(NOT_A_REFERRAL, style="bold")


def corrections(
    role: RoleOption, person: PersonOption = None, home: HomeOption = None, as_json: JsonOption = False
) -> None:
    """List what you were told to correct or to disregard, what you have not acknowledged first.

    Act on it in your own records, then say so with mash acknowledge. Until then you are reminded.

    Example:  mash corrections --as designated_safeguarding_lead
    """
    from broker.cli.notice_page import show_corrections
    from broker.runtimes.as_json import plain

    with opened(home) as runtime:
        found = runtime.desk.corrections(signed_in(runtime, role, person))
    if as_json:
        print_json([plain(each) for each in found])
    else:
        show_corrections(console(), found, role)


def acknowledge(
    notices: Annotated[list[str], typer.Argument(help="A correction's id, from mash corrections.")],
    role: RoleOption,
    person: PersonOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say that you have acted on a correction. It is signed with your organisation's key and recorded.

    Example:  mash acknowledge 3f0c2a91 --as designated_safeguarding_lead
    """
    from broker.cli.notice_page import show_acknowledged
    from broker.runtimes.as_json import plain

    with opened(home) as runtime:
        who = signed_in(runtime, role, person)
        done = [runtime.desk.acknowledge(notice, who) for notice in notices]
        runtime.follow_up()
    if as_json:
        print_json([plain(each) for each in done])
    else:
        show_acknowledged(console(), done)


def withdraw(
    report: Annotated[
        str, typer.Argument(help="The report: its id, or that of its timeline entry; the start is enough.")
    ],
    because: Annotated[Because, typer.Option("--because", help="Why it does not hold.")],
    reason: Annotated[str, typer.Option("--reason", help="Whose word it is and how it came, in a sentence.")],
    role: RoleOption,
    person: PersonOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Withdraw a report that does not hold, on the word of the agency that made it. It cannot be undone.

    Everybody who was told of it is told to disregard it, and must acknowledge that; what has not left stays here. An
    agency whose own system can send report.withdrawn needs no one for this. What holds, it may report anew.

    Example:  mash withdraw 4f2a91c3 --because not_involved --as mash_manager
    --reason "PC Lowe rang: the boy was at his aunt's that night"
    """
    from broker.cli.notice_page import show_withdrawn
    from broker.runtimes.as_json import plain

    with opened(home) as runtime:
        done = runtime.withdraw_report(report, signed_in(runtime, role, person), because=because, reason=reason)
        names = {entry.recipient: entry.name for entry in runtime.hub.policy.directory().recipients.values()}
    if as_json:
        print_json(plain(done))
    else:
        show_withdrawn(console(), done, names)
