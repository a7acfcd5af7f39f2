"""Which records are taken for one child, and what followed from joining or parting them, as people read it."""

from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape

from broker.cli.words import count, moment
from broker.runtimes.identity import IdentityRecord, Parted, Said

SHOWN = 8


def show_records(console: Console, rows: Sequence[IdentityRecord], role: str) -> None:
    """Print each record with who reported under it and how it came to be the child's."""
    for row in rows:
        note = "" if row.stands else f", joined {moment(row.at)} by {row.joined}" if row.at else ""
        console.print(f"[bold]{row.name[:SHOWN]}[/bold]  {count(row.reports, 'report')}{escape(note)}")
        console.print(f"  {escape(', '.join(row.agencies) or 'nobody has reported under it')}")
        if row.why:
            console.print(f"  why: {escape(row.why)}")
    if len(rows) > 1:
        console.print("\nIf one of them is another child's:", markup=False)
        console.print(f"  mash identity unmerge {rows[-1].name[:SHOWN]} --as {role} --reason TEXT", markup=False)


def show_said(console: Console, said: Said, role: str) -> None:
    """Print what was done, and who is told."""
    console.print(f"Recorded. The record is known as {said.child[:SHOWN]} now.", markup=False)
    if said.told:
        console.print(f"{count(said.told, 'recipient notice')}: this was about a different child: disregard.")
    console.print(f"See it with:  mash identity show {said.child[:SHOWN]} --as {role}", markup=False)


def show_parted(console: Console, parted: Parted, role: str) -> None:
    """Print what was parted, who is told, and what must be reported anew."""
    has = "is" if parted.reports == 1 else "are"
    console.print(f"Recorded. {count(parted.reports, 'report')} {has} another child's now, and being decided anew.")
    if parted.told:
        console.print(f"{count(parted.told, 'recipient notice')}: this was about a different child: disregard.")
    if parted.not_kept:
        told = f"{count(parted.not_kept, 'report')} of school, practice or worker alone cannot be moved"
        console.print(f"{told}: have the agency report them anew.", markup=False)
    known = f"mash identity merge {parted.child[:SHOWN]} CHILD --as {role}"
    console.print(f"If that child is known, and to undo it:  {known} --reason TEXT", markup=False)
