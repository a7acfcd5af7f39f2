"""How what was found in an agreement is shown."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from rich.markup import escape
from rich.padding import Padding

from broker.cli.words import count

if TYPE_CHECKING:
    from rich.console import Console

    from policies.checks import Checked, Finding


def show_checked(out: "Console", found: Sequence["Checked"]) -> None:
    """Each agreement with its faults first, each with line, mend and law; then how many there are."""
    for each in found:
        out.print(f"[bold]{escape(_title(each))}[/bold]")
        for finding in sorted(each.findings, key=lambda one: (one.weight != "fault", one.file, one.line)):
            _show(out, finding)
        warned = len(each.findings) - len(each.faults)
        out.print(f"  {count(len(each.faults), 'fault')}, {count(warned, 'warning')}.\n")


def as_json_value(checked: "Checked") -> dict[str, Any]:
    """The same for machines."""
    agreement = checked.agreement
    about = {} if agreement is None else {"id": agreement.id, "version": agreement.version, "state": agreement.state}
    return {"name": checked.name, **about, "findings": [asdict(each) for each in checked.findings]}


def _title(checked: "Checked") -> str:
    agreement = checked.agreement
    if agreement is None:
        return f"{checked.name}: it cannot be read whole yet; mend these first"
    return (
        f"{agreement.id} {agreement.version}, {agreement.state},"
        f" from {agreement.valid_from} until {agreement.valid_to}: {agreement.title}"
    )


def _show(out: "Console", finding: "Finding") -> None:
    where = f"{finding.file}:{finding.line}" if finding.line else finding.file
    place = f" {finding.place}" if finding.place else ""
    out.print(Padding(f"[bold]{finding.weight}[/bold] {escape(where + place)}: {escape(finding.what)}", (0, 0, 0, 2)))
    out.print(Padding(escape(f"mend: {finding.mend}"), (0, 0, 0, 4)))
    if finding.law:
        out.print(Padding(escape(f"law: {finding.law}"), (0, 0, 0, 4)))
