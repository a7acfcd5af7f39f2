"""The journal as it began. Before this no store was released."""

import sqlalchemy as sa
from alembic import op

from broker.drivers.sql.migrations.columns import blobs, numbers, position, small, texts, where

revision = "0003"
down_revision = None


def _approvals() -> None:
    op.create_table("approvals", position(), *texts("event_id", "approval"), sa.PrimaryKeyConstraint("position"))
    op.create_index("ix_approvals_event_id", "approvals", ["event_id"])


def _asked() -> None:
    op.create_table("asked", *texts("asked_id"), *numbers("at"), *blobs("sealed"), sa.PrimaryKeyConstraint("asked_id"))


def _children() -> None:
    op.create_table(
        "children",
        *texts("child", "standing"),
        *numbers("version"),
        *small("is_provisional"),
        *texts("surname_hash", "forename_hash"),
        *small("events"),
        *numbers("last_event_at", nullable=True),
        *blobs("sealed_demographics"),
        sa.PrimaryKeyConstraint("child"),
    )
    op.create_index("ix_children_forename_hash", "children", ["forename_hash"])
    op.create_index("ix_children_standing", "children", ["standing"])
    op.create_index("ix_children_surname_hash", "children", ["surname_hash"])


def _feeds() -> None:
    op.create_table(
        "feeds", *texts("agency", "source"), *numbers("at", "sequence"), sa.PrimaryKeyConstraint("agency", "source")
    )


def _numbers() -> None:
    op.create_table("numbers", *texts("source"), *numbers("first", "last"), sa.PrimaryKeyConstraint("source", "first"))


def _quarantine() -> None:
    op.create_table(
        "quarantine",
        *texts("quarantine_id", "channel"),
        *texts("event_id", nullable=True),
        *texts("reason", "owner"),
        *numbers("deadline", "at"),
        *blobs("sealed"),
        sa.PrimaryKeyConstraint("quarantine_id"),
    )


def _records() -> None:
    op.create_table(
        "records",
        position(),
        *texts("record_id", "kind", "about"),
        *texts("event_id", "child", "recipient", nullable=True),
        *numbers("at"),
        *blobs("leaf", "order_key"),
        *numbers("leaf_index", nullable=True),
        *blobs("sealed"),
        sa.PrimaryKeyConstraint("position"),
        sa.UniqueConstraint("record_id"),
    )
    op.create_index("ix_records_event_id", "records", ["event_id"])
    op.create_index("records_alone", "records", ["child"], **where("event_id IS NULL"))
    op.create_index("records_pending", "records", ["position"], **where("leaf_index IS NULL"))
    op.create_index("records_placed", "records", ["leaf_index"], unique=True, **where("leaf_index IS NOT NULL"))


def _replies() -> None:
    op.create_table("replies", position(), *texts("reply"), *small("handed_over"), sa.PrimaryKeyConstraint("position"))
    op.create_index("replies_pending", "replies", ["position"], **where("handed_over = 0"))


def _decisions() -> None:
    op.create_table(
        "decisions",
        position(),
        *texts("decision_id", "event_id", "recipient", "child", "effect", "verdict", "policy_digest"),
        *numbers("facts_version", "stands_at", "decided_at"),
        *texts("asked_again", "asked_id"),
        sa.ForeignKeyConstraint(["child"], ["children.child"]),
        sa.PrimaryKeyConstraint("position"),
        sa.UniqueConstraint("decision_id"),
    )
    op.create_index("ix_decisions_event_id", "decisions", ["event_id"])


def _erasures() -> None:
    op.create_table(
        "erasures",
        *texts("erasure_id", "child", "ground", "proposed_by", "proposed_role"),
        *numbers("proposed_at"),
        *texts("confirmed_by", "confirmed_role"),
        *numbers("confirmed_at", "withdrawn_at", "finished_at", nullable=True),
        *texts("record_id"),
        sa.ForeignKeyConstraint(["child"], ["children.child"]),
        sa.ForeignKeyConstraint(["record_id"], ["records.record_id"]),
        sa.PrimaryKeyConstraint("erasure_id"),
    )
    op.create_index("erasures_of", "erasures", ["child"])


def _escalations() -> None:
    op.create_table(
        "escalations",
        *texts("kind", "about"),
        *small("number"),
        *texts("step", "role", "passed_to", "record_id"),
        *numbers("at"),
        *numbers("next_at", nullable=True),
        sa.ForeignKeyConstraint(["record_id"], ["records.record_id"]),
        sa.PrimaryKeyConstraint("kind", "about", "number"),
    )


def _events() -> None:
    op.create_table(
        "events",
        position(),
        *texts("event_id", "event_type", "agency", "source"),
        *numbers("sequence"),
        *texts("rawhash", "subject", "incident"),
        *numbers("occurred_at", "received_at"),
        *texts("state"),
        *small("urgency", "level"),
        *texts("attributes", "signature"),
        *texts("child", nullable=True),
        *small("is_safeguarding"),
        *texts("held_reason"),
        *numbers("held_until", nullable=True),
        *texts("considered", "not_considered"),
        *texts("corrects", "corrected_by", nullable=True),
        *blobs("sealed"),
        sa.ForeignKeyConstraint(["child"], ["children.child"]),
        sa.PrimaryKeyConstraint("position"),
        sa.UniqueConstraint("event_id"),
    )
    op.create_index("events_child", "events", ["child", "occurred_at"])
    op.create_index("events_correcting", "events", ["corrects"], **where("corrects IS NOT NULL"))
    op.create_index("events_held", "events", ["urgency", "held_until"], **where("state = 'held'"))


def _facts() -> None:
    op.create_table(
        "facts",
        *texts("child", "kind", "key", "value"),
        *numbers("as_at"),
        *texts("source_event", "agency"),
        *numbers("since", "until", nullable=True),
        *numbers("version"),
        *blobs("sealed"),
        sa.ForeignKeyConstraint(["child"], ["children.child"]),
        sa.PrimaryKeyConstraint("child", "kind", "key"),
    )


def _identity_acts() -> None:
    op.create_table(
        "identity_acts",
        position(),
        *texts("kind", "child", "other", "moved", "record_id"),
        *numbers("at"),
        *texts("evidence", "person", "role"),
        *blobs("sealed_reason"),
        sa.ForeignKeyConstraint(["child"], ["children.child"]),
        sa.ForeignKeyConstraint(["other"], ["children.child"]),
        sa.PrimaryKeyConstraint("position"),
    )
    op.create_index("ix_identity_acts_child", "identity_acts", ["child"])
    op.create_index("ix_identity_acts_other", "identity_acts", ["other"])


def _identity_links() -> None:
    op.create_table(
        "identity_links",
        *texts("kind", "hash", "child"),
        sa.ForeignKeyConstraint(["child"], ["children.child"]),
        sa.PrimaryKeyConstraint("kind", "hash"),
    )
    op.create_index("ix_identity_links_child", "identity_links", ["child"])


def _incidents() -> None:
    op.create_table(
        "incidents",
        position(),
        *texts("incident_id", "cause", "subject", "question_id", "record_id"),
        *numbers("opened_at"),
        *numbers("ended_at", nullable=True),
        *texts("ended_record", nullable=True),
        sa.ForeignKeyConstraint(["ended_record"], ["records.record_id"]),
        sa.ForeignKeyConstraint(["record_id"], ["records.record_id"]),
        sa.PrimaryKeyConstraint("position"),
        sa.UniqueConstraint("incident_id"),
    )
    op.create_index("incidents_open", "incidents", ["cause", "subject"], unique=True, **where("ended_at IS NULL"))


def _marks() -> None:
    op.create_table(
        "marks",
        position(),
        *texts("mark_id", "kind", "child", "person", "role"),
        *numbers("since"),
        *numbers("until", nullable=True),
        *texts("record_id"),
        *numbers("lifted_at", nullable=True),
        *texts("lifted_record", nullable=True),
        *blobs("sealed_reason"),
        sa.ForeignKeyConstraint(["child"], ["children.child"]),
        sa.ForeignKeyConstraint(["lifted_record"], ["records.record_id"]),
        sa.ForeignKeyConstraint(["record_id"], ["records.record_id"]),
        sa.PrimaryKeyConstraint("position"),
        sa.UniqueConstraint("mark_id"),
    )
    op.create_index("marks_standing", "marks", ["child"], **where("lifted_at IS NULL"))


def _questions() -> None:
    op.create_table(
        "questions",
        position(),
        *texts("question_id"),
        *texts("child", nullable=True),
        *texts("code", "owner"),
        *numbers("deadline"),
        *small("urgency"),
        *texts("event_id", "recipient", nullable=True),
        *texts("scope", "detail"),
        *small("answered"),
        sa.ForeignKeyConstraint(["child"], ["children.child"]),
        sa.PrimaryKeyConstraint("position"),
        sa.UniqueConstraint("question_id"),
    )
    op.create_index("questions_open", "questions", ["deadline"], **where("answered = 0"))
    op.create_index("questions_open_about", "questions", ["child"], **where("answered = 0"))


def _reasks() -> None:
    op.create_table(
        "reasks",
        position(),
        *texts("child", nullable=True),
        *texts("why"),
        *small("urgency"),
        *numbers("due"),
        *texts("epoch"),
        *numbers("cursor"),
        *small("asked", "changed"),
        *numbers("finished_at", nullable=True),
        sa.ForeignKeyConstraint(["child"], ["children.child"]),
        sa.PrimaryKeyConstraint("position"),
    )
    op.create_index("reasks_of_child", "reasks", ["child"], **where("finished_at IS NULL"))
    op.create_index("reasks_waiting", "reasks", ["urgency", "due"], **where("finished_at IS NULL"))


def _taught() -> None:
    op.create_table(
        "taught",
        *texts("child", "kind", "key", "value"),
        *numbers("as_at"),
        *texts("source_event", "agency"),
        *numbers("since", "until", nullable=True),
        *numbers("version"),
        *blobs("sealed"),
        sa.ForeignKeyConstraint(["child"], ["children.child"]),
        sa.PrimaryKeyConstraint("child", "kind", "key", "source_event"),
    )


def _answers() -> None:
    op.create_table(
        "answers",
        *texts("question_id", "answered_by", "role"),
        *small("granted"),
        *numbers("at"),
        *blobs("sealed_reason"),
        sa.ForeignKeyConstraint(["question_id"], ["questions.question_id"]),
        sa.PrimaryKeyConstraint("question_id"),
    )


def _deliveries() -> None:
    op.create_table(
        "deliveries",
        position(),
        *texts("delivery_id"),
        *numbers("revision"),
        *texts("kind", "event_id", "child", "recipient", "decision_id", "record_id", "digest"),
        *small("urgency", "gives_location"),
        *numbers("receipt_due", "not_before", "released_at", nullable=True),
        *texts("release_record", nullable=True),
        *numbers("checkpoint_size", nullable=True),
        *texts("superseded_by", nullable=True),
        *numbers("delivered_at", "opened_at", "acknowledged_at", nullable=True),
        *texts("cause", nullable=True),
        *blobs("sealed"),
        sa.ForeignKeyConstraint(["child"], ["children.child"]),
        sa.ForeignKeyConstraint(["decision_id"], ["decisions.decision_id"]),
        sa.ForeignKeyConstraint(["record_id"], ["records.record_id"]),
        sa.ForeignKeyConstraint(["release_record"], ["records.record_id"]),
        sa.ForeignKeyConstraint(["superseded_by"], ["records.record_id"]),
        sa.PrimaryKeyConstraint("position"),
        sa.UniqueConstraint("delivery_id"),
    )


def _deliveries_found() -> None:
    op.create_index(
        "deliveries_unacknowledged",
        "deliveries",
        ["receipt_due"],
        **where("cause IS NOT NULL AND released_at IS NOT NULL AND superseded_by IS NULL AND acknowledged_at IS NULL"),
    )
    op.create_index(
        "deliveries_undelivered",
        "deliveries",
        ["released_at"],
        **where("superseded_by IS NULL AND delivered_at IS NULL"),
    )
    op.create_index(
        "deliveries_unreceived",
        "deliveries",
        ["receipt_due"],
        **where("released_at IS NOT NULL AND superseded_by IS NULL AND opened_at IS NULL"),
    )
    op.create_index(
        "deliveries_waiting",
        "deliveries",
        ["urgency", "position"],
        **where("released_at IS NULL AND superseded_by IS NULL"),
    )
    op.create_index("ix_deliveries_event_id", "deliveries", ["event_id"])
    op.create_index("ix_deliveries_recipient", "deliveries", ["recipient"])


def _receipts() -> None:
    op.create_table(
        "receipts",
        *texts("delivery_id", "kind", "recipient", "digest", "role"),
        *numbers("signed_at"),
        *texts("keyid", "signature", "record_id"),
        *numbers("at"),
        sa.ForeignKeyConstraint(["delivery_id"], ["deliveries.delivery_id"]),
        sa.ForeignKeyConstraint(["record_id"], ["records.record_id"]),
        sa.PrimaryKeyConstraint("delivery_id", "kind"),
    )


def upgrade() -> None:
    """Make every table."""
    for make in (
        _approvals,
        _asked,
        _children,
        _feeds,
        _numbers,
        _quarantine,
        _records,
        _replies,
        _decisions,
        _erasures,
        _escalations,
        _events,
        _facts,
        _identity_acts,
        _identity_links,
        _incidents,
        _marks,
        _questions,
        _reasks,
        _taught,
        _answers,
        _deliveries,
        _deliveries_found,
        _receipts,
    ):
        make()
