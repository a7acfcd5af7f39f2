"""What became of a file, and of what waited, as people read it."""

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from broker.cli.words import count, event_title, plain_words
from broker.runtimes.steps import Done

DONE = {
    "files_read": "files read",
    "files_refused": "files that could not be taken in; they stay where they lie",
    "accepted": "reports received and recorded",
    "repeated": "reports told before; nothing is sent twice",
    "held": "reports waiting for a person or for their time",
    "refused": "reports refused; the sender is told why",
    "quarantined": "messages that could not be read",
    "log_entries": "log entries",
    "released": "deliveries",
    "asked_again": "deliveries asked about again before they left",
    "reasked": "past reports asked about again, because what they turned on has changed",
    "changed": "decisions that came out otherwise",
    "recalled": "corrections and retractions to past recipients",
    "receipts": "receipts",
    "escalated": "things passed on to a deputy or to whoever is on cover",
}


def show_reading(console: Console, name: str, summary: Mapping[str, Any]) -> None:
    """Print what each native record of one file came to; the parts add up."""
    results = [
        _some(summary["gave"], "gave reports"),
        _some(_total(summary["nothing_to_tell"]), "nothing to tell"),
        _some(summary["unchanged"], "unchanged"),
        _some(_total(summary["kept_at_edge"]), "kept at the agency"),
        _some(_total(summary["quarantined"]), "could not be read"),
    ]
    told = " + ".join(part for part in results if part)
    parts = f" = {told}" if told else ""
    console.print(f"[bold]{escape(name)}[/bold]: {count(summary['records'], 'native record')}{parts}")
    for event_type, number in summary["events"].items():
        console.print(f"  {number:>5}  {event_title(event_type)}")
    meaning: Mapping[str, str] = summary.get("meaning", {})
    for title, part in (
        ("nothing to tell", "nothing_to_tell"),
        ("kept at the agency", "kept_at_edge"),
        ("could not be read", "quarantined"),
        ("odd", "flags"),
    ):
        for code, number in summary[part].items():
            text = f"{meaning[code].rstrip('.')} ({code})" if code in meaning else plain_words(code)
            console.print(_hanging(f"{number:>7}", f"{title}: {text}"))
    if summary.get("repeats"):
        console.print(f"  {summary['repeats']:>5}  told before")


def show_done(console: Console, done: Done | None) -> None:
    """Print what a turn of the whole line did; none: others do it."""
    if done is None:
        console.print("The exchange's processes do what follows.")
        return
    figures = [(number, DONE[name]) for name, number in done.as_json().items() if number]
    if not figures:
        console.print("Nothing was waiting.")
    for number, words in figures:
        console.print(f"{number:>6}  {words}")
    if done.files_refused:
        console.print("Why a file is not taken in:  mash ingest FILE --agency ID --kind KIND", markup=False)


def _hanging(lead: str, text: str) -> Table:
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_row(lead, escape(text))
    return grid


def _some(number: int, words: str) -> str:
    return f"{number} {words}" if number else ""


def _total(by_reason: Mapping[str, int]) -> int:
    return sum(by_reason.values())


def show_not_sent(console: Console, count_of_reds: int, front_door: str) -> None:
    """Say, loudly, what the exchange has not taken, and whom to ring about it now."""
    waiting = count(count_of_reds, "red report")
    console.print(f"NOT SENT: {waiting} of yours waited ten minutes and more.", style="bold red", markup=False)
    console.print(f"Ring the front door about it now: {front_door}. It stays here and is sent again.", markup=False)
