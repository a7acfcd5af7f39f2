"""What a step of the weekend changes for earlier reports: who may now be told, who is told anew, who is chased."""

from collections.abc import Iterable, Mapping

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding

from broker.cli.words import CAUSES, sentence
from broker.core.ladder import OverdueKind
from broker.core.outcome import Decision
from broker.runtimes.demo import Anew, Played
from broker.runtimes.embedded import Embedded
from broker.runtimes.lookup import name_known
from contracts.words import Cause, DeliveryId, EventId, RecipientId

MOST_REPORTS = 3


def show_consequences(out: Console, runtime: Embedded, played: Played) -> None:
    """Print who is told of earlier reports since this step, who is told anew of them, and what is passed on."""
    for (recipient, why), reports in _by_reason(runtime, played.now_shared).items():
        because = f" ({why})" if why else ""
        told = f"[green]now shared[/green] with {escape(_name(runtime, recipient))}: {escape(sentence(reports))}"
        show_line(out, f"{told}[dim]{escape(because)}[/dim]", 4)
    for cause, anew in _by_cause(played.anew).items():
        show_line(out, f"[yellow]told anew[/yellow]: {escape(_to_whom(runtime, anew))}", 4)
        show_line(out, f"[dim]{escape(CAUSES[cause])} {escape(_of_what(runtime, anew))}[/dim]", 6)
    chased = [each for each in played.chased if each.kind is OverdueKind.ACKNOWLEDGEMENT]
    for each in chased:
        sent = runtime.hub.journal.delivery(DeliveryId(each.about))
        if sent is not None:
            whose = _name(runtime, sent.delivery.recipient)
            what = f"{whose} has not said that it acted on the correction: passed on to {each.passed_to}"
            show_line(out, f"[red]chased[/red]: {escape(what)}", 4)


def title_of(runtime: Embedded, event_id: EventId) -> str:
    """What a report is, and about whom, as the front door knows the child."""
    event = runtime.hub.journal.event(event_id)
    if event is None:
        return ""
    title = runtime.hub.policy.catalogue(event.event_type).title
    name = first_name(runtime, event_id)
    return f"{title}, {name}" if name else title


def first_name(runtime: Embedded, event_id: EventId) -> str:
    """The child's first name, as the front door knows it; empty where it does not."""
    event = runtime.hub.journal.event(event_id)
    side = runtime.recipients.get(runtime.hub.policy.directory().front_door)
    return name_known(side, runtime.hub.keys, event.child if event else None).partition(" ")[0]


def show_line(out: Console, text: str, indent: int) -> None:
    """Print a line, its continuation indented alike."""
    out.print(Padding(text, (0, 0, 0, indent)))


def _by_reason(runtime: Embedded, decisions: Iterable[Decision]) -> Mapping[tuple[RecipientId, str], list[str]]:
    found: dict[tuple[RecipientId, str], list[str]] = {}
    for decision in decisions:
        reports = found.setdefault((decision.recipient, decision.asked_again), [])
        reports.append(title_of(runtime, decision.event_id))
    return found


def _by_cause(anew: Iterable[Anew]) -> Mapping[Cause, list[Anew]]:
    found: dict[Cause, list[Anew]] = {}
    for each in anew:
        found.setdefault(each.cause, []).append(each)
    return found


def _to_whom(runtime: Embedded, anew: Iterable[Anew]) -> str:
    return "; ".join(dict.fromkeys(_name(runtime, each.recipient) for each in anew))


def _of_what(runtime: Embedded, anew: Iterable[Anew]) -> str:
    reports = list(dict.fromkeys(title_of(runtime, each.event_id) for each in anew))
    more = len(reports) - MOST_REPORTS
    shown = reports if more <= 0 else [*reports[:MOST_REPORTS], f"{more} more"]
    return f"({sentence(shown)})"


def _name(runtime: Embedded, recipient: RecipientId) -> str:
    return runtime.hub.policy.directory().recipients[recipient].name
