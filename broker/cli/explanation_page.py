"""An explanation as people read it: why, why not, what you must do, what would allow it."""

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table

from broker.cli.words import EFFECTS, FORMS, NOT_A_REFERRAL, NOT_CONSIDERED, cell, law, moment, plain_words
from broker.runtimes.reports import ReportRow
from broker.services.explain import ExplainedDecision, Explanation, Said
from contracts.words import Effect

NOISE = frozenset({"event.claim", "notice.existence", "notice.withheld"})
"""What is the exchange's own in every report; kept back from nearly everyone, and no reader asks about it."""
SHORTEST_LIST = 2
SHOWN_OF_A_REFERENCE = 8
ASK_THE_MASH = "ask_the_mash"
FORBIDDEN = "the law forbids this"


def show_explanation(console: Console, told: Explanation, *, sender: str) -> None:
    """Print every leg that the caller may see; what holds for all of them is said once, at the end."""
    console.print(f"[bold]{escape(told.title)}[/bold], {moment(told.occurred_at)}, from {escape(sender)}")
    console.print(f"report {told.event_id}", style="dim")
    if told.held_reason:
        console.print(f"Waiting, not decided yet: {escape(plain_words(told.held_reason))}")
    if told.ended_at is not None:
        when = moment(told.ended_at)
        text = f"This report does not hold any more: it was {told.ended} on {when}. Nothing below is acted on now."
        console.print(text, style="bold", markup=False)
    for_all = _obligations_of_all(told.decisions)
    for decision in told.decisions:
        _leg(console, decision, for_all)
    if told.not_considered:
        console.print("\n[bold]Not considered[/bold]")
        for relation, reason in told.not_considered:
            _indented(console, f"{plain_words(relation)}: {NOT_CONSIDERED.get(reason, plain_words(reason))}")
    if for_all:
        console.print("\n[bold]Whoever is told must[/bold]")
        for text in for_all:
            _indented(console, f"- {text}")
    show_references(console, told.decisions)
    console.print(f"\n{NOT_A_REFERRAL}", style="bold")


def show_reports(console: Console, rows: Sequence[ReportRow]) -> None:
    """Print every report, in the order in which they came, with how many were told, not told, or wait."""
    if not rows:
        console.print("No report has come in yet.")
        return
    table = Table(box=None, padding=(0, 2, 0, 0))
    for column in ("report", "received", "what", "shared", "not", "to decide"):
        table.add_column(column, no_wrap=column == "report", justify="left")
    for row in rows:
        what = escape(
            f"{row.title}, {row.agency}" + ("" if row.state == "accepted" else f" ({plain_words(row.state)})")
        )
        figures = (str(n or "") for n in (row.shared, row.not_shared, row.decision_needed))
        table.add_row(row.event_id[:SHOWN_OF_A_REFERENCE], moment(row.received_at), what, *figures)
    console.print(table)
    console.print(f"{len(rows)} reports. Why one was shared or not:  mash explain REPORT --as ROLE", markup=False)


def _leg(console: Console, leg: ExplainedDecision, for_all: Sequence[str]) -> None:
    console.print(f"\n[bold]{escape(leg.recipient_name)}: {EFFECTS[leg.effect.value]}[/bold]")
    again = f"; asked again: {plain_words(leg.asked_again)}" if leg.asked_again else ""
    duty = f"{leg.duty}; " if leg.effect is Effect.SHARE or leg.duty == FORBIDDEN else ""
    _indented(console, f"{duty}decided {moment(leg.decided_at)}{again}")
    match leg.effect:
        case Effect.SHARE:
            _shared(console, leg, for_all)
        case Effect.WITHHOLD | Effect.ASK:
            _reasons(console, "why not", leg.why_not)
            _reasons(console, "a person decides", leg.needs_a_person)
            for text in leg.would_allow:
                _indented(console, f"what would allow it: {text}")


def _shared(console: Console, leg: ExplainedDecision, for_all: Sequence[str]) -> None:
    if law(leg.basis):
        _indented(console, f"law: {law(leg.basis)}")
    if leg.agreement:
        _indented(console, f"agreement: {leg.agreement}" + (f" — {leg.necessity}" if leg.necessity else ""))
    _reasons(console, "why", leg.why)
    _reasons(console, "a person decides", leg.needs_a_person)
    _parts(console, leg)
    for text in leg.you_must:
        if text not in for_all:
            _indented(console, f"must: {text}")
    for delivery in leg.deliveries:
        _indented(console, f"proof of it: mash ledger prove {delivery[:SHOWN_OF_A_REFERENCE]} --as ROLE")


def _reasons(console: Console, title: str, reasons: Iterable[Said]) -> None:
    for reason in reasons:
        if reason.code == ASK_THE_MASH and title == "why":
            _indented(console, "more about why: ask the MASH")
        elif reason.code == ASK_THE_MASH:
            _indented(console, f"{title}: {reason.text}")
        else:
            _indented(console, f"{title}: {reason.text}", f"  [dim]{escape(reason.code)}[/dim]")


def _parts(console: Console, leg: ExplainedDecision) -> None:
    for title, cells in (("given", leg.given), ("kept back", leg.kept_back)):
        shown = [_cell(c, a, FORMS[f.value], title) for c, a, f in cells if c not in NOISE]
        if shown:
            _indented(console, f"{title}: {', '.join(shown)}")


def _cell(category: str, about: str, form: str, title: str) -> str:
    return cell(category, about) if form == title else f"{cell(category, about)} [{form}]"


def _obligations_of_all(legs: Sequence[ExplainedDecision]) -> tuple[str, ...]:
    """What everyone who is told must do, where several are."""
    told = [leg.you_must for leg in legs if leg.effect is Effect.SHARE]
    if len(told) < SHORTEST_LIST:
        return ()
    return tuple(text for text in told[0] if all(text in others for others in told))


def show_references(console: Console, legs: Iterable[ExplainedDecision]) -> None:
    """Print where the law behind the reasons of these legs can be read."""
    reasons = [reason for leg in legs for said in (leg.why, leg.why_not, leg.needs_a_person) for reason in said]
    links = dict.fromkeys(reference for reason in reasons for reference in reason.references)
    if links:
        console.print("\n[bold]Where that stands[/bold]")
    for name, link in links:
        _indented(console, f"{name}")
        console.print(f"    {link}", style="dim", markup=False, soft_wrap=True)


def _indented(console: Console, text: str, after: str = "") -> None:
    console.print(Padding(escape(text) + after, (0, 0, 0, 2)))
