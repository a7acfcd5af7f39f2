"""An explanation as people read it: why, why not, what you must do, what would allow it."""

from rich.console import Console
from rich.markup import escape

from broker.cli.words import EFFECTS, FORMS, NOT_A_REFERRAL, cell, law, moment
from broker.services.explain import ExplainedDecision, Explanation, Said


def show_explanation(console: Console, told: Explanation) -> None:
    """Print every leg that the caller may see."""
    console.print(f"[bold]{escape(told.title)}[/bold]  {moment(told.occurred_at)}, from {told.agency}")
    console.print(f"report {told.event_id}")
    if told.held_reason:
        console.print(f"Waiting, not decided yet: {escape(told.held_reason.replace('_', ' '))}")
    for decision in told.decisions:
        _leg(console, decision)
    if told.not_considered:
        console.print("\n[bold]Not considered[/bold]")
        for relation, reason in told.not_considered:
            console.print(f"  {relation.replace('_', ' ')}: {escape(reason.replace('_', ' '))}")
    console.print(f"\n{NOT_A_REFERRAL}")


def _leg(console: Console, leg: ExplainedDecision) -> None:
    console.print(f"\n[bold]{escape(leg.recipient_name)}: {EFFECTS[leg.effect.value]}[/bold]  ({leg.duty})")
    console.print(
        f"  decided {moment(leg.decided_at)}" + (f"; asked again: {leg.asked_again}" if leg.asked_again else "")
    )
    if law(leg.basis):
        console.print(f"  law: {escape(law(leg.basis))}")
    if leg.agreement:
        console.print(f"  agreement: {leg.agreement}" + (f" — {escape(leg.necessity)}" if leg.necessity else ""))
    _said(console, "why", leg.why)
    _said(console, "why not", leg.why_not)
    _said(console, "a person decides", leg.needs_a_person)
    for title, cells in (("given", leg.given), ("kept back", leg.kept_back)):
        if cells:
            shown = ", ".join(f"{cell(c, a)} ({FORMS[f.value]})" for c, a, f in cells)
            console.print(f"  {title}: {escape(shown)}")
    for text in leg.you_must:
        console.print(f"  you must: {escape(text)}")
    for text in leg.would_allow:
        console.print(f"  what would allow it: {escape(text)}")


def _said(console: Console, title: str, reasons: tuple[Said, ...]) -> None:
    for reason in reasons:
        console.print(f"  {title}: {escape(reason.text)}  [dim]{reason.code}[/dim]")
        for name, link in reason.references:
            console.print(f"      {escape(name)}  [dim]{escape(link)}[/dim]")
