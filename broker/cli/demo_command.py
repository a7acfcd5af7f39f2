"""The command `mash demo`: a weekend in Wrenshire, in about a minute of reading."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.panel import Panel
from rich.table import Table

from broker.cli.shared import HomeOption, console, home_chosen, signed_in
from broker.cli.view_page import show_view
from broker.cli.words import EFFECTS, NOT_A_REFERRAL, event_title, law, moment
from broker.core.outcome import Decision
from broker.runtimes.demo import Played, open_demo, play, schedule, verify_an_edited_copy
from broker.runtimes.embedded import Embedded
from broker.runtimes.line import Done
from broker.runtimes.settings import Settings, read_settings
from contracts.words import Effect, Form

DEMO_HOME = Path("mash-demo")
EDITED_ENTRY = 7
MOST_REASONS = 2
TELL_DPO = "tell.dpo"
INTRODUCTION = """Mia Marsh is 9 and goes to Ashdown Primary. Theo is 3 and goes to a private nursery.
Dana is their mother; Craig is Theo's father. Both children have been on a child protection plan
for neglect since February. It is March 2026, in Wrenshire, which does not exist; neither does anybody in it."""


def register(app: typer.Typer) -> None:
    """Add this command."""
    app.command()(demo)


def demo(
    home: HomeOption = None,
    slow: Annotated[bool, typer.Option("--slow", help="Wait for Enter after each step.")] = False,
) -> None:
    """Play a weekend in Wrenshire: native files in, lawful shares out, a view of a child, a ledger that notices.

    Everything runs as in production, on made-up people and a scripted clock. Playing it again on the same home
    changes nothing but the log of who opened which view.
    """
    out = console()
    settings = read_settings(home=home or home_chosen.get("home") or DEMO_HOME)
    out.print(Panel(INTRODUCTION, title="A weekend in Wrenshire", title_align="left"))
    with out.status("making keys for every agency, recipient and person"):
        runtime = open_demo(settings)
    try:
        _tell(out, runtime, settings, slow=slow)
    finally:
        runtime.close()


def _tell(out: Console, runtime: Embedded, settings: Settings, *, slow: bool) -> None:
    total = Done()
    records: dict[str, int] = {}
    the_schedule = schedule()
    for played in play(runtime, the_schedule.scene):
        total = total + played.done
        _count(records, played)
    out.print(f"Before the weekend: {records['events']} reports set the scene (plan, worker, practice, rolls).")
    for played in play(runtime, the_schedule.weekend):
        total = total + played.done
        _count(records, played)
        _step(out, runtime, played)
        if slow:
            out.input("      Enter for the next step ")
    for role in ("mash_practitioner@mash-core", "designated_safeguarding_lead@school-ashdown"):
        out.rule(f"Monday: Mia, as {role.replace('_', ' ').replace('@', ' at ')} sees her")
        show_view(out, runtime.desk.view("Mia Marsh", signed_in(runtime, role, None)))
        if slow:
            out.input("      Enter for the next step ")
    runtime.tick()
    _figures(out, runtime, records, total)
    _tamper(out, runtime)
    _next(out, settings)


def _step(out: Console, runtime: Embedded, played: Played) -> None:
    step = played.step
    out.print(f"\n[bold]{moment(runtime.clock.now())}[/bold]  {escape(step.caption)}")
    counts = {name: n for name, n in played.summary.counts.items() if n and name != "events"}
    told = ", ".join(f"{n} {name.replace('_', ' ')}" for name, n in counts.items())
    out.print(f"      {step.file} from {step.agency}: {told}", style="dim")
    for event_id, decisions in played.decisions:
        event = runtime.hub.journal.event(event_id)
        if event is None or not decisions:
            continue
        out.print(f"      {event_title(event.event_type)}  (mash explain {event_id[:8]} --as mash_practitioner)")
        for decision in decisions:
            _decision(out, runtime, decision)
    if played.done.repeated or counts.get("repeats"):
        out.print("      The same report again: shared once, nothing is sent twice.")
    if counts.get("quarantined"):
        out.print("      What could be read was read; the rest is kept sealed for a person, and the sender is told.")


def _decision(out: Console, runtime: Embedded, decision: Decision) -> None:
    name = runtime.hub.policy.directory().recipients[decision.recipient].name
    verdict = decision.verdict
    codes = [r.code for r in (*verdict.bars, *verdict.asks, *verdict.category_asks)]
    reasons = list(dict.fromkeys(runtime.hub.policy.words(code).message for code in codes))
    more = f" (and {len(reasons) - MOST_REASONS} more)" if len(reasons) > MOST_REASONS else ""
    because = "; ".join(reasons[:MOST_REASONS]) + more if reasons else f"law: {law(verdict.basis)}"
    if any(cell.form is Form.TOKEN for cell in verdict.categories) and decision.effect is Effect.SHARE:
        because += "; where the children are is kept back, with whom to contact"
    if any(obligation.code == TELL_DPO for obligation in verdict.obligations):
        because += "; the data protection officer is told"
    out.print(f"        {EFFECTS[decision.effect.value]:<16}{escape(name)}  [dim]{escape(because)}[/dim]")


def _count(records: dict[str, int], played: Played) -> None:
    for name, count in played.summary.counts.items():
        records[name] = records.get(name, 0) + count


def _figures(out: Console, runtime: Embedded, records: Mapping[str, int], total: Done) -> None:
    out.rule("The figures add up")
    parts = ("gave", "nothing_to_tell", "unchanged", "kept_at_edge", "quarantined")
    out.print(
        f"{records['records']} native records = "
        + " + ".join(f"{records[part]} {part.replace('_', ' ')}" for part in parts)
    )
    out.print(
        f"{records['events']} events = {records['spooled']} new + {records['repeats']} told before;  "
        f"of the new, {total.accepted} accepted, {total.held} held, {total.refused} refused, "
        f"{total.quarantined} set aside"
    )
    table = Table(box=None, padding=(0, 2, 0, 2), show_header=False)
    table.add_column(justify="right")
    table.add_column()
    found = runtime.reconcile()
    for name, figure in found.figures.items():
        table.add_row(str(figure), name.replace("_", " "))
    out.print(table)
    out.print(
        "Reconciled: nothing lost, nothing doubled." if not found.differences else "[bold]It does NOT add up.[/bold]"
    )
    for difference in found.differences:
        out.print(f"  {difference}", markup=False)
    out.print(f"\nSealed checkpoint:\n{runtime.checkpoint()}", markup=False)


def _tamper(out: Console, runtime: Embedded) -> None:
    """Show what verifying says of a copy of the home in which one row was edited by hand."""
    found = verify_an_edited_copy(runtime, entry=EDITED_ENTRY)
    out.print(f"Somebody edits log entry {EDITED_ENTRY} of a copy by hand. [bold]mash ledger verify[/bold] says of it:")
    for line in found.lines[:2]:
        out.print(f"  {line}", markup=False)


def _next(out: Console, settings: Settings) -> None:
    out.rule("What to type next")
    at = f"mash --home {settings.home.name if settings.home.parent == Path.cwd() else settings.home}"
    key = settings.home.with_name(f"{settings.home.name}.root-key")
    lines = (
        f"export MASH_ROOT_KEY_FILE={key}",
        f'{at} view "Theo Marsh" --as health_visitor@hv-wrenshire',
        f"{at} tasks list --as mash_manager          (the nursery still waits for a decision)",
        f"{at} ledger verify",
        f"{at} reconcile",
        f"{at} doctor",
    )
    for line in lines:
        out.print(f"  {line}", markup=False, soft_wrap=True)
    out.print(f"\n{NOT_A_REFERRAL}", style="bold")
