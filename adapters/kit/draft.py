"""From a mapped event to a numbered, signed one."""

from dataclasses import dataclass
from datetime import UTC, datetime

from adapters.kit import ids
from adapters.kit.agency import Agency
from adapters.kit.records import Mapped
from contracts.base import Model
from contracts.canonical import canonical
from contracts.envelope import Envelope, SignedEvent
from contracts.events.mash import ReportWithdrawn
from contracts.events.police import NoticeKept
from contracts.payload import Payload
from contracts.signing import sign_event
from contracts.words import Grade

_ISO_MONDAY = 1


@dataclass(frozen=True, slots=True)
class Draft:
    """An event that lacks only its number and signature."""

    id: str
    adapter: str
    version: str
    type: str
    time: datetime
    subject: str
    rawhash: str
    incident: str | None
    corrects: str | None
    grade: Grade | None
    data: bytes


def draft(
    mapped: Mapped, *, agency: Agency, adapter: str, version: str, usual: Grade | None = None, raw: bytes = b""
) -> Draft:
    """Give a mapped event its keyed identifiers.

    ``usual``: the catalogue's grade, for an event whose sender set none; it decides how long the event may wait.
    ``raw``: the native record's bytes; without them the keyed digest covers what the event says, when
    it was recorded and observed aside, so that a repeat under another message id is still a repeat.
    """
    payload = _with_subject(mapped, agency)
    event_type = str(payload.event_type)  # type: ignore[attr-defined]  # every payload model fixes one
    corrects = None
    if mapped.corrects is not None:
        corrects = _id(mapped, agency, mapped.corrects_type or event_type, *mapped.corrects)
    return Draft(
        id=_id(mapped, agency, event_type, mapped.native_key, mapped.native_version),
        adapter=adapter,
        version=version,
        type=event_type,
        time=occurred(payload),
        subject=ids.subject(agency.secret, mapped.child_ref),
        rawhash=ids.raw_hash(agency.secret, raw or said(payload)),
        incident=ids.incident(agency.secret, mapped.incident) if mapped.incident else None,
        corrects=corrects,
        grade=payload.grade.value if isinstance(payload, Payload) and payload.grade else usual,
        data=canonical(payload.model_dump(mode="json", exclude_none=True)),
    )


def sign(item: Draft, *, agency: Agency, incarnation: str, sequence: int) -> SignedEvent:
    """Number and sign a draft."""
    envelope = Envelope(
        id=item.id,
        source=f"{agency.id}/{item.adapter}/{incarnation}",
        type=item.type,
        time=item.time,
        subject=item.subject,
        sequence=sequence,
        rawhash=item.rawhash,
        incident=item.incident,
        adapter=f"{item.adapter}@{item.version}",
        corrects=item.corrects,
        keyid=agency.keyid,
    )
    return sign_event(envelope, item.data, agency.key)


def said(payload: Model) -> bytes:
    """What an event says, as bytes: everything but when it was recorded and observed."""
    content = payload.model_dump(mode="json", exclude_none=True)
    times = content.get("times")
    if isinstance(times, dict):
        times.pop("observed", None)
        times.pop("recorded", None)
    return canonical(content)


def occurred(payload: Model) -> datetime:
    """When an event occurred; a notice kept at the edge tells no more than its week's first day."""
    if isinstance(payload, NoticeKept):
        year, week = payload.week.split("-W")
        return datetime.fromisocalendar(int(year), int(week), _ISO_MONDAY).replace(tzinfo=UTC)
    if isinstance(payload, ReportWithdrawn):
        return payload.withdrawn
    if isinstance(payload, Payload):
        return payload.times.occurred
    msg = f"{type(payload).__name__} does not say when it occurred"
    raise TypeError(msg)


def week_of(moment: datetime) -> str:
    """The ISO week of a moment in UTC, as ``2026-W10``."""
    year, week, _ = moment.astimezone(UTC).isocalendar()
    return f"{year}-W{week:02d}"


def _id(mapped: Mapped, agency: Agency, event_type: str, native_key: str, native_version: str) -> str:
    return ids.event_id(
        agency.secret,
        agency=agency.id,
        event_type=event_type,
        native_key=native_key,
        native_version=native_version,
        child_ref=mapped.child_ref,
    )


def _with_subject(mapped: Mapped, agency: Agency) -> Model:
    """A notice's subject is keyed here, whatever the adapter put there: adapters do not hold the secret."""
    if isinstance(mapped.payload, NoticeKept):
        return mapped.payload.model_copy(update={"subject": ids.subject(agency.secret, mapped.child_ref)})
    return mapped.payload
