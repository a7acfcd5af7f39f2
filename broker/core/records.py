"""Writing ledger records: a leaf that shows nothing, and what opens it, sealed."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from broker.core.commitments import SALT_SIZE, Leaf, Opening, order_key
from broker.core.note import decode, encode
from broker.core.outcome import Record, RecordKind
from broker.core.sealing import Sealer
from contracts.canonical import canonical_fields, read_json_object
from contracts.words import ChildId, EventId, RecipientId, RecordId


@dataclass(frozen=True, slots=True)
class RecordWriter:
    """Writes records under one key. ``id_in_order`` gives fresh identifiers; ``log_secret`` hides their order."""

    sealer: Sealer
    log_secret: bytes = field(repr=False)
    id_in_order: Any = field(repr=False)
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
        record_id = RecordId(self.id_in_order())
        salts = self.sealer.random(2 * SALT_SIZE)
        shown = _Half(salts[:SALT_SIZE], canonical_fields({"kind": kind.value, **disclosed}))
        kept = _Half(salts[SALT_SIZE:], canonical_fields({"kind": kind.value, "about": about, **internal}))
        return Record(
            record_id=record_id,
            kind=kind,
            about=about,
            event_id=event_id,
            child=child,
            recipient=recipient,
            at=self.at,
            leaf=bytes(Leaf(self.at, shown.commitment(), kept.commitment())),
            order_key=order_key(self.log_secret, record_id),
            sealed=self.sealer.seal(_write(shown, kept), about=about_record(record_id)),
        )


@dataclass(frozen=True, slots=True)
class _Half:
    """One part of a record, written once: what is committed to is, byte for byte, what is sealed."""

    salt: bytes
    content: bytes

    def commitment(self) -> bytes:
        """The same as the commitment of its opening."""
        return hmac.digest(self.salt, self.content, "sha256")

    def sealed_part(self) -> bytes:
        """Salt and content as canonical JSON."""
        return b'{"content":%b,"salt":"%b"}' % (self.content, encode(self.salt).encode())


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


def _write(shown: _Half, kept: _Half) -> bytes:
    return b'{"disclosed":%b,"internal":%b}' % (shown.sealed_part(), kept.sealed_part())
