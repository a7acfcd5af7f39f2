"""What could not be read is sealed under a key of its own, with a reason, an owner and a clock; destroyed in time."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from adapters.kit.agency import Agency
from adapters.kit.errors import QuarantineError
from adapters.kit.ids import keyed
from adapters.kit.sealing import DamagedSealError, new_key, seal, seal_stream, unseal, unseal_stream
from adapters.kit.spool_journal import QuarantineEntry, SpoolJournal

DEADLINE_HOURS = 24
"""Hours until the owner must have looked, unless the agency's setting ``quarantine_hours`` says otherwise."""

KEPT_AT_MOST = timedelta(days=30)
OWNER = "data quality lead"
"""Who owns what lies in quarantine, unless the agency's setting ``quarantine_owner`` says otherwise."""

_WRAPPING = "quarantine"


@dataclass(frozen=True, slots=True)
class Unreadable:
    """One part to be kept: why, where it stood, and its bytes (or a file too large to read)."""

    reason: str
    remedy: str
    place: str
    raw: bytes | Path


def put_away(part: Unreadable, *, agency: Agency, journal: SpoolJournal, digest: str, now: datetime) -> QuarantineEntry:
    """Seal one part into the agency's quarantine folder; the same part of the same file is there once.

    The entry becomes known when the spool writes it; until then a crash leaves a sealed file whose key is lost.
    """
    entry_id = keyed(agency.secret, "quarantine", digest, part.place, part.reason)[:32]
    there = next((entry for entry in journal.quarantined() if entry.id == entry_id), None)
    if there is not None:
        return there
    key = new_key()
    with _place(agency, entry_id).open("wb") as target, _source(part.raw) as source:
        seal_stream(key, source, target, entry_id)
        target.flush()
        os.fsync(target.fileno())
    hours = int(agency.settings.get("quarantine_hours", DEADLINE_HOURS))
    return QuarantineEntry(
        id=entry_id,
        reason=part.reason,
        owner=agency.settings.get("quarantine_owner", OWNER),
        received_at=now,
        deadline=now + timedelta(hours=hours),
        destroy_at=now + KEPT_AT_MOST,
        place=part.place,
        remedy=part.remedy,
        wrapped_key=seal(agency.derived(_WRAPPING), key, entry_id),
    )


def take_out(entry_id: str, *, agency: Agency, journal: SpoolJournal) -> Iterator[bytes]:
    """The original bytes of a part in quarantine, piece by piece, for its owner to look at.

    Raises:
        QuarantineError: there is no such part, or it does not open.
    """
    entry = next((entry for entry in journal.quarantined() if entry.id == entry_id), None)
    if entry is None or not _place(agency, entry_id).is_file():
        msg = f"nothing in quarantine has the id {entry_id!r}"
        raise QuarantineError(msg, code="quarantine.unknown", remedy="list what lies there; it may have been destroyed")
    try:
        key = unseal(agency.derived(_WRAPPING), entry.wrapped_key, entry_id)
    except DamagedSealError:
        msg = "the key of a part in quarantine does not open"
        raise QuarantineError(msg, code="quarantine.damaged", remedy="check the agency's secret") from None
    with _place(agency, entry_id).open("rb") as source:
        yield from unseal_stream(key, source, entry_id)


def destroy(entry_id: str, *, agency: Agency, journal: SpoolJournal) -> bool:
    """Destroy one part: first its key, then its file. Gives whether it was there."""
    was_there = journal.destroy(entry_id)
    _place(agency, entry_id).unlink(missing_ok=True)
    return was_there


def destroy_expired(*, agency: Agency, journal: SpoolJournal, now: datetime) -> int:
    """Destroy every part whose 30 days are over. Gives how many."""
    expired = [entry.id for entry in journal.quarantined() if entry.destroy_at <= now]
    return sum(destroy(entry_id, agency=agency, journal=journal) for entry_id in expired)


def _place(agency: Agency, entry_id: str) -> Path:
    return agency.quarantine / f"{entry_id}.sealed"


def _source(raw: bytes | Path) -> BinaryIO:
    return raw.open("rb") if isinstance(raw, Path) else BytesIO(raw)
