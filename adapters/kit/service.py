"""One agency's whole adapter side behind one door: inbox folder, spool, replies, sign of life."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, ClassVar, Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from adapters.kit.agency import Agency, create_agency, key_in, load_agency, next_key, use_next_key
from adapters.kit.contract_json import KIND as CONTRACT_JSON
from adapters.kit.contract_json import ContractJson, as_json
from adapters.kit.edge import EdgePolicy
from adapters.kit.errors import AgencyError
from adapters.kit.flags import FLAGS
from adapters.kit.heartbeat import heartbeat
from adapters.kit.limits import check_size
from adapters.kit.quarantine import destroy_expired
from adapters.kit.records import Adapter, Reading
from adapters.kit.replies import apply_reply
from adapters.kit.run import Ingested, ingest_file, read_file
from adapters.kit.snapshot import ReadingSnapshot
from adapters.kit.spool import Spool
from adapters.kit.summary import FileSummary
from contracts.envelope import Envelope, SignedEvent
from contracts.errors import ContractError
from contracts.heartbeat import Heartbeat
from contracts.reply import Reply
from contracts.signing import sign_event
from contracts.words import AgencyId, AgencyKind

SPOOL_KEY = "spool"


class UnknownAdapterError(AgencyError):
    """No adapter of that kind is installed."""

    codes: ClassVar[dict[str, str]] = {"adapter.unknown": "No adapter of that kind is installed."}


@dataclass(frozen=True, slots=True)
class IngestedFile:
    """What one file came to, as the exchange's side sees it."""

    ingested: Ingested

    @property
    def counts(self) -> Mapping[str, int]:
        """Native records by what each came to, with ``records``, ``events``, ``spooled`` and ``repeats``."""
        s = self.ingested.summary
        return {
            "records": s.records,
            "gave": s.gave,
            "nothing_to_tell": sum(s.nothing.values()),
            "unchanged": s.unchanged,
            "kept_at_edge": sum(s.kept.values()),
            "quarantined": sum(s.quarantined.values()),
            "events": sum(s.events.values()),
            "spooled": len(self.ingested.spooled),
            "repeats": len(self.ingested.repeats),
        }

    def as_json(self) -> Mapping[str, object]:
        """The whole summary; nothing personal."""
        return {
            **_with_meanings(self.ingested.summary),
            "spooled": len(self.ingested.spooled),
            "repeats": len(self.ingested.repeats),
            "event_ids": list(self.ingested.spooled),
        }


class AgencyService:
    """One agency's feed. For one thread at a time."""

    def __init__(self, agency: Agency, policy: EdgePolicy) -> None:
        """Open the agency's spool."""
        self._loaded = agency
        self._key: tuple[int, int] | None = None
        self._policy = policy
        self._spool = Spool.open(agency.spool_path, agency.derived(SPOOL_KEY))

    @classmethod
    def create(cls, home: Path, agency: str, kind: AgencyKind, settings: Mapping[str, str]) -> None:
        """Make the agency's folder under ``home`` with fresh keys; one that is there stays as it is."""
        try:
            load_agency(home, agency)
        except AgencyError as error:
            if error.code != "agency.missing":
                raise
            create_agency(home, agency, kind, settings)

    @classmethod
    def next_key(cls, home: Path, agency: str) -> tuple[str, Ed25519PublicKey]:
        """The name and public half of the key that the agency will sign with next, to be registered before it does."""
        return next_key(home, agency)

    @classmethod
    def use_next_key(cls, home: Path, agency: str) -> None:
        """Sign with the next key from now on."""
        use_next_key(home, agency)

    @classmethod
    def open(cls, home: Path, agency: str, policy: EdgePolicy) -> Self:
        """Open an agency that is there."""
        return cls(load_agency(home, agency), policy)

    @property
    def agency(self) -> AgencyId:
        """Whose feed this is."""
        return self._loaded.id

    @property
    def _agency(self) -> Agency:
        """The agency as it lies in its folder: its key may be renewed while this process runs.

        Where what lies there cannot be read, this process goes on with what it has. Once the key before counts no more,
        the exchange asks for its reports again, and the agency is told so (`exchange_cannot_open`); nothing is lost.
        """
        with suppress(OSError, AgencyError):
            key = key_in(self._loaded.folder)
            if key != self._key:
                self._loaded, self._key = load_agency(self._loaded.folder.parent, self._loaded.id), key
        return self._loaded

    @property
    def keyid(self) -> str:
        """The name of the key it signs with."""
        return self._agency.keyid

    @property
    def public_key(self) -> Ed25519PublicKey:
        """What the exchange registers to check its signatures."""
        return self._agency.public_key

    def ingest(self, path: Path, *, kind: str, now: datetime) -> IngestedFile:
        """Read one native file, apply the edge policy, number, sign and spool its events."""
        adapter = find_adapter(kind)
        done = ingest_file(adapter, path, agency=self._agency, spool=self._spool, policy=self._policy, now=now)
        return IngestedFile(done)

    def inbox(self) -> Sequence[tuple[Path, str]]:
        """Files in the folders ``inbox/<kind>/``, oldest first, each with its kind."""
        found = [p for p in self._agency.inbox.glob("*/*") if p.is_file() and not p.name.startswith(".")]
        return [(p, p.parent.name) for p in sorted(found, key=lambda p: (p.stat().st_mtime_ns, p.name))]

    def pending(self, limit: int) -> Sequence[SignedEvent]:
        """Spooled events that are not acknowledged, in order of their numbers, under the key of today."""
        agency = self._agency
        return [_under_todays_key(event, agency) for event in self._spool.pending(limit)]

    def hand_back(self, replies: Sequence[Reply], *, now: datetime) -> None:
        """Take replies, in one transaction."""
        agency = self._agency
        with self._spool.together():
            for reply in replies:
                apply_reply(reply, agency=agency, spool=self._spool, now=now)

    def heartbeat(self, now: datetime) -> Heartbeat:
        """The feed's signed sign of life."""
        return heartbeat(self._agency, self._spool, now=now)

    def tidy(self, now: datetime) -> None:
        """Destroy what has been kept for as long as it may be: old quarantine, content acknowledged long ago."""
        destroy_expired(agency=self._agency, journal=self._spool.journal, now=now)
        self._spool.prune(now=now)

    def not_sent(self, now: datetime) -> Sequence[str]:
        """Ids of red events spooled for ten minutes without an answer."""
        return self._spool.not_sent(now=now)

    def close(self) -> None:
        """Let go of files."""
        self._spool.close()


def _under_todays_key(event: SignedEvent, agency: Agency) -> SignedEvent:
    """The same event; signed anew where it was spooled before the agency's key was renewed."""
    keyid = event.attributes.get("keyid", "")
    if keyid == agency.keyid or not keyid.startswith(f"{agency.id}:"):
        return event
    envelope = Envelope.from_attributes(event.attributes).model_copy(update={"keyid": agency.keyid})
    return sign_event(envelope, event.data, agency.key)


def find_adapter(kind: str) -> Adapter:
    """The installed adapter of that kind.

    Raises:
        UnknownAdapterError: there is none.
    """
    if kind == CONTRACT_JSON:
        return ContractJson()
    found = {entry.name: entry for entry in entry_points(group="mash.adapters")}
    if kind not in found:
        known = ", ".join(sorted([*found, CONTRACT_JSON]))
        msg = f"no adapter of kind {kind!r} is installed"
        raise UnknownAdapterError(msg, code="adapter.unknown", remedy=f"choose one of {known}")
    adapter: Adapter = found[kind].load()
    return adapter


def read_natively(
    path: Path, *, kind: str, agency: str, now: datetime
) -> tuple[Sequence[Mapping[str, Any]], Mapping[str, Any]]:
    """Read one file with one adapter: events as plain values, and the summary. Uses no number, changes nothing.

    Raises:
        ContentError: the file is too large to be read.
        UnknownAdapterError: there is no such adapter.
    """
    adapter = find_adapter(kind)
    check_size(path.stat().st_size)
    reading = Reading(agency, path.name, now, ReadingSnapshot(), {})
    read = read_file(adapter, path.read_bytes(), reading)
    return [as_json(event) for event in read.events], _with_meanings(read.summary)


def _with_meanings(summary: FileSummary) -> dict[str, object]:
    """The counts, with a sentence for each flag and each reason why something could not be read."""
    known = dict(FLAGS)
    for error in ContractError.__subclasses__():
        known |= error.codes
    told = sorted({*summary.quarantined, *summary.flags} & known.keys())
    return {**summary.as_json(), "meaning": {code: known[code] for code in told}}
