"""What reconciling and looking over the exchange found, as people read it."""

from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding

from broker.cli.words import count, plain_words
from broker.core.reconciling import Reconciled
from broker.runtimes.audit import Finding

FIGURES: Mapping[str, str] = {
    "events_accepted": "reports received and recorded",
    "events_held": "reports waiting for a person or for their time",
    "quarantined": "messages that could not be read",
    "decisions_to_share": "decisions: shared",
    "decisions_to_withhold": "decisions: not shared",
    "decisions_to_ask": "decisions: a person is asked",
    "deliveries_released": "deliveries made",
    "deliveries_waiting": "deliveries waiting",
    "deliveries_superseded": "deliveries replaced before they left, because more was known by then",
    "deliveries_left_after_all": "deliveries that had left though they were stopped since; what followed was told",
    "deliveries_found_by_receipt": "deliveries of which only a receipt showed that they had left",
    "deliveries_of_before_a_restore": "deliveries that this home has forgotten, made anew since a backup was put in",
    "deliveries_on_the_way": "deliveries on the way",
    "receipts_delivered": "receipts: delivered",
    "receipts_opened": "receipts: opened by a person",
    "records_not_yet_sealed": "records not yet sealed",
}


def show_reconciled(console: Console, found: Reconciled) -> None:
    """Print every figure, and every place where the accounts differ."""
    for name, figure in found.figures.items():
        words = FIGURES.get(name) or FIGURES.get(name.replace(" ", "_"), plain_words(name))
        console.print(f"{figure:>8}  {escape(words)}")
    for difference in found.differences:
        console.print(Padding(f"[bold]differs:[/bold] {escape(str(difference))}", (0, 0, 0, 2)))
    if found.differences:
        console.print(f"{count(len(found.differences), 'difference')}. Nothing was changed. See docs/how-to.")
    else:
        console.print("Everything agrees.")


def show_findings(console: Console, findings: Sequence[Finding]) -> None:
    """Print what keeps the exchange safe, faults first, each with what to do."""
    for finding in sorted(findings, key=lambda f: f.is_fine):
        mark = "[green]fine[/green] " if finding.is_fine else "[bold red]FAULT[/bold red]"
        console.print(f"{mark}  {escape(finding.check)}: {escape(finding.finding)}")
        if not finding.is_fine:
            console.print(Padding(f"what to do: {escape(finding.remedy)}", (0, 0, 0, 7)))
    faults = sum(1 for finding in findings if not finding.is_fine)
    console.print(f"{count(faults, 'fault')}." if faults else "Nothing is wrong.")
