"""What one run of a home came to, so that two runs can be compared whatever their identifiers."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from broker.core import tree
from broker.core.checkpoint import open_checkpoint
from broker.core.outcome import Decision
from broker.runtimes.embedded import Embedded
from contracts.canonical import canonical


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


def check_checkpoints(runtime: Embedded, notes: list[str]) -> int:
    """Every note is signed by the ledger's key and seals what the final tree begins with. Gives how many there were."""
    ledger = runtime.hub.ledger
    size = ledger.head().size
    hashes = tree.leaf_hashes([each.leaf for each in ledger.leaves(0, size)])
    seen = set()
    for note in {*notes, *(each.note for each in ledger.kept())}:
        checkpoint = open_checkpoint(note, [runtime.hub.signer], origin=runtime.hub.signer.name)
        assert checkpoint.size <= size
        assert tree.root_of(hashes[: checkpoint.size]) == checkpoint.root
        seen.add(checkpoint.size)
    return len(seen)


def check_everything_has_its_leaf(runtime: Embedded) -> None:
    """No delivery was released whose decision is not a leaf under the checkpoint that it was released with."""
    for status in runtime.hub.journal.deliveries():
        assert status.leaf_index is not None
        assert (status.released_at is None) == status.is_superseded
