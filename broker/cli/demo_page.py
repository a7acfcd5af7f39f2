"""What the weekend in Wrenshire prints: each file, who was told, two views side by side, and figures that add up."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.panel import Panel
from rich.table import Table

from broker.cli.demo_consequences import first_name, show_consequences, show_line
from broker.cli.view_page import view_page
from broker.cli.words import EFFECTS, LONDON, NOT_A_REFERRAL, cell, count, law, moment, sentence
from broker.core.findings import Verification
from broker.core.outcome import Decision
from broker.core.reconciling import Reconciled
from broker.runtimes.demo import Played, Step
from broker.runtimes.embedded import Embedded
from broker.runtimes.settings import Settings
from broker.runtimes.steps import Done
from broker.runtimes.views import OpenView
from contracts.words import AgencyId, Effect, EventId, Form

WIDE_ENOUGH = 150
FRIDAY = datetime(2026, 3, 6, tzinfo=LONDON)
MOST_REASONS = 2
TELL_DPO = "tell.dpo"
SHOWN_OF_A_REFERENCE = 8
EFFECT_STYLES = {Effect.SHARE: "green", Effect.WITHHOLD: "red", Effect.ASK: "yellow"}
TOLD_OF = frozenset({"third_party", "informant", "other_child"})
"""About whom a reader of the demonstration asks first whether it was kept back."""
INTRODUCTION = """Mia Marsh is 9 and goes to Ashdown Primary. Theo is 3 and goes to a private nursery. \
Dana is their mother; Craig is Theo's father. Both children have been on a child protection plan for neglect since \
February. It is March 2026, in Wrenshire, which does not exist; neither does anybody in it."""
RESULTS = (
    ("gave", "gave reports"),
    ("nothing_to_tell", "nothing to tell"),
    ("unchanged", "unchanged"),
    ("kept_at_edge", "kept at the agency"),
    ("quarantined", "could not be read"),
)


@dataclass(slots=True)
class Tally:
    """What came in and what became of it, added up over every file."""

    records: Counter[str] = field(default_factory=Counter)
    done: Done = field(default_factory=Done)

    def add(self, played: Played) -> None:
        """Count one file."""
        if played.summary is not None:
            self.records.update(played.summary.counts)
        self.done = self.done + played.done

    def scene(self) -> str:
        """What happened before the weekend, in a line."""
        if self.done.accepted == 0:
            return "Played on this home before: the same files again, and nothing is told twice."
        return f"Before the weekend: {self.done.accepted} reports set the scene (plan, worker, practice, rolls)."


def introduce(out: Console) -> None:
    """Say who is who."""
    out.print(Panel(INTRODUCTION, title="A weekend in Wrenshire", title_align="left"))


def show_step(out: Console, runtime: Embedded, played: Played) -> None:
    """Print one step: what came or who acted, what it gave, who was told what and why, and who was told anew."""
    step = played.step
    out.print(f"\n[bold]{moment(step.at.replace(tzinfo=LONDON))}[/bold]  {escape(step.caption)}.")
    if isinstance(step, Step) and played.summary is not None:
        agency = runtime.hub.policy.directory().agencies.get(AgencyId(step.agency))
        came = f"{step.file}, {agency.name if agency else step.agency}: {_came(played.summary.counts)}"
        show_line(out, f"[dim]{escape(came)}[/dim]", 2)
    for line in played.acts:
        show_line(out, escape(line), 2)
    for title, told in _by_title(runtime, played.decisions).items():
        names = [name for name, _, _ in told]
        whose = f", {escape(sentence(dict.fromkeys(names)))}" if all(names) else ""
        ids = " ".join(event_id[:SHOWN_OF_A_REFERENCE] for _, event_id, _ in told)
        show_line(out, f"[bold]{escape(title)}{whose}[/bold]  [dim]{ids}[/dim]", 2)
        _decisions(out, runtime, told)
    show_consequences(out, runtime, played)
    counts = played.summary.counts if played.summary is not None else {"quarantined": 0, "repeats": 0}
    if counts["quarantined"]:
        show_line(out, "What could be read was read; the rest is kept sealed for a person, and the sender is told.", 4)
    if played.done.repeated or counts["repeats"]:
        show_line(out, "Told before: nothing is sent twice.", 4)


def _came(counts: Mapping[str, int]) -> str:
    if counts["gave"] == counts["records"]:
        return f"{count(counts['records'], 'record')} in, {count(counts['events'], 'report')} out"
    parts = ", ".join(f"{counts[name]} {words}" for name, words in RESULTS if counts[name])
    return f"{count(counts['records'], 'record')} in: {parts}"


Told = list[tuple[str, EventId, tuple[Decision, ...]]]
"""For each report: the child's first name as the front door knows it, the report, what was decided."""


def _by_title(runtime: Embedded, decided: Iterable[tuple[EventId, tuple[Decision, ...]]]) -> Mapping[str, Told]:
    found: dict[str, Told] = {}
    for event_id, decisions in decided:
        event = runtime.hub.journal.event(event_id)
        if event is None or not decisions:
            continue
        title = runtime.hub.policy.catalogue(event.event_type).title
        found.setdefault(title, []).append((first_name(runtime, event_id), event_id, decisions))
    return found


def _decisions(out: Console, runtime: Embedded, told: Told) -> None:
    """One line for all who were decided alike, for the same reasons; named is the child where not all are meant."""
    alike: dict[tuple[Effect, str], dict[str, list[str]]] = {}
    directory = runtime.hub.policy.directory()
    for child, _, decisions in told:
        for decision in decisions:
            name = directory.recipients[decision.recipient].name
            group = alike.setdefault((decision.effect, _because(runtime, decision)), {})
            group.setdefault(name, []).append(child)
    for (effect, because), names in sorted(alike.items(), key=lambda each: list(Effect).index(each[0][0])):
        shown = [
            name if len(whose) == len(told) else f"{name} (for {sentence(whose)})" for name, whose in names.items()
        ]
        style = EFFECT_STYLES[effect]
        show_line(out, f"[{style}]{EFFECTS[effect.value]}[/{style}]: {escape('; '.join(shown))}", 4)
        if because:
            show_line(out, f"[dim]{escape(because)}[/dim]", 6)


def _because(runtime: Embedded, decision: Decision) -> str:
    verdict = decision.verdict
    codes = [r.code for r in (*verdict.bars, *verdict.asks, *verdict.category_asks)]
    reasons = list(dict.fromkeys(runtime.hub.policy.words(code).message for code in codes))
    more = f" (and {len(reasons) - MOST_REASONS} more)" if len(reasons) > MOST_REASONS else ""
    parts = ["; ".join(reasons[:MOST_REASONS]) + more if reasons else law(verdict.basis)]
    if decision.effect is Effect.SHARE and not reasons:
        parts += _kept_back(decision)
    if any(obligation.code == TELL_DPO for obligation in verdict.obligations):
        parts.append("the data protection officer is told")
    return "; ".join(parts)


def _kept_back(decision: Decision) -> Iterable[str]:
    cells = decision.verdict.categories
    if any(each.form is Form.TOKEN for each in cells):
        yield "where the children are is kept back, contact through their worker"
    others = [
        cell(each.category.value, each.about.value)
        for each in cells
        if each.about.value in TOLD_OF and each.form in {Form.WITHHOLD, Form.SUMMARY}
    ]
    if others:
        yield f"kept back: {sentence(dict.fromkeys(others))}"


def show_views(out: Console, views: Sequence[OpenView], *, pause: Callable[[], None]) -> None:
    """Print the views side by side where the terminal is wide, else one after the other."""
    out.rule("Monday: Mia, as the MASH sees her and as her school does")
    pages = [view_page(view, since=FRIDAY) for view in views]
    if out.width >= WIDE_ENOUGH:
        beside = Table.grid(padding=(0, 2), expand=True)
        for _ in pages:
            beside.add_column(ratio=1)
        beside.add_row(*pages)
        out.print(beside)
        return
    for number, page in enumerate(pages):
        if number:
            pause()
        out.print(page)


def show_figures(out: Console, tally: Tally, found: Reconciled) -> None:
    """Print that what came in and what became of it add up, in this playing and in the whole home."""
    records, done, held = tally.records, tally.done, found.figures
    out.rule("The figures add up")
    parts = " + ".join(f"{records[name]} {words}" for name, words in RESULTS if records[name])
    out.print(f"{records['records']} native records in = {parts}.")
    out.print(
        f"{records['events']} reports out of them = {records['spooled']} new + {records['repeats']} told before. "
        f"Of the new: {done.accepted} received and recorded, {done.held} waiting for a person, "
        f"{done.refused} refused, {done.quarantined} could not be read."
    )
    out.print(
        f"In this home: {held['events_accepted']} reports, {held['decisions']} decisions = "
        f"{held['decisions_to_share']} shared + {held['decisions_to_withhold']} not shared + "
        f"{held['decisions_to_ask']} decision needed. {held['deliveries_released']} deliveries = "
        f"{held['deliveries_released'] - held['notices']} that tell + {held['notices']} that correct or take back; "
        f"{held['receipts_delivered']} receipts, {held['log_entries']} log entries."
    )
    if found.differences:
        out.print("[bold]It does NOT add up:[/bold]")
    for difference in found.differences:
        out.print(f"  {difference}", markup=False)
    if not found.differences:
        out.print("Reconciled: nothing lost, nothing doubled, nothing shared without a record.")


def show_edited(out: Console, found: Verification, entry: int) -> None:
    """Print what verifying says of a copy of the home in which one row was edited by hand."""
    out.print(f"Somebody edits log entry {entry} of a copy of this home by hand. [bold]mash ledger verify[/bold] says:")
    out.print(f"  {found.lines[0]}", markup=False)


def show_compared(out: Console, found: Mapping[str, tuple[int, int]]) -> None:
    """Print how much of what the processes came to is equal to what one process comes to."""
    out.rule("The same weekend, played in one process")
    for what, (equal, other) in found.items():
        out.print(f"  {what}: {equal} equal, {other} in one of the two only", markup=False)
    out.print("")


def show_next(out: Console, settings: Settings) -> None:
    """Print what to type next."""
    out.rule("What to type next")
    home = settings.home.name if settings.home.parent == Path.cwd() else str(settings.home)
    lines = (
        f"export MASH_HOME={home}",
        'mash view "Mia Marsh" --as mash_practitioner        the whole view, with what came before Friday',
        'mash view "Theo Marsh" --as health_visitor',
        "mash explain --as data_protection_officer           every report; then mash explain REPORT for why",
        "mash tasks list --as mash_manager                   the nursery still waits for a decision",
        "mash ledger verify",
        "mash reconcile",
        "mash doctor",
    )
    for line in lines:
        out.print(f"  {line}", markup=False, soft_wrap=True)
    out.print(f"\n{NOT_A_REFERRAL}", style="bold")
