"""The journal's tables. All of a plain type, so that every database keeps them alike.

Instants are whole microseconds since 1970, UTC. What is personal stands only in columns named ``sealed...``.
``urgency`` is the grade's place, red being 0.
"""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    text,
)

REVISION = "0003"
"""The last of ``migrations/journal``: a change of these tables is a revision there, and this is then its number."""
metadata = MetaData()
NUMBER = BigInteger().with_variant(Integer, "sqlite")
_Id = Text()
_Word = Text()

HELD = "state = 'held'"
PENDING = "leaf_index IS NULL"
PLACED = "leaf_index IS NOT NULL"
ALONE = "event_id IS NULL"
OPEN = "answered = 0"
UNSENT = "handed_over = 0"
UNASKED = "finished_at IS NULL"
NOT_OVER = "ended_at IS NULL"
STANDING = "lifted_at IS NULL"
WAITING = "released_at IS NULL AND superseded_by IS NULL"
UNOPENED = "released_at IS NOT NULL AND superseded_by IS NULL AND opened_at IS NULL"
UNDELIVERED = "superseded_by IS NULL AND delivered_at IS NULL"
UNACKNOWLEDGED = "cause IS NOT NULL AND released_at IS NOT NULL AND superseded_by IS NULL AND acknowledged_at IS NULL"
"""Conditions of partial indexes; a query must use the very same words to be served by one."""


def _where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


def _position() -> Column[int]:
    return Column("position", NUMBER, primary_key=True, autoincrement=True)


children = Table(
    "children",
    metadata,
    Column("child", _Id, primary_key=True),
    Column("standing", _Id, nullable=False, index=True),
    Column("version", NUMBER, nullable=False),
    Column("is_provisional", Integer, nullable=False),
    Column("surname_hash", Text, nullable=False, index=True),
    Column("forename_hash", Text, nullable=False, index=True),
    Column("events", Integer, nullable=False),
    Column("last_event_at", NUMBER),
    Column("sealed_demographics", LargeBinary, nullable=False),
)
"""Identity records: several may be of one child, which is then known as ``standing``; alone, a record stands itself.

``surname_hash`` and ``forename_hash`` are keyed, each with the birth date: who may be the same child is found by them.
``events`` counts accepted safeguarding events; ``version`` every change of facts, kept at the standing one.
"""

identity_acts = Table(
    "identity_acts",
    metadata,
    _position(),
    Column("kind", _Word, nullable=False),
    Column("child", _Id, ForeignKey(children.c.child), nullable=False, index=True),
    Column("other", _Id, ForeignKey(children.c.child), nullable=False, index=True),
    Column("moved", Text, nullable=False),
    Column("record_id", _Id, nullable=False),
    Column("at", NUMBER, nullable=False),
    Column("evidence", Text, nullable=False),
    Column("person", _Id, nullable=False),
    Column("role", _Word, nullable=False),
    Column("sealed_reason", LargeBinary, nullable=False),
)
"""Every merge and unmerge of records: who, when, on what evidence, and under which ledger record."""

identity_links = Table(
    "identity_links",
    metadata,
    Column("kind", _Word, nullable=False),
    Column("hash", _Id, nullable=False),
    Column("child", _Id, ForeignKey(children.c.child), nullable=False, index=True),
    PrimaryKeyConstraint("kind", "hash"),
)

facts = Table(
    "facts",
    metadata,
    Column("child", _Id, ForeignKey(children.c.child), nullable=False),
    Column("kind", _Word, nullable=False),
    Column("key", Text, nullable=False),
    Column("value", Text, nullable=False),
    Column("as_at", NUMBER, nullable=False),
    Column("source_event", _Id, nullable=False),
    Column("agency", _Id, nullable=False),
    Column("since", NUMBER),
    Column("until", NUMBER),
    Column("version", NUMBER, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    PrimaryKeyConstraint("child", "kind", "key"),
)

taught = Table(
    "taught",
    metadata,
    *(Column(c.name, c.type, *(ForeignKey(f.column) for f in c.foreign_keys), nullable=c.nullable) for c in facts.c),
    PrimaryKeyConstraint("child", "kind", "key", "source_event"),
)
"""What each report taught, also where a later one said otherwise: known again if that one does not hold."""

events = Table(
    "events",
    metadata,
    _position(),
    Column("event_id", _Id, nullable=False, unique=True),
    Column("event_type", Text, nullable=False),
    Column("agency", _Id, nullable=False),
    Column("source", Text, nullable=False),
    Column("sequence", NUMBER, nullable=False),
    Column("rawhash", _Id, nullable=False),
    Column("subject", _Id, nullable=False),
    Column("incident", _Id, nullable=False),
    Column("occurred_at", NUMBER, nullable=False),
    Column("received_at", NUMBER, nullable=False),
    Column("state", _Word, nullable=False),
    Column("urgency", Integer, nullable=False),
    Column("level", Integer, nullable=False),
    Column("attributes", Text, nullable=False),
    Column("signature", Text, nullable=False),
    Column("child", _Id, ForeignKey(children.c.child)),
    Column("is_safeguarding", Integer, nullable=False),
    Column("held_reason", _Word, nullable=False),
    Column("held_until", NUMBER),
    Column("considered", Text, nullable=False),
    Column("not_considered", Text, nullable=False),
    Column("corrects", _Id),
    Column("corrected_by", _Id),
    Column("sealed", LargeBinary, nullable=False),
    Index("events_child", "child", "occurred_at"),
    Index("events_correcting", "corrects", **_where("corrects IS NOT NULL")),
    Index("events_held", "urgency", "held_until", **_where(HELD)),
)

asked = Table(
    "asked",
    metadata,
    Column("asked_id", _Id, primary_key=True),
    Column("at", NUMBER, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
)
"""The question as it was put, for replay; named by the first decision it led to."""

decisions = Table(
    "decisions",
    metadata,
    _position(),
    Column("decision_id", _Id, nullable=False, unique=True),
    Column("event_id", _Id, nullable=False, index=True),
    Column("recipient", _Id, nullable=False),
    Column("child", _Id, ForeignKey(children.c.child), nullable=False),
    Column("effect", _Word, nullable=False),
    Column("verdict", Text, nullable=False),
    Column("policy_digest", _Id, nullable=False),
    Column("facts_version", NUMBER, nullable=False),
    Column("stands_at", NUMBER, nullable=False),
    Column("decided_at", NUMBER, nullable=False),
    Column("asked_again", _Word, nullable=False),
    Column("asked_id", _Id, nullable=False),
)
"""``facts_version`` is what the decision read; ``stands_at`` the version that its own event's facts made of it."""

records = Table(
    "records",
    metadata,
    _position(),
    Column("record_id", _Id, nullable=False, unique=True),
    Column("kind", _Word, nullable=False),
    Column("about", _Id, nullable=False),
    Column("event_id", _Id, index=True),
    Column("child", _Id),
    Column("recipient", _Id),
    Column("at", NUMBER, nullable=False),
    Column("leaf", LargeBinary, nullable=False),
    Column("order_key", LargeBinary, nullable=False),
    Column("leaf_index", NUMBER),
    Column("sealed", LargeBinary, nullable=False),
    Index("records_pending", "position", **_where(PENDING)),
    Index("records_placed", "leaf_index", unique=True, **_where(PLACED)),
    Index("records_alone", "child", **_where(ALONE)),
)

deliveries = Table(
    "deliveries",
    metadata,
    _position(),
    Column("delivery_id", _Id, nullable=False, unique=True),
    Column("revision", NUMBER, nullable=False),
    Column("kind", _Word, nullable=False),
    Column("event_id", _Id, nullable=False, index=True),
    Column("child", _Id, ForeignKey(children.c.child), nullable=False),
    Column("recipient", _Id, nullable=False, index=True),
    Column("decision_id", _Id, ForeignKey(decisions.c.decision_id), nullable=False),
    Column("record_id", _Id, ForeignKey(records.c.record_id), nullable=False),
    Column("digest", _Id, nullable=False),
    Column("urgency", Integer, nullable=False),
    Column("gives_location", Integer, nullable=False),
    Column("receipt_due", NUMBER),
    Column("not_before", NUMBER),
    Column("released_at", NUMBER),
    Column("release_record", _Id, ForeignKey(records.c.record_id)),
    Column("checkpoint_size", NUMBER),
    Column("superseded_by", _Id, ForeignKey(records.c.record_id)),
    Column("delivered_at", NUMBER),
    Column("opened_at", NUMBER),
    Column("acknowledged_at", NUMBER),
    Column("cause", _Word),
    Column("sealed", LargeBinary, nullable=False),
    Index("deliveries_waiting", "urgency", "position", **_where(WAITING)),
    Index("deliveries_unacknowledged", "receipt_due", **_where(UNACKNOWLEDGED)),
    Index("deliveries_undelivered", "released_at", **_where(UNDELIVERED)),
    Index("deliveries_unreceived", "receipt_due", **_where(UNOPENED)),
)

receipts = Table(
    "receipts",
    metadata,
    Column("delivery_id", _Id, ForeignKey(deliveries.c.delivery_id), nullable=False),
    Column("kind", _Word, nullable=False),
    Column("recipient", _Id, nullable=False),
    Column("digest", _Id, nullable=False),
    Column("role", _Word, nullable=False),
    Column("signed_at", NUMBER, nullable=False),
    Column("keyid", Text, nullable=False),
    Column("signature", Text, nullable=False),
    Column("record_id", _Id, ForeignKey(records.c.record_id), nullable=False),
    Column("at", NUMBER, nullable=False),
    PrimaryKeyConstraint("delivery_id", "kind"),
)

questions = Table(
    "questions",
    metadata,
    _position(),
    Column("question_id", _Id, nullable=False, unique=True),
    Column("child", _Id, ForeignKey(children.c.child)),
    Column("code", _Word, nullable=False),
    Column("owner", _Word, nullable=False),
    Column("deadline", NUMBER, nullable=False),
    Column("urgency", Integer, nullable=False),
    Column("event_id", _Id),
    Column("recipient", _Id),
    Column("scope", _Word, nullable=False),
    Column("detail", Text, nullable=False),
    Column("answered", Integer, nullable=False),
    Index("questions_open", "deadline", **_where(OPEN)),
    Index("questions_open_about", "child", **_where(OPEN)),
)

answers = Table(
    "answers",
    metadata,
    Column("question_id", _Id, ForeignKey(questions.c.question_id), primary_key=True),
    Column("answered_by", _Id, nullable=False),
    Column("role", _Word, nullable=False),
    Column("granted", Integer, nullable=False),
    Column("at", NUMBER, nullable=False),
    Column("sealed_reason", LargeBinary, nullable=False),
)

approvals = Table(
    "approvals",
    metadata,
    _position(),
    Column("event_id", _Id, nullable=False, index=True),
    Column("approval", Text, nullable=False),
)

replies = Table(
    "replies",
    metadata,
    _position(),
    Column("reply", Text, nullable=False),
    Column("handed_over", Integer, nullable=False),
    Index("replies_pending", "position", **_where(UNSENT)),
)

feeds = Table(
    "feeds",
    metadata,
    Column("agency", _Id, nullable=False),
    Column("source", Text, nullable=False),
    Column("at", NUMBER, nullable=False),
    Column("sequence", NUMBER, nullable=False),
    PrimaryKeyConstraint("agency", "source"),
)

numbers = Table(
    "numbers",
    metadata,
    Column("source", Text, nullable=False),
    Column("first", NUMBER, nullable=False),
    Column("last", NUMBER, nullable=False),
    PrimaryKeyConstraint("source", "first"),
)
"""Runs of a source's numbers that were heard without a gap."""

quarantine = Table(
    "quarantine",
    metadata,
    Column("quarantine_id", _Id, primary_key=True),
    Column("channel", _Id, nullable=False),
    Column("event_id", _Id),
    Column("reason", _Word, nullable=False),
    Column("owner", _Word, nullable=False),
    Column("deadline", NUMBER, nullable=False),
    Column("at", NUMBER, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
)

escalations = Table(
    "escalations",
    metadata,
    Column("kind", _Word, nullable=False),
    Column("about", _Id, nullable=False),
    Column("number", Integer, nullable=False),
    Column("step", _Word, nullable=False),
    Column("role", _Word, nullable=False),
    Column("passed_to", Text, nullable=False),
    Column("record_id", _Id, ForeignKey(records.c.record_id), nullable=False),
    Column("at", NUMBER, nullable=False),
    Column("next_at", NUMBER),
    PrimaryKeyConstraint("kind", "about", "number"),
)
"""The steps taken about what waits past its time, each once; ``next_at``: when the next is due, none after the last."""

incidents = Table(
    "incidents",
    metadata,
    _position(),
    Column("incident_id", _Id, nullable=False, unique=True),
    Column("cause", _Word, nullable=False),
    Column("subject", Text, nullable=False),
    Column("question_id", _Id, nullable=False),
    Column("record_id", _Id, ForeignKey(records.c.record_id), nullable=False),
    Column("opened_at", NUMBER, nullable=False),
    Column("ended_at", NUMBER),
    Column("ended_record", _Id, ForeignKey(records.c.record_id)),
    Index("incidents_open", "cause", "subject", unique=True, **_where(NOT_OVER)),
)
"""One for one common cause; of a cause and subject at most one that is not over."""

reasks = Table(
    "reasks",
    metadata,
    _position(),
    Column("child", _Id, ForeignKey(children.c.child)),
    Column("why", Text, nullable=False),
    Column("urgency", Integer, nullable=False),
    Column("due", NUMBER, nullable=False),
    Column("epoch", _Id, nullable=False),
    Column("cursor", NUMBER, nullable=False),
    Column("asked", Integer, nullable=False),
    Column("changed", Integer, nullable=False),
    Column("finished_at", NUMBER),
    Index("reasks_waiting", "urgency", "due", **_where(UNASKED)),
    Index("reasks_of_child", "child", **_where(UNASKED)),
)
"""What must be asked again, of one child or of everybody, and how far that has come."""

marks = Table(
    "marks",
    metadata,
    _position(),
    Column("mark_id", _Id, nullable=False, unique=True),
    Column("kind", _Word, nullable=False),
    Column("child", _Id, ForeignKey(children.c.child), nullable=False),
    Column("person", _Id, nullable=False),
    Column("role", _Word, nullable=False),
    Column("since", NUMBER, nullable=False),
    Column("until", NUMBER),
    Column("record_id", _Id, ForeignKey(records.c.record_id), nullable=False),
    Column("lifted_at", NUMBER),
    Column("lifted_record", _Id, ForeignKey(records.c.record_id)),
    Column("sealed_reason", LargeBinary, nullable=False),
    Index("marks_standing", "child", **_where(STANDING)),
)
"""Legal holds and restrictions of use, each with who set it and when it is to be looked at again."""
