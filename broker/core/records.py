"""Writing ledger records: a leaf that shows nothing, and what opens it, sealed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from broker.core.commitments import SALT_SIZE, Opening, make_leaf, order_key
from broker.core.note import decode, encode
from broker.core.outcome import Record, RecordKind
from broker.core.sealing import Sealer
from contracts.canonical import canonical, read_json_object
from contracts.words import ChildId, EventId, RecipientId, RecordId


@dataclass(frozen=True, slots=True)
class RecordWriter:
    """Writes records under one key. ``new_id`` gives fresh identifiers; ``log_secret`` hides their order."""

    sealer: Sealer
    log_secret: bytes = field(repr=False)
    new_id: Any = field(repr=False)
    at: datetime

    def write(
        self,
        kind: RecordKind,
        *,
        about: str,
        disclosed: Mapping[str, Any],
        internal: Mapping[str, Any],
        event_id: EventId | None = None,
        child: ChildId | None = None,
        recipient: RecipientId | None = None,
    ) -> Record:
        """One record. ``disclosed`` is what its recipient may see of it; ``internal`` the rest."""
        record_id = RecordId(self.new_id())
        salts = self.sealer.random(2 * SALT_SIZE)
        shown = Opening(salts[:SALT_SIZE], {"kind": kind.value, **disclosed})
        kept = Opening(salts[SALT_SIZE:], {"kind": kind.value, "about": about, **internal})
        return Record(
            record_id=record_id,
            kind=kind,
            about=about,
            event_id=event_id,
            child=child,
            recipient=recipient,
            at=self.at,
            leaf=make_leaf(shown, kept, at=self.at),
            order_key=order_key(self.log_secret, record_id),
            sealed=self.sealer.seal(_write(shown, kept), about=about_record(record_id)),
        )


def about_record(record_id: RecordId) -> str:
    """What a record's sealed opening is bound to."""
    return f"record:{record_id}"


def read_openings(content: bytes) -> tuple[Opening, Opening]:
    """The two openings of a record, disclosed and internal, from its unsealed content."""
    row = read_json_object(content)
    shown, kept = row["disclosed"], row["internal"]
    return (
        Opening(decode(shown["salt"]) or b"", shown["content"]),
        Opening(decode(kept["salt"]) or b"", kept["content"]),
    )


def _write(shown: Opening, kept: Opening) -> bytes:
    return canonical(
        {
            "disclosed": {"salt": encode(shown.salt), "content": shown.content},
            "internal": {"salt": encode(kept.salt), "content": kept.content},
        }
    )
