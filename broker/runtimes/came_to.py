"""What one run of a home came to, so that two runs can be compared whatever their identifiers, times and salts."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any, Final

from broker.core.outcome import Decision
from broker.core.records import about_record, read_openings
from broker.core.sealing import unseal
from broker.runtimes.embedded import Embedded
from broker.services.key_for import key_for
from contracts.canonical import canonical

_ITS_OWN = frozenset(
    {
        *("about", "child", "decision", "delivery", "digest", "question", "moved", "other"),
        *("checkpoint_size", "facts_version", "signature"),
    }
)
"""Of a record's parts those that name something by an id of that run, or tell its place in the log.

A digest is one too: it covers the recipient's own name of the child.
"""


@dataclass(frozen=True, slots=True)
class CameTo:
    """Decisions and what recipients hold, each with how often it is there; and what waits for a person."""

    decisions: Counter[tuple[Any, ...]]
    held: Counter[tuple[str, str, bytes]]
    questions: Counter[tuple[str, str, str]]
    answers: Counter[tuple[str, str, str]]
    decided: Counter[tuple[str, str, str]]
    escalated: Counter[tuple[str, str, int, str]]


def came_to(runtime: Embedded) -> CameTo:
    """What this home's run came to."""
    events = runtime.hub.journal.events()
    decisions = Counter(_decided(each) for event in events for each in runtime.hub.journal.decisions(event.event_id))
    held: Counter[tuple[str, str, bytes]] = Counter()
    for name, side in runtime.recipients.items():
        for child in side.store.children():
            for kept in side.store.deliveries(child):
                said = {**kept.delivery.model_dump(mode="json"), "child": ""}
                held[name, kept.delivery.delivery_id, canonical(said)] += 1
    questions = Counter(
        (each.code, str(each.event_id), str(each.recipient))
        for task in runtime.hub.journal.tasks()
        for each in task.questions
    )
    states = Counter((str(each.event_id), each.state.value, each.held_reason) for each in events)
    journal = runtime.hub.journal
    approvals = Counter(
        (str(each.event_id), given.ask, given.recipient)
        for each in events
        for given in journal.approvals(each.event_id)
    )
    passed_on = Counter((each.kind.value, each.role, each.number, each.step.value) for each in journal.escalations())
    return CameTo(decisions, held, questions, states, approvals, passed_on)


def _decided(decision: Decision) -> tuple[Any, ...]:
    verdict = decision.verdict
    return (
        decision.event_id,
        decision.recipient,
        decision.effect.value,
        tuple(each.code for each in (*verdict.grounds, *verdict.bars, *verdict.asks, *verdict.category_asks)),
        tuple(each.code for each in verdict.obligations),
        tuple(sorted((str(each.category), str(each.about), str(each.form)) for each in verdict.categories)),
        decision.asked_again,
    )


def leaf_records(runtime: Embedded) -> Counter[bytes]:
    """Every record that is a leaf, as what it says without its ids, times and salts, with how often it is said."""
    hub, found = runtime.hub, Counter[bytes]()
    for record, index in hub.journal.records():
        if index is not None:
            sealed = unseal(key_for(hub.keys, record.child), record.sealed, about=about_record(record.record_id))
            found[canonical({"said": [dict(_said(part.content)) for part in read_openings(sealed)]})] += 1
    return found


def _said(content: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in content.items():
        if name not in _ITS_OWN and not name.endswith("_at"):
            yield name, value


def standing_decisions(runtime: Embedded) -> Counter[tuple[Any, ...]]:
    """The last decision on each report for each recipient, whenever and however often it was asked again."""
    last = {
        (event.event_id, each.recipient): _decided(each)[:-1]
        for event in runtime.hub.journal.events()
        for each in runtime.hub.journal.decisions(event.event_id)
    }
    return Counter(last.values())


def standing_values(runtime: Embedded) -> Counter[tuple[str, str, bytes]]:
    """What each recipient holds of each report: the last it was told, without which revision that is."""
    found: dict[tuple[str, str], tuple[int, bytes]] = {}
    for name, side in runtime.recipients.items():
        for kept in (kept for child in side.store.children() for kept in side.store.deliveries(child)):
            told = kept.delivery
            said = told.model_dump(mode="json")
            shown = {part: said[part] for part in ("kind", "cause", "values", "notices", "obligations", "event_type")}
            found[name, told.report] = max(found.get((name, told.report), (0, b"")), (told.revision, canonical(shown)))
    return Counter((name, report, shown) for (name, report), (_, shown) in found.items())


ON_THE_WAY: Final = frozenset({"decisions", "held", "log entries"})
"""Of these there may be more on one way than on another: what changed between two steps was asked again in between."""


def differences(one: Embedded, other: Embedded) -> Mapping[str, tuple[int, int]]:
    """For each kind of what two runs came to: how much is equal, and how much is in one of them only."""
    came, also = came_to(one), came_to(other)
    pairs: dict[str, tuple[Counter[Any], Counter[Any]]] = {
        "decisions that stand": (standing_decisions(one), standing_decisions(other)),
        "values that stand": (standing_values(one), standing_values(other)),
        **{field.name: (getattr(came, field.name), getattr(also, field.name)) for field in fields(CameTo)},
        "log entries": (leaf_records(one), leaf_records(other)),
    }
    return {
        name: ((mine & theirs).total(), (mine - theirs).total() + (theirs - mine).total())
        for name, (mine, theirs) in pairs.items()
    }
