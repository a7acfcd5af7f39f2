"""Holds and restrictions upon children's records, to print."""

from collections.abc import Sequence

from rich.console import Console

from broker.cli.words import count, day, moment
from broker.core.marks import MarkKind
from broker.runtimes.forgetting import MarkRow

SHOWN_OF_A_REFERENCE = 8
SAYS = {
    "hold": "The record cannot be erased",
    "restriction": "The record is kept, and not shared or shown but where the law says,",
}


def show_marks(console: Console, kind: MarkKind, rows: Sequence[MarkRow]) -> None:
    """Print what stands."""
    if not rows:
        console.print(f"No {kind.value} stands.")
        return
    console.print(f"{count(len(rows), kind.value)} {'stands' if len(rows) == 1 else 'stand'}.")
    for row in rows:
        look = f"; look at it again on {day(row.until.date().isoformat())}" if row.until is not None else ""
        who = f"set by {row.set_by} ({row.role}), {moment(row.since.isoformat())}{look}"
        console.print(f"\n{row.mark[:SHOWN_OF_A_REFERENCE]}  child {row.child[:SHOWN_OF_A_REFERENCE]}", markup=False)
        console.print(f"  {row.reason}\n  {who}", markup=False)


def show_mark(console: Console, row: MarkRow) -> None:
    """Print what is noted now."""
    command = "hold" if row.kind == MarkKind.HOLD.value else "restrict"
    console.print(f"{SAYS[row.kind]} until this is lifted; recorded.", markup=False)
    console.print(
        f"Lift it with:  mash {command} --lift {row.mark[:SHOWN_OF_A_REFERENCE]} --as {row.role} --reason ...",
        markup=False,
    )


def show_lifted(console: Console, row: MarkRow) -> None:
    """Print what stands no longer."""
    console.print(f"The {row.kind} {row.mark[:SHOWN_OF_A_REFERENCE]} is lifted; recorded.", markup=False)
