"""What a recipient was told to correct or disregard, to print."""

from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.markup import escape

from broker.cli.words import CAUSES, count, day, event_title, moment
from broker.core.withdrawing import Withdrawn
from broker.runtimes.notices import TakenBack
from contracts.words import Cause, RecipientId

SHOWN_OF_A_REFERENCE = 8


def show_corrections(console: Console, found: Sequence[TakenBack], role: str) -> None:
    """Print each with what it asks for, and whether somebody has said that it is done."""
    if not found:
        console.print("Nothing that was shared with you has been corrected.")
        return
    waiting = [each for each in found if not each.acknowledged]
    console.print(f"{count(len(found), 'correction')}, {len(waiting)} to be acknowledged.")
    for each in found:
        head = _head(each)
        console.print(f"\n[bold]{each.notice[:SHOWN_OF_A_REFERENCE]}[/bold]  {escape(head)}")
        console.print(f"  {CAUSES[Cause(each.cause)]}", markup=False)
        done = f"acknowledged by {each.acknowledged}" if each.acknowledged else "not acknowledged"
        console.print(f"  received {moment(each.received_at)}; {done}", markup=False)
    if waiting:
        start = waiting[0].notice[:SHOWN_OF_A_REFERENCE]
        console.print(f"\nOnce you have acted on it:  mash acknowledge {start} --as {role}", markup=False)


def _head(each: TakenBack) -> str:
    if each.occurred_at is None:
        return "everything about one child"
    return f"{event_title(each.event_type)}, {day(each.occurred_at.date().isoformat())}, {each.agency}"


def show_acknowledged(console: Console, done: Sequence[TakenBack]) -> None:
    """Print what is noted now."""
    for each in done:
        console.print(f"{each.notice[:SHOWN_OF_A_REFERENCE]}: acknowledged by {each.acknowledged}.", markup=False)


def show_withdrawn(console: Console, done: Withdrawn, names: Mapping[RecipientId, str]) -> None:
    """Print who is told to disregard a report, who will never hear of it, and what waits no more."""
    console.print(f"Report {done.event_id[:SHOWN_OF_A_REFERENCE]} is withdrawn.", markup=False)
    told = [names.get(each, each) for each in done.told]
    if told:
        console.print(f"Told to disregard it, and to acknowledge that: {', '.join(told)}.", markup=False)
    else:
        console.print("Nobody had been told of it.")
    stopped = [names.get(each, each) for each in done.stopped if each not in done.told]
    if stopped:
        console.print(f"Had not left yet, and does not leave: for {', '.join(stopped)}.", markup=False)
    if done.questions_closed:
        console.print(f"{count(done.questions_closed, 'question')} about it no longer waits for anybody.", markup=False)
    console.print("If a part of it holds, the agency must report that anew.")
