"""Commands of practitioners: children, views, explanations, requests, tasks."""

from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from broker.cli.explanation_page import show_explanation
from broker.cli.shared import (
    HomeOption,
    JsonOption,
    PersonOption,
    RoleOption,
    console,
    errors,
    opened,
    print_json,
    signed_in,
)
from broker.cli.view_page import show_view
from broker.cli.words import NOT_A_REFERRAL, moment
from broker.runtimes.as_json import plain
from contracts.words import DataCategory, Purpose

tasks_app = typer.Typer(help="What waits for a person to decide.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command()(children)
    app.command()(view)
    app.command()(explain)
    app.command()(request)
    tasks_app.command("list")(tasks_list)
    tasks_app.command("open")(tasks_open)
    tasks_app.command("decide")(tasks_decide)
    app.add_typer(tasks_app, name="tasks")


def children(
    role: RoleOption, person: PersonOption = None, home: HomeOption = None, as_json: JsonOption = False
) -> None:
    """List the children about whom something was shared with you, latest first.

    Example:  mash children --as mash_practitioner
    """
    with opened(home) as runtime:
        rows = runtime.desk.children(signed_in(runtime, role, person))
    if as_json:
        print_json([plain(row) for row in rows])
        return
    if not rows:
        console().print("Nothing has been shared with you yet.")
        return
    table = Table(box=None, padding=(0, 2, 0, 0))
    for column in ("child", "name", "born", "last report", "reports", "not opened"):
        table.add_column(column)
    for row in rows:
        table.add_row(
            row.child,
            escape(row.name or "not certain who"),
            row.birth_date,
            moment(row.last_report),
            str(row.reports),
            str(row.unread),
        )
    console().print(table)


def view(
    child: Annotated[str, typer.Argument(help="The child, as listed by mash children, or a name that fits one child.")],
    role: RoleOption,
    person: PersonOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Open one child's view. The opening is asked of the policy and recorded, whoever you are.

    Example:  mash view "Mia Marsh" --as mash_practitioner
    """
    with opened(home) as runtime:
        found = runtime.desk.view(child, signed_in(runtime, role, person))
    if as_json:
        print_json(plain(found))
    else:
        show_view(console(), found)


def explain(
    event: Annotated[str, typer.Argument(help="The report's id (mash ingest --json prints it); its start is enough.")],
    role: RoleOption,
    person: PersonOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Explain who was told of a report, who was not, why, under which law, and what would allow it.

    Example:  mash explain 4f2a --as data_protection_officer
    """
    with opened(home) as runtime:
        found = runtime.desk.explain(event, signed_in(runtime, role, person))
    if as_json:
        print_json(plain(found))
    else:
        show_explanation(console(), found)


def request(
    child: Annotated[str, typer.Argument(help="The child, as listed by mash children, or a name that fits one child.")],
    role: RoleOption,
    purpose: Annotated[Purpose, typer.Option("--purpose", help="What you need it for.")],
    what: Annotated[list[DataCategory], typer.Option("--what", help="Which kind of information. Repeat for more.")],
    grounds: Annotated[str, typer.Option("--grounds", help="Why you need it, in a sentence.")],
    asked_of: Annotated[str, typer.Option("--of", help="The agency that holds it.")],
    person: PersonOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Ask for information that was not shared with you. The request is decided and recorded like a share.

    Example:  mash request "Mia Marsh" --as allocated_worker --purpose child_protection_enquiry --what police.incident
    --grounds "Strategy discussion on Monday" --of wrenshire-police
    """
    with opened(home) as runtime:
        who = signed_in(runtime, role, person)
        made = runtime.request(child, who, purpose=purpose, what=tuple(what), grounds=grounds, asked_of=asked_of)
    if as_json:
        print_json(plain(made))
        return
    console().print(
        f"Asked. The request is {made.event_id}; see its answer with: mash explain {made.event_id[:8]} --as {role}"
    )
    console().print(NOT_A_REFERRAL)


def tasks_list(
    role: RoleOption, person: PersonOption = None, home: HomeOption = None, as_json: JsonOption = False
) -> None:
    """List what waits for your role, most pressing first.

    Example:  mash tasks list --as mash_manager
    """
    with opened(home) as runtime:
        waiting = runtime.desk.tasks(signed_in(runtime, role, person))
    if as_json:
        print_json([plain(w) for w in waiting])
        return
    if not waiting:
        console().print("Nothing waits for you.")
        return
    table = Table(box=None, padding=(0, 2, 0, 0))
    for column in ("task", "question", "by", "urgency", "decision needed"):
        table.add_column(column)
    for each in waiting:
        table.add_row(each.task_id[:8], each.question_id[:8], moment(each.deadline), each.grade, escape(each.words))
    console().print(table)
    console().print("Decide with:  mash tasks decide QUESTION --as ROLE --yes|--no --reason TEXT")


def tasks_open(
    task: Annotated[str, typer.Argument(help="The task's id; its start is enough.")],
    role: RoleOption,
    person: PersonOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show one task: every open question about one child, with what each decision would do."""
    with opened(home) as runtime:
        who = signed_in(runtime, role, person)
        questions = [w for w in runtime.desk.tasks(who) if w.task_id.startswith(task)]
    if as_json:
        print_json([plain(w) for w in questions])
        return
    out = console()
    if not questions:
        out.print("No open question of that task waits for you.")
    for each in questions:
        out.print(f"[bold]{escape(each.words)}[/bold]")
        recipient = each.recipient or "nobody in particular"
        out.print(f"  question {each.question_id[:8]}   for {recipient}   by {moment(each.deadline)}")
        if each.event_id:
            out.print(f"  the report:  mash explain {each.event_id[:8]} --as {role}")
        out.print(f"  yes:  mash tasks decide {each.question_id[:8]} --as {role} --yes --reason TEXT")
        out.print(f"  no:   mash tasks decide {each.question_id[:8]} --as {role} --no --reason TEXT")


def tasks_decide(
    question: Annotated[str, typer.Argument(help="The question's id; its start is enough.")],
    role: RoleOption,
    granted: Annotated[bool, typer.Option("--yes/--no", help="Your decision.")],
    reason: Annotated[str, typer.Option("--reason", help="Why, in a sentence; kept sealed with the decision.")],
    person: PersonOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Decide one question. Your decision is signed, recorded and asked of the policy again; it never lifts a bar."""
    with opened(home) as runtime:
        who = signed_in(runtime, role, person)
        told = runtime.decide_task(question, who, granted=granted, reason=reason)
        done = runtime.tick()
    if as_json:
        print_json({"told": list(told), "done": done.as_json()})
        return
    for line in told:
        errors().print(line)
