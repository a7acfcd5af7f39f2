"""The policy in process: the compiled rules and the agreements of policies/, behind the exchange's own port."""

from bisect import bisect_right
from collections import defaultdict
from datetime import date, datetime
from typing import Self

from broker.core.incidents import AGREEMENT_LAPSED, DOCUMENT_LAPSED
from broker.core.partnership import (
    AgencyEntry,
    CatalogueEntry,
    Condition,
    Directory,
    LapsedPaper,
    LapsingPapers,
    OnCover,
    RecipientEntry,
    RuleText,
)
from broker.ports.policy import NoVerdictError
from contracts.question import Question, SenderAsked
from contracts.verdict import Verdict
from contracts.words import AgencyId, AgencyKind, Grade, RecipientId, RelationKind
from policies.engine import errors
from policies.engine.agreement import Agreement
from policies.engine.catalogue import EventEntry
from policies.engine.engine import Engine
from policies.engine.hours import deadline
from policies.engine.papers import papers, warned_within
from policies.engine.times import day_of

ACUTE = 4
"""A status at this level (a section 47 enquiry, a plan) is a safeguarding event in itself."""


class EmbeddedPolicy:
    """Asks the engine in process. One agreement is home: its directory, clocks and cover roster are used."""

    def __init__(self, engine: Engine, home: str = "") -> None:
        """Take a loaded engine. ``home``: the agreement's id; without one, the agreement that lasts longest.

        Raises:
            UnknownInPolicyError: there is no agreement of that id.
        """
        self._engine = engine
        self._home = engine.agreement(home) if home else max(engine.agreements, key=lambda a: a.valid_to)
        self._directory = _directory(engine, self._home)
        self._entries = {entry.type: _catalogue_entry(entry) for entry in engine.catalogue.events}
        self._moments = engine.turning_moments
        self._senders: dict[AgencyId, SenderAsked] = {}

    @classmethod
    def load(cls, home: str = "") -> Self:
        """Load the policy that ships with the package.

        Raises:
            PolicyFileError: a file is missing or does not fit its schema.
        """
        return cls(Engine.load(), home)

    @property
    def partnership(self) -> str:
        """The id of the home agreement."""
        return self._home.id

    @property
    def digest(self) -> str:
        """Names rules, law and agreements together."""
        return self._engine.policy_digest

    def epoch(self, now: datetime) -> str:
        """Names the policy and which of its dates have passed: while it is the same, time alone changes no answer."""
        return f"{self.digest[:32]}:{bisect_right(self._moments, int(now.timestamp()))}"

    @property
    def reask_window_days(self) -> int:
        """For how many days back decisions are asked again."""
        return self._home.reask_window_days

    def decide(self, question: Question) -> Verdict:
        """Give the verdict for every candidate, in one evaluation.

        Raises:
            NoVerdictError: the engine failed, was late, or its answer is no verdict.
        """
        try:
            return self._engine.decide(question)
        except errors.NoVerdictError as error:
            raise NoVerdictError(error.message, code="policy.no_verdict", remedy=error.remedy) from error

    def catalogue(self, event_type: str) -> CatalogueEntry:
        """How an event type is treated.

        Raises:
            NoVerdictError: the catalogue does not list it, so nothing can be decided about it.
        """
        try:
            return self._entries[event_type]
        except KeyError:
            msg = f"the event catalogue has no entry for {event_type!r}"
            raise NoVerdictError(msg, remedy="add it to policies/catalogue/events.yaml") from None

    def directory(self) -> Directory:
        """Who is in the partnership."""
        return self._directory

    def sender(self, agency: AgencyId) -> SenderAsked:
        """The sender's part of a question; an unknown agency is no public authority and holds no policy document."""
        if agency not in self._senders:
            try:
                self._senders[agency] = self._engine.sender(agency)
            except errors.UnknownInPolicyError:
                return SenderAsked(
                    id=agency, kind=AgencyKind.VOLUNTARY, public_authority=False, competent_authority=False
                )
        return self._senders[agency]

    def lapsed(self, agency: AgencyId, now: datetime) -> tuple[LapsedPaper, ...]:
        """What this agency's reports rest on and is not in force at ``now``; nothing of an agency unknown to it."""
        try:
            agreement = self._engine.agreement_of(agency)
        except errors.UnknownInPolicyError:
            return ()
        moment, party = int(now.timestamp()), agreement.party(agency)
        found = []
        if not agreement.is_in_force(moment):
            found.append(LapsedPaper(AGREEMENT_LAPSED, agreement.id, agreement.title))
        if party.lapsed_paragraphs(moment):
            paragraphs = ", ".join(party.lapsed_paragraphs(moment))
            found.append(LapsedPaper(DOCUMENT_LAPSED, party.id, f"{party.name}, Schedule 1 paragraph {paragraphs}"))
        return tuple(found)

    def lapsing(self, now: datetime) -> tuple[LapsingPapers, ...]:
        """What will lapse, where that is so near at ``now`` that its owners are warned; the nearest day first."""
        today, moment = day_of(now), int(now.timestamp())
        names = defaultdict[date, dict[str, None]](dict)
        for agreement in self._engine.agreements:
            for paper in papers(agreement) if agreement.is_in_force(moment) else ():
                if paper.lapses > today:
                    names[paper.lapses][paper.name] = None
        warned = [(day, warned_within((day - today).days)) for day in sorted(names)]
        return tuple(LapsingPapers(day, days, tuple(names[day])) for day, days in warned if days is not None)

    def deciders(self, code: str) -> tuple[str, ...]:
        """The roles that may answer a question of this code, the usual one first; empty where nobody may."""
        return self._home.approvals.get(code, ())

    def words(self, code: str) -> RuleText:
        """A reason's words for people; a code that no rule explains speaks for itself."""
        try:
            text = self._engine.explanation(code)
        except errors.UnknownInPolicyError:
            return RuleText(code, code, code.replace("_", " ").replace(".", ": "), "")
        references = tuple((reference.description, reference.ref) for reference in text.references)
        hidden = frozenset(audience for audience, show in text.visibility.items() if show != "show")
        return RuleText(code, text.title, text.message, text.would_allow, references, text.forbids, hidden)

    def due(self, clock: str, hours: int, start: datetime) -> datetime:
        """When something that began to wait at ``start`` must be done; 0 hours stands for the clock's own length.

        Raises:
            UnknownInPolicyError: the agreement has no such clock.
        """
        of_agreement = self._home.clock(clock)
        windows = self._home.working_hours if of_agreement.runs == "working_hours" else ()
        return deadline(start, hours or of_agreement.hours, windows, frozenset(self._home.closed_on))

    def opens_by(self, recipient: RecipientId, after: datetime) -> datetime | None:
        """When a school must have opened what comes at ``after``: before its next day; none without such a day."""
        try:
            return self._engine.recipient(recipient).opens_by(after)
        except errors.UnknownInPolicyError:
            return None

    def passed_on_further(self, grade: Grade, moment: datetime) -> datetime:
        """When what was passed on at ``moment`` is passed on further: a quarter of the grade's own clock later."""
        return self.due(grade.value, max(1, self._home.clock(grade.value).hours // 4), moment)

    def on_cover(self, grade: Grade, moment: datetime) -> OnCover | None:
        """Who covers what is ``grade`` at ``moment``; where nobody does, who covers what is red; none: a hole."""
        on_duty = self._home.covered_by(moment, grade) or self._home.covered_by(moment, Grade.RED)
        if on_duty is None:
            return None
        return OnCover(on_duty.name.replace("_", " "), on_duty.role, on_duty.deputies, on_duty.phone)

    def trouble(self) -> str:
        """Why whoever is asked would give no verdict now; empty: the engine is in this process, and loaded."""
        return ""

    def disconnect(self) -> None:
        """Let go of whatever else than the engine is asked: nothing here."""


def _catalogue_entry(entry: EventEntry) -> CatalogueEntry:
    candidates = entry.candidates if entry.has_candidates else ()
    return CatalogueEntry(
        event_type=entry.type,
        title=entry.title,
        level=entry.level,
        grade=entry.grade,
        purpose=entry.purpose,
        relations=tuple(each.relation for each in candidates),
        is_safeguarding=not entry.relation_event or entry.level == ACUTE,
        brings_location=entry.relocates,
        goes_to_those_told=entry.goes_to_those_told,
        purpose_by_relation={each.relation: each.purpose for each in candidates if each.purpose is not None},
        when={each.relation: tuple(Condition(word) for word in each.when) for each in candidates if each.when},
    )


def _directory(engine: Engine, home: Agreement) -> Directory:
    codes: dict[str, set[str]] = {}
    visitors: dict[str, RecipientId] = {}
    others = [each for each in engine.agreements if each is not home]
    for place in (*(place for each in others for place in each.organisations), *home.organisations):
        code = f"{place.scheme}:{place.code}"
        codes.setdefault(place.recipient, set()).add(code)
        if place.health_visitor:
            visitors[code] = RecipientId(place.health_visitor)
    return Directory(
        recipients={
            RecipientId(each.id): RecipientEntry(
                recipient=RecipientId(each.id),
                name=each.name,
                kind=each.kind,
                role=each.opened_by.role,
                organisations=frozenset(codes.get(each.id, ())),
                phone=each.opened_by.phone,
                agency=each.agency,
                deputies=each.opened_by.deputies,
            )
            for each in (*(entry for other in others for entry in other.recipients), *home.recipients)
        },
        agencies=_agencies(engine, home, codes),
        front_door=RecipientId(home.standing[RelationKind.FRONT_DOOR]),
        police=_standing(home, RelationKind.POLICE),
        education=_standing(home, RelationKind.HOME_AUTHORITY),
        standing={kind: RecipientId(each) for kind, each in home.standing.items()},
        health_visitor_by_practice=visitors,
        greatest_age_days=dict(home.greatest_age_days),
        not_before_cap_hours=home.not_before_cap_hours,
    )


def _agencies(engine: Engine, home: Agreement, codes: dict[str, set[str]]) -> dict[AgencyId, AgencyEntry]:
    """Every party of every agreement; a school or nursery also with its own code."""
    own = {
        each.agency: code
        for each in home.recipients
        for code in sorted(codes.get(each.id, ()))
        if code.startswith("urn:")
    }
    return {
        AgencyId(party.id): AgencyEntry(
            agency=AgencyId(party.id),
            name=party.name,
            kind=party.kind,
            sort=party.sort,
            organisation=own.get(party.id, ""),
            silent_after_hours=party.silent_after_hours,
            does_not_cover=party.does_not_cover,
        )
        for agreement in (*(a for a in engine.agreements if a is not home), home)
        for party in agreement.parties
    }


def _standing(home: Agreement, relation: RelationKind) -> RecipientId | None:
    found = home.standing.get(relation)
    return RecipientId(found) if found is not None else None
