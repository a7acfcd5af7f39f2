"""Compares what came of a step with what the case expects; every difference is one readable line."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from broker.core.outcome import Decision, TaskQuestion
from broker.runtimes.scenario_expected import Comes, LegExpected, TaskExpected
from broker.runtimes.scenario_format import DecideStep, EventStep, OpenStep, RequestStep, WaitStep
from broker.runtimes.scenario_play import AnyStep, Seen
from contracts.delivery import Delivery
from contracts.envelope import write_time
from contracts.words import Effect, Form

NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Leg:
    """One recipient's part of what came of a step."""

    seen: Seen
    decision: Decision | None
    delivery: Delivery | None

    def cells(self) -> Mapping[str, str]:
        """Every part that the decision judged, with the form it allows."""
        if self.decision is None:
            return {}
        return {f"{c.category}/{c.about}": c.form.value for c in self.decision.verdict.categories}

    def given(self) -> Mapping[str, str]:
        """Every part that the recipient holds, with its form."""
        if self.delivery is None:
            return {}
        return {f"{v.category}/{v.about}": v.form.value for v in self.delivery.values}

    def text(self) -> str:
        """All that the recipient was sent of this event."""
        return "" if self.delivery is None else self.delivery.body().decode()


def differences(step: AnyStep, seen: Seen) -> Iterator[str]:
    """Say what differs from what ``step`` expects."""
    for recipient, expected in step.expect.items():
        leg = Leg(seen, seen.decisions.get(recipient), seen.held.get(recipient))
        for difference in _leg(expected, leg):
            yield f"{recipient}: {difference}"
    yield from _around(step, seen)
    yield from _tasks(step, seen)
    match step:
        case DecideStep() | OpenStep() | RequestStep():
            yield from _differs("refused", step.refused or "no", seen.refused or "no")
        case EventStep() | WaitStep():
            pass
    if isinstance(step, OpenStep):
        yield from _missing("the opened view contains", step.contains, seen.shown)
        yield from (
            f"the opened view never contains {word!r}, but it does"
            for word in step.never_contains
            if word in seen.shown
        )


def _leg(expected: LegExpected, leg: Leg) -> Iterator[str]:
    if expected.effect is not None:
        yield from _differs("effect", expected.effect, _effect(leg))
    if leg.decision is None:
        if expected.model_fields_set - {"effect", "received", "never_contains"}:
            yield "it was not considered, so nothing else can be compared"
        return
    yield from _law(expected, leg.decision)
    yield from _codes(expected, leg.decision)
    if expected.received is not None:
        yield from _differs("received", _yes(expected.received), _yes(leg.delivery is not None))
    yield from _parts(expected, leg)
    yield from _sent(expected, leg)


def _effect(leg: Leg) -> str:
    """What was decided; a share counts once the recipient holds it."""
    if leg.decision is None:
        return "not_considered"
    if leg.decision.effect is Effect.SHARE and leg.delivery is None:
        return "share, which never reached its records"
    return leg.decision.effect.value


def _law(expected: LegExpected, decision: Decision) -> Iterator[str]:
    verdict = decision.verdict
    if expected.duty is not None:
        yield from _differs("duty", expected.duty, verdict.duty)
    basis = verdict.basis.model_dump()
    for name, value in expected.basis.items():
        yield from _differs(f"basis {name}", value or "none", basis.get(name) or "none")
    if expected.agreement is not None:
        yield from _differs("agreement", expected.agreement, verdict.agreement.id or "none")


def _codes(expected: LegExpected, decision: Decision) -> Iterator[str]:
    verdict = decision.verdict
    came = {
        "grounds": [r.code for r in verdict.grounds],
        "bars": [r.code for r in verdict.bars],
        "asks": [r.code for r in (*verdict.asks, *verdict.category_asks)],
        "obligations": [o.code for o in verdict.obligations],
        "would_allow": list(verdict.would_allow),
    }
    for name, codes in came.items():
        yield from _missing(name, getattr(expected, name), codes)


def _parts(expected: LegExpected, leg: Leg) -> Iterator[str]:
    given, judged = leg.given(), leg.cells()
    for cell, form in expected.given.items():
        yield from _differs(f"given {cell}", form, given.get(cell, "nothing"))
    for cell in expected.kept_back:
        if cell not in judged:
            yield f"kept_back {cell}: the report holds no such part, so nothing was kept back"
        elif given.get(cell, Form.TOKEN) != Form.TOKEN:
            yield f"kept_back {cell}: expected nothing or a stand-in, came {given[cell]}"


def _sent(expected: LegExpected, leg: Leg) -> Iterator[str]:
    text = leg.text()
    yield from _missing("contains", expected.contains, text)
    for word in expected.never_contains:
        if word in text:
            yield f"never_contains {word!r}: it was sent"
        elif leg.seen.sent is not None and word not in leg.seen.sent.text:
            yield f"never_contains {word!r}: the report does not hold it either, so nothing was kept back"
    delivery = leg.delivery
    if expected.purpose is not None:
        yield from _differs("purpose", expected.purpose, delivery.purpose if delivery else "nothing sent")
    if expected.unmatched is not None:
        yield from _differs("unmatched", _yes(expected.unmatched), _yes(delivery is not None and delivery.unmatched))
    if expected.notices is not None:
        came = sorted({n.kind for n in delivery.notices} if delivery else set())
        yield from _differs("notices", ", ".join(sorted(expected.notices)) or "none", ", ".join(came) or "none")


def _around(comes: Comes, seen: Seen) -> Iterator[str]:
    others = [recipient for recipient in seen.held if recipient not in comes.expect] if comes.nobody_else else []
    yield from (f"{each}: expected nothing, for the case names nobody else; it was sent something" for each in others)
    not_considered = dict(seen.event.not_considered) if seen.event else {}
    for relation, reason in comes.not_considered.items():
        yield from _differs(f"not considered: {relation}", reason, not_considered.get(relation, "considered"))
    kept = ", ".join(seen.sent.kept_at_edge) if seen.sent else ""
    whole = (
        ("state", comes.state, _state(seen)),
        ("kept at the edge", comes.kept_at_edge, kept or "no"),
        ("matched", comes.matched, _matched(seen)),
    )
    for what, expected, came in whole:
        if expected is not None:
            yield from _differs(what, expected, came)
    replies = [each for r in seen.replies for each in (r.kind.value, f"{r.kind.value}/{r.code}")]
    yield from _missing("replies", comes.replies, replies)


def _state(seen: Seen) -> str:
    if seen.sent is not None and seen.sent.kept_at_edge:
        return "kept_at_edge"
    if seen.event is not None:
        return seen.event.state.value
    return "refused" if any(reply.kind == "refused" for reply in seen.replies) else "nothing"


def _matched(seen: Seen) -> str:
    if seen.event is None or seen.event.child is None:
        return NOBODY
    of_child = [name for name, child in seen.children.items() if child == seen.event.child]
    if any(q.code == "identity.unsure" and q.event_id == seen.event.event_id for q in seen.questions):
        return NOBODY
    return of_child[0] if of_child else NOBODY


def _tasks(comes: Comes, seen: Seen) -> Iterator[str]:
    """Questions about the step's own event, or about no event; where the step has none, about any."""
    event_id = seen.sent.event_id if seen.sent else ""
    questions = [q for q in seen.questions if not event_id or q.event_id in {None, event_id}]
    for task in comes.tasks:
        if not any(_fits(task, question) for question in questions):
            about = ", ".join(f"{name} {value}" for name, value in _wanted(task).items())
            open_now = ", ".join(sorted({_shown(q) for q in questions})) or "none"
            yield f"task {about}: no such question is open; open are {open_now}"
    for code in comes.no_tasks:
        if any(question.code == code for question in questions):
            yield f"task {code}: expected none, but one is open"


def _wanted(task: TaskExpected) -> Mapping[str, str]:
    said = task.model_dump(exclude_none=True)
    return {name: write_time(task.due) if name == "due" and task.due else str(value) for name, value in said.items()}


def _fits(task: TaskExpected, question: TaskQuestion) -> bool:
    came = {
        "code": question.code,
        "recipient": question.recipient or "",
        "owner": question.owner,
        "scope": question.scope,
        "due": write_time(question.deadline),
    }
    return all(came[name] == value for name, value in _wanted(task).items())


def _shown(question: TaskQuestion) -> str:
    parts = (question.code, question.recipient or "", question.owner, question.scope, write_time(question.deadline))
    return " ".join(part for part in parts if part)


def _differs(what: str, expected: str, came: str) -> Iterator[str]:
    if str(expected) != str(came):
        yield f"{what}: expected {expected!s}, came {came!s}"


def _missing(what: str, expected: Iterable[str], came: str | Iterable[str]) -> Iterator[str]:
    for each in expected:
        if each not in came:
            shown = "" if isinstance(came, str) else f"; came {', '.join(sorted(set(came))) or 'none'}"
            yield f"{what} {each}: missing{shown}"


def _yes(value: bool) -> str:  # noqa: FBT001 - turns one into a word
    return "yes" if value else "no"
