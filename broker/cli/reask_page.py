"""What waits to be asked again, to print."""

from collections.abc import Sequence
from datetime import datetime

from rich.console import Console
from rich.table import Table

from broker.cli.words import count, moment
from broker.core.reasking import Reask

SHOWN_OF_A_REFERENCE = 8


def show_reasks(console: Console, found: Sequence[Reask], now: datetime) -> None:
    """Print each with its reason and how far it has come; names nobody."""
    if not found:
        console.print("Nothing waits to be asked again: every decision stands on what is known now.")
        return
    table = Table(box=None, padding=(0, 2, 0, 0))
    for column in ("about", "urgency", "because", "when", "asked about", "came out otherwise"):
        table.add_column(column)
    for each in found:
        trigger = each.trigger
        about = f"child {trigger.child[:SHOWN_OF_A_REFERENCE]}" if trigger.child is not None else "everybody"
        when = "now" if trigger.due <= now else moment(trigger.due)
        table.add_row(about, trigger.grade.value, trigger.why, when, count(each.asked, "report"), str(each.changed))
    console.print(table)
