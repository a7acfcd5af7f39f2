"""The agency's own policy at the edge: what may not even leave the agency, and what may be told of it instead."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, Protocol

from adapters.kit.draft import occurred, week_of
from adapters.kit.records import GaveEvents, KeptAtEdge, Mapped, NativeRecord
from contracts.base import Model
from contracts.events.police import DomesticIncidentNotified, NoticeKept, PoliceConcernRaised
from contracts.leaves import leaves
from contracts.payload import Payload, handling_code, without_bound_intelligence
from contracts.question import (
    CandidateAsked,
    CategoryAbout,
    ClaimsAsked,
    EventAsked,
    GradeAsked,
    LevelAsked,
    Question,
    SenderAsked,
)
from contracts.words import (
    About,
    AgencyId,
    AgencyKind,
    DataCategory,
    GivenBy,
    Operation,
    Purpose,
    RecipientKind,
    RelationKind,
)
from policies.engine.catalogue import Catalogue
from policies.engine.edge import EdgeVerdict

INTELLIGENCE = "edge.intelligence"
"""The policy's code for intelligence that stays with the force."""

_UNKEYED = "0" * 32
"""Stands where the kit puts the keyed subject: adapters do not hold the agency's secret."""

_EXCHANGE = CandidateAsked(
    recipient="exchange",
    kind=RecipientKind.MASH_CORE,
    role="exchange",
    purpose=Purpose.SAFEGUARDING,
    relation=RelationKind.FRONT_DOOR,
)


class EdgePolicy(Protocol):
    """The part of the policy engine that is asked at the edge."""

    @property
    def catalogue(self) -> Catalogue:
        """The event catalogue, for the level and grade of an event whose sender set none."""
        ...

    def sender(self, agency: str) -> SenderAsked:
        """The agency, as the partnership's directory has it."""
        ...

    def edge(self, question: Question) -> EdgeVerdict:
        """Whether the event of ``question`` may leave its agency."""
        ...


@dataclass(frozen=True, slots=True)
class Gate:
    """Asks the edge policy about every event of one agency."""

    policy: EdgePolicy
    agency: AgencyId
    agency_kind: AgencyKind
    now: datetime

    def pass_through(self, record: NativeRecord) -> tuple[NativeRecord, tuple[str, ...]]:
        """The record as it may leave, and the code of each bar that kept an event, or a part of one, back."""
        if not isinstance(record.result, GaveEvents):
            return record, ()
        leaving: list[Mapped] = []
        codes: list[str] = []
        parts: list[str] = []
        for whole in record.result.events:
            event = _without_bound_intelligence(whole)
            if event is None:
                codes.append(INTELLIGENCE)
                continue
            verdict = self._verdict(event.payload)
            match verdict.effect if verdict else "send":
                case "send":
                    leaving.append(event)
                    parts.extend([INTELLIGENCE] if event is not whole else [])
                    continue
                case "notice":
                    leaving.extend(_notice(event))
                case "keep":
                    pass
            codes.append(verdict.bars[0].code if verdict and verdict.bars else "edge.kept")
        result: GaveEvents | KeptAtEdge = GaveEvents(tuple(leaving))
        if len(codes) == len(record.result.events):
            result = KeptAtEdge(codes[0], tuple(leaving))
        return replace(record, result=result), (*codes, *parts)

    def _verdict(self, payload: Model) -> EdgeVerdict | None:
        """The edge policy's answer; none for a notice, which the policy itself asked for."""
        if not isinstance(payload, Payload):
            return None
        question = Question(
            operation=Operation.SHARE,
            now=int(self.now.timestamp()),
            event=self._asked(payload),
            sender=self.policy.sender(self.agency),
            candidates=(_EXCHANGE,),
        )
        return self.policy.edge(question)

    def _asked(self, payload: Payload) -> EventAsked:
        usual = self.policy.catalogue.entry(payload.event_type)
        found = tuple(leaves(payload))
        return EventAsked(
            type=payload.event_type,
            agency=self.agency,
            occurred_at=max(0, int(occurred(payload).timestamp())),
            level=LevelAsked(value=payload.level.value, given_by=payload.level.given_by)
            if payload.level
            else LevelAsked(value=usual.level, given_by=GivenBy.CATALOGUE),
            grade=GradeAsked(value=payload.grade.value, given_by=payload.grade.given_by)
            if payload.grade
            else GradeAsked(value=usual.grade, given_by=GivenBy.CATALOGUE),
            categories=_cells((leaf.category, leaf.about) for leaf in found),
            locating=_cells((leaf.category, leaf.about) for leaf in found if leaf.locates),
            restrictions=tuple(sorted(set(payload.restrictions))),
            entry_kinds=tuple(sorted({entry.kind for entry in payload.entries})),
            handling_code=handling_code(payload),
            reliability=next((entry.reliability for entry in payload.entries if entry.reliability), ""),
            crime_indicator=bool(getattr(payload, "is_crime", False)),
            fgm_known=bool(getattr(payload, "fgm_known", False)),
            sexual_offence_told=bool(getattr(payload, "sexual_offence_told", False)),
            new_address=bool(payload.address and payload.address.is_new),
            not_before=int(payload.times.not_before.timestamp()) if payload.times.not_before else 0,
            claims=_claims(payload),
            quality_flags=payload.quality_flags,
        )


def _without_bound_intelligence(event: Mapped) -> Mapped | None:
    """The event without intelligence under conditions or without a code: that stays; none where that is all of it."""
    if not isinstance(event.payload, Payload):
        return event
    free = without_bound_intelligence(event.payload)
    if free is None:
        return None
    return event if free is event.payload else replace(event, payload=free)


def _cells(pairs: Iterable[tuple[DataCategory, About]]) -> tuple[CategoryAbout, ...]:
    return tuple(CategoryAbout(category=category, about=about) for category, about in sorted(set(pairs)))


def _claims(payload: Payload) -> ClaimsAsked:
    said = payload.claims.model_dump(mode="json", exclude_none=True, exclude={"necessity"})
    return ClaimsAsked(**said, necessity=payload.claims.necessity is not None)


def _notice(event: Mapped) -> tuple[Mapped, ...]:
    """Only that there was a police report, of what kind, in which week; other agencies' reports leave nothing."""
    payload = event.payload
    match payload:
        case DomesticIncidentNotified():
            kind: Literal["child", "domestic", "adult", "missing"] = "domestic"
        case PoliceConcernRaised():
            kind = payload.concern
        case _:
            return ()
    notice = NoticeKept(subject=_UNKEYED, kind=kind, week=week_of(payload.times.occurred))
    return (replace(event, payload=notice, incident="", corrects=None),)
