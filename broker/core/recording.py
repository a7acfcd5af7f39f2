"""Writing a ledger record: its frozen leaf, and what opens it, sealed."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from broker.core.commitments import SALT_SIZE, Opening, make_leaf, order_key
from broker.core.outcome import Record, RecordKind
from broker.core.sealing import Sealer
from contracts.words import ChildId, EventId, RecipientId, RecordId


@dataclass(frozen=True, slots=True)
class Told:
    """What one record tells. ``disclosed`` opens to its recipient, ``internal`` to the exchange alone.

    ``about`` names the decision, delivery, question or other thing that it tells of.
    """

    kind: RecordKind
    about: str
    disclosed: Mapping[str, Any]
    internal: Mapping[str, Any]
    event_id: EventId | None = None
    child: ChildId | None = None
    recipient: RecipientId | None = None


def write_record(told: Told, *, record_id: RecordId, at: datetime, sealer: Sealer, log_secret: bytes) -> Record:
    """Freeze the leaf and seal what opens it, under the child's key or the partnership's."""
    disclosed = Opening(sealer.random(SALT_SIZE), told.disclosed)
    internal = Opening(sealer.random(SALT_SIZE), told.internal)
    opened = {"disclosed": _written(disclosed), "internal": _written(internal)}
    return Record(
        record_id=record_id,
        kind=told.kind,
        about=told.about,
        event_id=told.event_id,
        child=told.child,
        recipient=told.recipient,
        at=at,
        leaf=make_leaf(disclosed, internal, at=at),
        order_key=order_key(log_secret, record_id),
        sealed=sealer.seal(json.dumps(opened).encode(), about=about_record(record_id)),
    )


def open_record(record: Record, sealer: Sealer) -> tuple[Opening, Opening]:
    """Open a record: its disclosed and its internal part, each with its salt.

    Raises:
        SealBrokenError: it was changed, or is under another key.
    """
    opened = json.loads(sealer.unseal(record.sealed, about=about_record(record.record_id)))
    return _read(opened["disclosed"]), _read(opened["internal"])


def about_record(record_id: str) -> str:
    """What a record's sealed part is bound to."""
    return f"record:{record_id}"


def about_delivery(delivery_id: str) -> str:
    """What a staged delivery's sealed body is bound to."""
    return f"delivery:{delivery_id}"


def _written(opening: Opening) -> Mapping[str, Any]:
    return {"salt": base64.b64encode(opening.salt).decode(), "content": opening.content}


def _read(written: Mapping[str, Any]) -> Opening:
    return Opening(base64.b64decode(written["salt"]), written["content"])
