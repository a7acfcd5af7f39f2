"""Holds and restrictions upon children's records, and erasures, to print."""

from collections.abc import Sequence

from rich.console import Console

from broker.cli.words import GROUNDS, count, day, moment
from broker.core.erasing import LEFT, MAY_ERASE
from broker.core.marks import MarkKind
from broker.runtimes.forgetting import ErasureRow, MarkRow

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


def show_erasures(console: Console, rows: Sequence[ErasureRow]) -> None:
    """Print what waits for a second person, what is under way and what is done."""
    if not rows:
        console.print("Nothing was erased, and nothing waits to be.")
        return
    console.print(f"{count(len(rows), 'erasure')}.")
    for row in rows:
        console.print()
        _erasure(console, row)


def show_erasure(console: Console, row: ErasureRow) -> None:
    """Print one erasure with what comes next, or with what it could not reach."""
    _erasure(console, row)
    if row.withdrawn_at is None and row.confirmed_at is None:
        others = ", ".join(role for role in MAY_ERASE if role != row.proposed_role)
        console.print(
            f"\nNothing is erased yet. A second person confirms it (one of: {others}):\n"
            f"  mash erase --confirm {row.erasure[:SHOWN_OF_A_REFERENCE]} --as ROLE\n"
            f"Undo:  mash erase --withdraw {row.erasure[:SHOWN_OF_A_REFERENCE]} --as {row.proposed_role}",
            markup=False,
        )
    if row.finished_at is not None:
        console.print("\nWhat it does not reach:")
        for words in LEFT.values():
            console.print(f"  - {words}", markup=False)


def _erasure(console: Console, row: ErasureRow) -> None:
    ref = row.erasure[:SHOWN_OF_A_REFERENCE]
    console.print(f"{ref}  child {row.child[:SHOWN_OF_A_REFERENCE]}: {_state(row)}", markup=False)
    console.print(f"  ground: {GROUNDS[row.ground]}", markup=False)
    console.print(
        f"  proposed by {row.proposed_by} ({row.proposed_role}), {moment(row.proposed_at.isoformat())}", markup=False
    )
    if row.confirmed_at is None:
        return
    console.print(f"  confirmed by {row.confirmed_by}, {moment(row.confirmed_at.isoformat())}", markup=False)
    console.print(
        f"  {count(row.told, 'recipient')} told to destroy what they hold; {row.destroyed} signed that it is done",
        markup=False,
    )
    if row.backups_until is not None:
        until = day(row.backups_until.date().isoformat())
        console.print(
            f"  backups made before then may hold it until {until}: see that none is kept longer", markup=False
        )


def _state(row: ErasureRow) -> str:
    if row.withdrawn_at is not None:
        return "withdrawn, nothing was erased"
    if row.confirmed_at is None:
        return "proposed, waits for a second person"
    return "erased" if row.finished_at is not None else "erased, but files may still hold it; tried again by itself"
