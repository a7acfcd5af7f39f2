"""Commands of whoever decides what waits for a person."""

from typing import TYPE_CHECKING, Annotated

import typer

from broker.cli.shared import (
    PRACTITIONERS,
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

if TYPE_CHECKING:
    from broker.runtimes.views import Waiting

tasks_app = typer.Typer(help="What waits for a person to decide.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add these commands."""
    tasks_app.command("list")(tasks_list)
    tasks_app.command("open")(tasks_open)
    tasks_app.command("decide")(tasks_decide)
    app.add_typer(tasks_app, name="tasks", rich_help_panel=PRACTITIONERS)


def tasks_list(
    role: RoleOption, person: PersonOption = None, home: HomeOption = None, as_json: JsonOption = False
) -> None:
    """List what waits for your role, most pressing first.

    Example:  mash tasks list --as mash_manager
    """
    from broker.cli.task_page import show_tasks
    from broker.runtimes.as_json import plain

    with opened(home) as runtime:
        waiting = runtime.desk.tasks(signed_in(runtime, role, person))
        now = runtime.clock.now()
    if as_json:
        print_json([plain(each) for each in waiting])
    else:
        show_tasks(console(), waiting, role, now)


def tasks_open(
    task: Annotated[str, typer.Argument(help="The task's id, from mash tasks list; its start is enough.")],
    role: RoleOption,
    person: PersonOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show one task: every open question about one child, with what each decision would do.

    Example:  mash tasks open 2fe3d571 --as mash_manager
    """
    from broker.cli.task_page import show_task
    from broker.runtimes.as_json import plain

    with opened(home) as runtime:
        questions = runtime.desk.open_task(task, signed_in(runtime, role, person))
    if as_json:
        print_json([plain(each) for each in questions])
    else:
        show_task(console(), questions, role)


def tasks_decide(
    questions: Annotated[list[str], typer.Argument(help="A question's id; its start is enough. Repeat for more.")],
    role: RoleOption,
    granted: Annotated[bool, typer.Option("--yes/--no", help="Your decision.")],
    reason: Annotated[str, typer.Option("--reason", help="Why, in a sentence; kept sealed with the decision.")],
    person: PersonOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Decide one question, or several alike. Your decision is signed and recorded, and the policy is asked again.

    A yes clears what needs a person; it never lifts what the law forbids. What was shared cannot be taken back: see
    first what each decision would do, with mash tasks open.

    Example:  mash tasks decide 73a34726 --as mash_manager --yes --reason "The nursery can support Theo on Monday"
    """
    with opened(home) as runtime:
        who = signed_in(runtime, role, person)
        waiting = [runtime.desk.find_question(question, who) for question in questions]
        told = [runtime.decide_task(each.question_id, who, granted=granted, reason=reason) for each in waiting]
        done = runtime.follow_up()
    if as_json:
        print_json({"told": [line for lines in told for line in lines], "done": done and done.as_json()})
        return
    for each, lines in zip(waiting, told, strict=True):
        errors().print(_about(each), markup=False)
        for line in lines:
            errors().print(f"  {line}", markup=False)
    errors().print("If this was a mistake, ring whoever was told; what is shared cannot be taken back.", markup=False)


def _about(question: "Waiting") -> str:
    return f"{question.child or 'A report'}: {question.words}"
