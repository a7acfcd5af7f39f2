"""Writes each part of an outcome; the caller holds the transaction."""

from collections.abc import Sequence

from sqlalchemy import bindparam, case, delete, insert, select, update

from broker.core.errors import Scalar
from broker.core.facts import Fact
from broker.core.identity_acts import IdentityChange
from broker.core.outcome import Decision, Outcome, Reaffirmed, StoredEvent
from broker.core.store_errors import StaleFactsError, UnknownStepError
from broker.drivers.sql import later, rows, schema
from broker.drivers.sql.erasures import write_erasures
from broker.drivers.sql.forgetting import forget
from broker.drivers.sql.identity import write_acts
from broker.drivers.sql.incidents import write_incidents
from broker.drivers.sql.marks import write_marks
from broker.drivers.sql.prepared import Prepared, inserting, upserting
from broker.drivers.sql.reasking import write_reasking
from broker.drivers.sql.store import Session
from broker.drivers.sql.taught import note_taught, unlearn
from contracts.words import ChildId

_c = schema.children.c
_named = schema.children.alias("named")
_standing = schema.children.alias("standing_record")
_VERSION = Prepared(
    select(_standing.c.version)
    .join(_named, _named.c.standing == _standing.c.child)
    .where(_named.c.child == bindparam("child"))
)
_NEW_CHILD = inserting(schema.children)
_CHILD_KNOWN_BETTER = Prepared(
    update(schema.children)
    .where(_c.child == bindparam("the_child"))
    .values(
        is_provisional=bindparam("provisional"),
        surname_hash=case((bindparam("sealed") == b"", _c.surname_hash), else_=bindparam("by_surname")),
        forename_hash=case((bindparam("sealed") == b"", _c.forename_hash), else_=bindparam("by_forename")),
        sealed_demographics=case((bindparam("sealed") == b"", _c.sealed_demographics), else_=bindparam("sealed")),
    )
)
_LINK = upserting(
    schema.identity_links,
    lambda new: new.on_conflict_do_update(
        index_elements=["kind", "hash"],
        set_={"child": new.excluded.child},
        where=schema.identity_links.c.child == new.excluded.child,
    ),
    columns=["kind", "hash", "child"],
)
_TAKE = Prepared(
    update(schema.identity_links)
    .where(schema.identity_links.c.kind == bindparam("its_kind"), schema.identity_links.c.hash == bindparam("its_hash"))
    .values(child=bindparam("by"))
)
_FACT = upserting(
    schema.facts,
    lambda new: new.on_conflict_do_update(
        index_elements=["child", "kind", "key"],
        set_={c.name: new.excluded[c.name] for c in schema.facts.columns if not c.primary_key},
        where=schema.facts.c.as_at <= new.excluded.as_at,
    ),
)
_NEXT_VERSION = Prepared(
    update(schema.children)
    .where(_c.child == select(_named.c.standing).where(_named.c.child == bindparam("the_child")).scalar_subquery())
    .values(version=bindparam("next_version"))
)
_DROP_HELD = Prepared(
    delete(schema.events).where(schema.events.c.event_id == bindparam("event_id"), schema.events.c.state == "held")
)
_EVENT = inserting(schema.events)
_CORRECTED = Prepared(
    update(schema.events)
    .where(schema.events.c.event_id == bindparam("the_event"), schema.events.c.corrected_by.is_(None))
    .values(corrected_by=bindparam("other"))
)
_HAS_EVENT = Prepared(
    update(schema.children)
    .where(_c.child == bindparam("the_child"))
    .values(
        events=_c.events + 1,
        last_event_at=case((_c.last_event_at >= bindparam("occurred"), _c.last_event_at), else_=bindparam("occurred")),
    )
)
_ASKED = inserting(schema.asked)
_STANDS = Prepared(
    update(schema.decisions)
    .where(schema.decisions.c.decision_id == bindparam("the_decision"))
    .values(stands_at=bindparam("stands"))
)
_DECISION = inserting(schema.decisions)
_RECORD = inserting(schema.records)
_DELIVERY = Prepared(
    insert(schema.deliveries),
    columns=[
        "delivery_id", "revision", "kind", "event_id", "child", "recipient", "decision_id", "record_id", "digest",
        "urgency", "gives_location", "receipt_due", "not_before", "cause", "sealed",
    ],
)  # fmt: skip
_QUESTION = inserting(schema.questions)
_APPROVAL = inserting(schema.approvals)
_REPLY = inserting(schema.replies)


def check_fresh(session: Session, outcome: Outcome) -> dict[ChildId, int]:
    """The fact version of every child that a decision or fact names.

    Raises:
        StaleFactsError: a decision read another version.
        UnknownStepError: a child is not stored.
    """
    named = {d.child for d in outcome.decisions} | {f.child for f in outcome.facts}
    named |= {r.child for r in outcome.reaffirmed}
    new = outcome.identity.child if outcome.identity is not None and outcome.identity.is_new else None
    versions = {child: 0 if child == new else _version(session, child) for child in named}
    asked: tuple[Decision | Reaffirmed, ...] = (*outcome.decisions, *outcome.reaffirmed)
    for decision in asked:
        if decision.facts_version != versions[decision.child]:
            msg = "the child's facts changed since the decision read them; nothing was stored"
            detail: dict[str, Scalar] = {
                "read": decision.facts_version,
                "now": versions[decision.child],
                "child": decision.child,
            }
            raise StaleFactsError(msg, remedy="ask again", detail=detail)
    return versions


def write(session: Session, outcome: Outcome, versions: dict[ChildId, int]) -> None:
    """Write the whole outcome; parts that others name come first."""
    if outcome.forgotten is not None:
        forget(session, outcome.forgotten)
    if outcome.identity is not None:
        _write_identity(session, outcome.identity)
    write_acts(session, outcome.identity_acts)
    versions = versions | _unlearn(session, outcome, versions)
    versions = versions | _write_facts(session, outcome.facts, versions)
    if outcome.event is not None:
        _write_event(session, outcome.event)
    session.run_all(_CORRECTED, [{"the_event": event, "other": other} for event, other in outcome.corrected])
    session.add_later(_RECORD, map(rows.record_columns, outcome.records))
    _write_decisions(session, outcome, versions)
    session.add_later(_DELIVERY, map(rows.delivery_columns, outcome.deliveries))
    session.add_later(_QUESTION, map(rows.question_columns, outcome.questions))
    session.add_later(
        _APPROVAL, ({"event_id": event, "approval": given.model_dump_json()} for event, given in outcome.approvals)
    )
    session.add_later(_REPLY, ({"reply": each.model_dump_json(), "handed_over": 0} for each in outcome.replies))
    later.write_answers(session, outcome.answers, outcome.closed)
    later.write_steps(session, outcome)
    later.write_quarantined(session, outcome.quarantined)
    write_incidents(session, outcome)
    write_reasking(session, outcome.triggers, outcome.reasked)
    write_marks(session, outcome.marks, outcome.lifted)
    write_erasures(session, outcome.erasures)
    if outcome.heard is not None:
        later.write_heard(session, outcome.heard)


def _version(session: Session, child: ChildId) -> int:
    row = session.row(_VERSION, child=child)
    if row is None:
        msg = "a decision or fact names a child that is not stored; nothing was stored"
        raise UnknownStepError(msg, code="store.unknown_child", remedy="store the child's identity first")
    return int(row.version)


def _write_identity(session: Session, change: IdentityChange) -> None:
    by_surname, by_forename = change.name_hashes
    if change.is_new:
        session.run(
            _NEW_CHILD,
            child=change.child,
            standing=change.child,
            version=0,
            is_provisional=int(change.is_provisional),
            surname_hash=by_surname,
            forename_hash=by_forename,
            events=0,
            last_event_at=None,
            sealed_demographics=change.demographics,
        )
    else:
        session.run(
            _CHILD_KNOWN_BETTER,
            the_child=change.child,
            provisional=int(change.is_provisional),
            by_surname=by_surname,
            by_forename=by_forename,
            sealed=change.demographics,
        )
    session.run_all(_TAKE, [{"its_kind": kind, "its_hash": value, "by": change.child} for kind, value in change.taken])
    links = [{"kind": kind, "hash": value, "child": change.child} for kind, value in dict.fromkeys(change.links)]
    if session.run_all(_LINK, links) != len(links):
        msg = "an identity already means another child; nothing was stored"
        raise UnknownStepError(msg, code="store.identity_taken", remedy="look the child up again")


def _unlearn(session: Session, outcome: Outcome, versions: dict[ChildId, int]) -> dict[ChildId, int]:
    raised = {}
    for child, event in outcome.unlearned:
        version = 1 + (versions[child] if child in versions else _version(session, child))
        if unlearn(session, child, event, version=version):
            session.run(_NEXT_VERSION, the_child=child, next_version=version)
            raised[child] = version
    return raised


def _write_facts(session: Session, facts: Sequence[Fact], versions: dict[ChildId, int]) -> dict[ChildId, int]:
    raised = {}
    for child in {fact.child for fact in facts}:
        version = versions[child] + 1
        mine = [rows.fact_columns(fact, version=version) for fact in facts if fact.child == child]
        note_taught(session, mine)
        if session.run_all(_FACT, mine):
            session.run(_NEXT_VERSION, the_child=child, next_version=version)
            raised[child] = version
    return raised


def _write_event(session: Session, event: StoredEvent) -> None:
    session.run(_DROP_HELD, event_id=event.event_id)
    session.run(_EVENT, **rows.event_columns(event))
    if event.child is not None and event.is_safeguarding and event.state == "accepted":
        session.run(_HAS_EVENT, the_child=event.child, occurred=rows.micros(event.occurred_at))


def _write_decisions(session: Session, outcome: Outcome, versions: dict[ChildId, int]) -> None:
    stand = [{"the_decision": r.decision_id, "stands": versions[r.child]} for r in outcome.reaffirmed]
    session.run_all(_STANDS, stand)
    if not outcome.decisions:
        return
    first: Decision = outcome.decisions[0]
    if outcome.asked:
        asked = {"asked_id": first.decision_id, "at": rows.micros(first.decided_at), "sealed": outcome.asked}
        session.add_later(_ASKED, (asked,))
    asked_id = first.decision_id if outcome.asked else ""
    session.add_later(
        _DECISION,
        (rows.decision_columns(d, stands_at=versions[d.child], asked_id=asked_id) for d in outcome.decisions),
    )
