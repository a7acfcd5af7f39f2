"""Agencies of Wrenshire on disk, with a spool and an edge policy that answers as the test says."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from adapters.kit.agency import Agency, create_agency
from adapters.kit.contract_json import adapter as contract_json
from adapters.kit.records import Adapter
from adapters.kit.run import Ingested, ingest_file
from adapters.kit.spool import Spool
from contracts.question import Question, SenderAsked
from contracts.verdict import Reason
from contracts.words import AgencyKind, Grade
from policies.engine.catalogue import Catalogue, EventEntry
from policies.engine.edge import EdgeVerdict

NOW = datetime(2026, 3, 8, 22, 50, tzinfo=UTC)
Effect = Literal["send", "notice", "keep"]


def _sends(_: Question) -> Effect:
    return "send"


class _AnyCatalogue(Catalogue):
    """Knows every type, at level 3 and one grade."""

    grade: Grade

    def entry(self, event_type: str) -> EventEntry:
        return EventEntry(type=event_type, title="any", level=3, grade=self.grade)


@dataclass(slots=True)
class SaidPolicy:
    """An edge policy that answers what the test says, and remembers what it was asked."""

    effect: Callable[[Question], Effect] = _sends
    asked: list[Question] = field(default_factory=list)
    usual: Grade = Grade.AMBER

    @property
    def catalogue(self) -> Catalogue:
        return _AnyCatalogue(events=(), grade=self.usual)

    def sender(self, agency: str) -> SenderAsked:
        return SenderAsked(id=agency, kind=AgencyKind.POLICE, public_authority=True, competent_authority=True)

    def edge(self, question: Question) -> EdgeVerdict:
        self.asked.append(question)
        effect = self.effect(question)
        bars = () if effect == "send" else (Reason(code=f"edge.{effect}"),)
        return EdgeVerdict(effect=effect, bars=bars, policy_digest="0" * 64)


@dataclass(slots=True)
class Feed:
    """One agency with its folder, spool and policy."""

    agency: Agency
    spool: Spool
    policy: SaidPolicy

    def ingest(
        self, content: bytes, *, adapter: Adapter = contract_json, name: str = "extract", now: datetime = NOW
    ) -> Ingested:
        """Lay a file into the inbox and ingest it."""
        place = self.agency.inbox / name
        place.write_bytes(content)
        return ingest_file(adapter, place, agency=self.agency, spool=self.spool, policy=self.policy, now=now)

    def files(self) -> dict[Path, bytes]:
        """Every file of the agency's folder but its own key and secret, with its bytes."""
        found = (place for place in self.agency.folder.rglob("*") if place.is_file())
        return {place: place.read_bytes() for place in found if place.name not in {"key", "secret"}}


def a_feed(home: Path, kind: AgencyKind = AgencyKind.VOLUNTARY, **settings: str) -> Feed:
    """A fresh agency of the given kind."""
    agency = create_agency(home, f"wrenshire-{kind.value.replace('_', '-')}", kind, settings)
    return Feed(agency, Spool.open(agency.spool_path, agency.derived("spool")), SaidPolicy())


def a_concern(**changes: Any) -> dict[str, Any]:
    """A charity's concern about Mia in the published language, as its record system writes it."""
    record: dict[str, Any] = {
        "type": "uk.mash.voluntary.concern.raised.v1",
        "native_key": "call-1",
        "native_version": "1",
        "child_ref": "caller-7",
        "payload": {
            "child": {"forenames": "Mia", "surname": "Marsh", "birth_date": "2016-05-14"},
            "times": {"occurred": "2026-03-08T20:00:00Z"},
            "author_role": "helpline counsellor",
            "concern": "neglect",
        },
    }
    payload = record["payload"] | changes.pop("payload", {})
    return {**record, "payload": payload, **changes}


def as_file(*records: dict[str, Any]) -> bytes:
    """Records as one JSON list."""
    return json.dumps(records).encode()
