"""What waits for a person, as people read it: whose it is, by when, and what yes and no would do."""

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding

from broker.cli.words import ALLOWED_BY_ANSWER, moment, plain_words
from broker.runtimes.views import Waiting

NOTHING = "Nothing waits for you."
SHOWN = 8
ANSWERS = ("{recipient} is told, if nothing else stands in the way", "{recipient} is not told")


def show_tasks(console: Console, waiting: Sequence[Waiting], role: str, now: datetime) -> None:
    """Print every open question, those about one child together."""
    if not waiting:
        console.print(NOTHING)
        return
    for (task, child), questions in groupby(waiting, key=lambda w: (w.task_id, w.child)):
        name = child or "Not certain which child, or one not shared with you"
        console.print(f"[bold]{escape(name)}[/bold]  [dim]task {task[:SHOWN]}[/dim]")
        for each in questions:
            urgency = f", urgency: {each.grade}" if each.grade else ""
            late = ", [bold]OVERDUE[/bold]" if each.deadline < now else ""
            console.print(f"  {each.question_id[:SHOWN]}  by {moment(each.deadline)}{late}{urgency}")
            console.print(Padding(escape(f"{each.words}. {each.report}"), (0, 0, 0, 12)))
    console.print("")
    console.print("See what yes and no would do, and decide:", markup=False)
    console.print(f"  mash tasks open {waiting[0].task_id[:SHOWN]} --as {role}", markup=False)


def show_task(console: Console, questions: Sequence[Waiting], role: str) -> None:
    """Print one task's questions, each with what would follow."""
    if not questions:
        console.print("No open question of that task waits for your role. See: mash tasks list", markup=False)
        return
    console.print(f"[bold]{escape(questions[0].child or 'Not certain which child')}[/bold]")
    for each in questions:
        console.print(f"\n[bold]{escape(each.words)}[/bold]")
        console.print(Padding(escape(_circumstances(each)), (0, 0, 0, 2)))
        if each.grounds:
            console.print(Padding(escape(f"asked for, because: {each.grounds}"), (0, 0, 0, 2)))
        if each.event_id:
            console.print(f"  the report:  mash explain {each.event_id[:SHOWN]} --as {role}", markup=False)
        console.print(
            f"  decide:      mash tasks decide {each.question_id[:SHOWN]} --as {role} --yes|--no --reason TEXT"
        )
        _show_compared(console, each, role)
        yes, no = ALLOWED_BY_ANSWER.get(each.code, ANSWERS)
        name = each.recipient_name or "whoever waits for it"
        console.print(Padding(escape(f"yes: {yes.format(recipient=name)}"), (0, 0, 0, 4)))
        console.print(Padding(escape(f"no:  {no.format(recipient=name)}"), (0, 0, 0, 4)))
    console.print("\nA decision is recorded with your name. What was shared cannot be taken back.")


def _show_compared(console: Console, question: Waiting, role: str) -> None:
    """Whom the report says it is about, and whom it may be about; then how to say which."""
    if not question.compare:
        return
    for side in question.compare:
        what = "the report" if side.is_reported else f"may be    {side.reference[:SHOWN]}"
        shown = ", ".join(side.details) or "nothing of this child's identity was shared with you"
        console.print(Padding(escape(f"{what}: {shown}"), (0, 0, 0, 4)))
    task = question.task_id[:SHOWN]
    console.print(f"  the same child:      mash identity link {task} REFERENCE --as {role} --reason TEXT", markup=False)
    console.print(f"  none of them:        mash identity unlink {task} --as {role} --reason TEXT", markup=False)


def _circumstances(question: Waiting) -> str:
    parts = [
        question.report,
        f"{plain_words(question.owner)} decides by {moment(question.deadline)}",
        f"urgency: {question.grade}" if question.grade else "",
    ]
    return "; ".join(part.rstrip(".") for part in parts if part)
