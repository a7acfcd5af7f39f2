"""One native file: read, edge policy, number, sign, spool, archive; what cannot be read goes to quarantine."""

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from adapters.kit.agency import Agency
from adapters.kit.archive import archive_file
from adapters.kit.contract_json import KIND as CONTRACT_JSON
from adapters.kit.draft import Draft, draft
from adapters.kit.draft import sign as sign_draft
from adapters.kit.edge import EdgePolicy, Gate
from adapters.kit.errors import AgencyError, ContentError
from adapters.kit.ids import keyed, raw_hash
from adapters.kit.limits import check_size
from adapters.kit.quarantine import Unreadable, put_away
from adapters.kit.records import (
    Adapter,
    GaveEvents,
    KeptAtEdge,
    Mapped,
    NativeRecord,
    NothingToTell,
    Quarantined,
    Reading,
)
from adapters.kit.snapshot import ReadingSnapshot
from adapters.kit.spool import Spool, SpoolOutcome
from adapters.kit.spool_journal import FileEntry, QuarantineEntry
from adapters.kit.summary import FileSummary, summarise
from contracts.envelope import SignedEvent
from contracts.errors import ContractError
from contracts.events.mash import ReportWithdrawn
from contracts.payload import Payload
from contracts.reading import check_to_send
from contracts.words import Grade

SAME_VERSION_CHANGED = "content.same_version_changed"
NEVER_TOLD = "never_told"
_CHANGED = "give the record a new version when it changes; look at both and tell the exchange which is right"


@dataclass(frozen=True, slots=True)
class FileReading:
    """What reading one file came to; nothing is numbered, kept or changed by it."""

    summary: FileSummary
    records: tuple[NativeRecord, ...]
    refusals: tuple[str, ...] = ()

    @property
    def events(self) -> tuple[Mapped, ...]:
        """Every event that may leave, in the file's order."""
        return tuple(event for record in self.records for event in events_of(record))


@dataclass(frozen=True, slots=True)
class Ingested:
    """What ingesting one file came to. ``repeats`` are events spooled before; they take no new number."""

    summary: FileSummary
    spooled: tuple[str, ...] = ()
    repeats: tuple[str, ...] = ()
    quarantined: tuple[QuarantineEntry, ...] = ()
    archived: Path | None = None


@dataclass(slots=True)
class _Numbering:
    """The drafts of one file, and the records they come from once what cannot be sent is set aside."""

    drafts: list[Draft] = field(default_factory=list)
    records: list[NativeRecord] = field(default_factory=list)
    set_aside: list[Unreadable] = field(default_factory=list)


def read_file(adapter: Adapter, content: bytes, reading: Reading, *, gate: Gate | None = None) -> FileReading:
    """Read a file's content. Changes nothing; proposals go to ``reading.snapshot``.

    With a ``gate``, events that the edge policy bars are kept back as they would be on ingesting.

    Raises:
        SummaryError: the adapter's results do not add up.
    """
    records: list[NativeRecord] = []
    refusals: list[str] = []
    for record in _records(adapter, content, reading):
        passed, codes = gate.pass_through(record) if gate else (record, ())
        records.append(passed)
        refusals.extend(codes)
    summary = summarise(adapter.kind, records)
    summary.check()
    return FileReading(summary, tuple(records), tuple(refusals))


def ingest_file(
    adapter: Adapter,
    path: Path,
    *,
    agency: Agency,
    spool: Spool,
    policy: EdgePolicy,
    now: datetime,
) -> Ingested:
    """Read a file and spool what it gave; the file is archived sealed, and taken out of the agency's inbox.

    Ingesting the same file again spools nothing. When this returns, everything is durable.

    Raises:
        AgencyError: the adapter is for another kind of agency.
        SummaryError: the adapter's results do not add up; nothing was spooled.
    """
    _check_kind(adapter, agency)
    try:
        check_size(path.stat().st_size)
    except ContentError as error:
        return _refuse(adapter, path, error, agency=agency, spool=spool, now=now)
    content = path.read_bytes()
    snapshot = ReadingSnapshot(spool.snapshot(adapter.kind))
    settings = {**agency.settings, "agency_kind": agency.kind.value}
    reading = Reading(agency.id, path.name, now, snapshot, settings)
    gate = Gate(policy, agency.id, agency.kind, now)
    read = read_file(adapter, content, reading, gate=gate)
    numbering = _number(read.records, adapter=adapter, agency=agency, spool=spool, policy=policy)
    summary = summarise(adapter.kind, numbering.records)
    summary.check()
    digest = raw_hash(agency.secret, content)
    parts = [*_unreadable(read.records), *numbering.set_aside]
    quarantined = tuple(put_away(part, agency=agency, journal=spool.journal, digest=digest, now=now) for part in parts)
    entry = FileEntry(
        adapter.kind,
        path.name,
        digest,
        now,
        summary.as_json(),
        _counts(read.refusals),
        snapshot.proposals,
        quarantined,
    )
    outcomes = spool.spool(numbering.drafts, Signing(agency), now=now, file=entry)
    return Ingested(
        summary,
        tuple(one.id for one in outcomes if one.outcome is SpoolOutcome.SPOOLED),
        tuple(one.id for one in outcomes if one.outcome is SpoolOutcome.REPEAT),
        quarantined,
        archive_file(path, agency=agency, digest=digest),
    )


def events_of(record: NativeRecord) -> tuple[Mapped, ...]:
    """The events, or the notices in place of them, that one record gives."""
    match record.result:
        case GaveEvents(events):
            return events
        case KeptAtEdge(_, notices):
            return notices
        case _:
            return ()


def _records(adapter: Adapter, content: bytes, reading: Reading) -> Iterator[NativeRecord]:
    try:
        yield from adapter.read(content, reading)
    except ContentError as error:
        yield NativeRecord(error.path or "file", Quarantined(error.code, error.remedy, content))


def _check_kind(adapter: Adapter, agency: Agency) -> None:
    if adapter.kind == CONTRACT_JSON or adapter.agency_kind is agency.kind:
        return
    msg = f"the adapter {adapter.kind!r} is for {adapter.agency_kind} and {agency.id!r} is {agency.kind}"
    raise AgencyError(msg, code="agency.wrong_kind", remedy="choose an adapter of the agency's own kind")


def _number(
    records: tuple[NativeRecord, ...], *, adapter: Adapter, agency: Agency, spool: Spool, policy: EdgePolicy
) -> _Numbering:
    """Make drafts; set aside those that the exchange would not read, or whose record is another under its version."""
    out = _Numbering()
    seen: dict[str, str] = {}
    for record in records:
        raw = record.raw if isinstance(record.result, GaveEvents) else b""
        drafts = [
            draft(
                event,
                agency=agency,
                adapter=adapter.kind,
                version=adapter.version,
                usual=_usual_grade(event, policy),
                raw=raw,
            )
            for event in events_of(record)
        ]
        seen = {**spool.known(_named(drafts)), **seen} if drafts else seen
        needed = [each for each in zip(events_of(record), drafts, strict=True) if not _is_needless(each[1], seen)]
        judged = [(event, d, _why_not(event, d, seen)) for event, d in needed]
        kept = tuple(event for event, _, wrong in judged if wrong is None)
        out.drafts.extend(d for _, d, wrong in judged if wrong is None)
        bad = next(((d, wrong) for _, d, wrong in judged if wrong is not None), None)
        if bad is None:
            out.records.append(record if len(kept) == len(drafts) else _without_needless(record, kept))
            continue
        code, remedy = bad[1]
        out.set_aside.append(Unreadable(code, remedy, record.position, raw or bad[0].data))
        flagged = replace(record, flags=(*record.flags, code))
        out.records.append(replace(flagged, result=GaveEvents(kept) if kept else Quarantined(code, remedy, b"")))
    return out


def _why_not(event: Mapped, each: Draft, seen: dict[str, str]) -> tuple[str, str] | None:
    """Why an event cannot be sent, and what to do about it; ``seen`` learns of one that can."""
    try:
        check_to_send(event.payload, each.data)
    except ContractError as error:
        return error.code, error.remedy
    if seen.setdefault(each.id, each.rawhash) != each.rawhash:
        return SAME_VERSION_CHANGED, _CHANGED
    return None


def _without_needless(record: NativeRecord, kept: tuple[Mapped, ...]) -> NativeRecord:
    return replace(record, result=GaveEvents(kept) if kept else NothingToTell(NEVER_TOLD))


def _named(drafts: Iterable[Draft]) -> Iterator[str]:
    for each in drafts:
        yield each.id
        if each.corrects is not None:
            yield each.corrects


def _is_needless(each: Draft, seen: Container[str]) -> bool:
    """Whether it withdraws what never left the agency; that there was such a report then does not leave either."""
    return each.type == ReportWithdrawn.event_type and each.corrects not in seen


def _usual_grade(event: Mapped, policy: EdgePolicy) -> Grade | None:
    """The catalogue's grade for an event; a notice in place of one is never urgent."""
    if not isinstance(event.payload, Payload) or event.payload.grade is not None:
        return None
    return policy.catalogue.entry(event.payload.event_type).grade


def _unreadable(records: tuple[NativeRecord, ...]) -> Iterator[Unreadable]:
    for record in records:
        if isinstance(record.result, Quarantined):
            yield Unreadable(record.result.reason, record.result.remedy, record.position, record.result.raw)


def _refuse(
    adapter: Adapter, path: Path, error: ContentError, *, agency: Agency, spool: Spool, now: datetime
) -> Ingested:
    """Quarantine a file that is too large, or empty, without reading it."""
    record = NativeRecord("file", Quarantined(error.code, error.remedy, b""))
    summary = summarise(adapter.kind, [record])
    digest = keyed(agency.secret, "file", path.name, str(path.stat().st_size))
    part = Unreadable(error.code, error.remedy, "file", path)
    quarantined = (put_away(part, agency=agency, journal=spool.journal, digest=digest, now=now),)
    entry = FileEntry(adapter.kind, path.name, digest, now, summary.as_json(), quarantined=quarantined)
    spool.spool((), Signing(agency), now=now, file=entry)
    if agency.inbox in path.parents:
        path.unlink()
    return Ingested(summary, quarantined=quarantined)


@dataclass(frozen=True, slots=True)
class Signing:
    """Signs an agency's drafts."""

    agency: Agency

    def __call__(self, item: Draft, incarnation: str, sequence: int) -> SignedEvent:
        """Number and sign one draft."""
        return sign_draft(item, agency=self.agency, incarnation=incarnation, sequence=sequence)


def _counts(codes: tuple[str, ...]) -> Mapping[str, int]:
    return {code: codes.count(code) for code in sorted(set(codes))}
