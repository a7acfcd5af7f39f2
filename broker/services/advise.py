"""Can I share this? An answer by the same policy that decides shares, to a question that holds nobody's data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Literal

from broker.core.outcome import Decision
from broker.core.partnership import RecipientEntry
from broker.core.visible import Audience
from broker.ports.policy import Policy
from broker.services.explain import ExplainedDecision, in_words
from contracts.question import (
    CandidateAsked,
    CategoryAbout,
    ChildAsked,
    ClaimsAsked,
    EventAsked,
    FlagFact,
    GradeAsked,
    LevelAsked,
    Question,
)
from contracts.words import (
    About,
    AgencyId,
    AgencyKind,
    ChildId,
    DataCategory,
    Duty,
    Effect,
    EventId,
    GivenBy,
    Grade,
    Operation,
    RecipientId,
    RecipientKind,
    RelationKind,
)

Concern = Literal["danger", "crime", "harm", "help", "worry"]
Family = Literal["agreed", "not_asked", "said_no", "unsafe_to_ask"]
Known = Literal["nothing", "open_case", "enquiry"]

CONCERNS: Mapping[Concern, tuple[int, Grade]] = {
    "danger": (4, Grade.RED),
    "crime": (3, Grade.AMBER),
    "harm": (3, Grade.AMBER),
    "help": (2, Grade.GREEN),
    "worry": (1, Grade.BLUE),
}
"""How grave each sort of concern is: level of need and urgency."""

PARTS: Mapping[str, tuple[DataCategory, About]] = {
    "childs_words": (DataCategory.CHILD_VOICE, About.CHILD),
    "school_concern": (DataCategory.EDU_CONCERN, About.CHILD),
    "attendance": (DataCategory.EDU_ATTENDANCE, About.CHILD),
    "health": (DataCategory.HEALTH_PHYSICAL, About.CHILD),
    "mental_health": (DataCategory.HEALTH_MENTAL, About.CHILD),
    "sexual_health": (DataCategory.HEALTH_SEXUAL, About.CHILD),
    "parents_health": (DataCategory.HEALTH_MENTAL, About.ADULT),
    "police_incident": (DataCategory.POLICE_INCIDENT, About.CHILD),
    "allegation": (DataCategory.CRIME_ALLEGATION, About.ADULT),
    "conviction": (DataCategory.CRIME_CONVICTION, About.ADULT),
    "address": (DataCategory.ID_ADDRESS, About.CHILD),
    "guarded_address": (DataCategory.ID_RESTRICTED_ADDRESS, About.CHILD),
    "other_peoples_names": (DataCategory.THIRD_PARTY, About.THIRD_PARTY),
    "who_told_us": (DataCategory.INFORMANT, About.INFORMANT),
    "case_notes": (DataCategory.SC_NARRATIVE, About.CHILD),
}
"""Kinds of information in everyday words, with their category and whom it is about."""

_ALWAYS = (
    CategoryAbout(category=DataCategory.ID_CORE, about=About.CHILD),
    CategoryAbout(category=DataCategory.EVENT_META, about=About.CHILD),
)
_EVENTS: Mapping[AgencyKind, str] = {
    AgencyKind.POLICE: "uk.mash.police.concern.raised.v1",
    AgencyKind.HEALTH: "uk.mash.health.concern.raised.v1",
    AgencyKind.SCHOOL: "uk.mash.school.concern.recorded.v1",
    AgencyKind.VOLUNTARY: "uk.mash.voluntary.concern.raised.v1",
    AgencyKind.LOCAL_AUTHORITY: "uk.mash.local_authority.referral.received.v1",
    AgencyKind.PROBATION: "uk.mash.probation.supervision.recorded.v1",
    AgencyKind.HOUSING: "uk.mash.housing.concern.raised.v1",
}
"""As what an agency of each kind tells of a concern; another tells what it knows as information returned."""
_OTHERWISE = "uk.mash.mash.information.returned.v1"
_RELATIONS: Mapping[RecipientKind, RelationKind] = {
    RecipientKind.MASH_CORE: RelationKind.FRONT_DOOR,
    RecipientKind.CSC_TEAM: RelationKind.ALLOCATED_WORKER,
    RecipientKind.POLICE_MASH: RelationKind.POLICE,
    RecipientKind.GP: RelationKind.GP,
    RecipientKind.HEALTH_VISITOR: RelationKind.HEALTH_VISITOR,
    RecipientKind.MIDWIFERY: RelationKind.MIDWIFERY,
    RecipientKind.SCHOOL: RelationKind.SCHOOL,
    RecipientKind.NURSERY: RelationKind.NURSERY,
    RecipientKind.LA_EDUCATION: RelationKind.HOME_AUTHORITY,
    RecipientKind.HEALTH_SAFEGUARDING: RelationKind.HEALTH_SAFEGUARDING,
    RecipientKind.CHILD_DEATH_PANEL: RelationKind.CHILD_DEATH_PANEL,
}


_SEES_ALL: Audience = "dpo"
"""Nobody's record stands behind the question, so no reason in the answer can be a secret."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The six questions, answered: who asks, whom to tell, how grave, what, the family's position, what is known."""

    sender: AgencyId
    recipient: RecipientId
    concern: Concern
    what: Sequence[str]
    family: Family
    known: Known


@dataclass(frozen=True, slots=True)
class Advice:
    """What the policy would decide, in words; ``to``: the place it is about.

    ``needs_no_leave``: it would be shared without anybody's agreement too.
    """

    asked: Asked
    to: RecipientEntry
    front_door: RecipientEntry
    leg: ExplainedDecision
    duty: Duty
    needs_no_leave: bool


def advise(asked: Asked, policy: Policy, *, now: datetime) -> Advice:
    """Ask the policy what it would decide, as things stand ``now``. Nothing is recorded: nobody was asked about.

    Raises:
        KeyError: the directory has no such recipient, or ``what`` names no kind of information.
        NoVerdictError: the engine gave no verdict.
    """
    directory = policy.directory()
    to = directory.recipients[asked.recipient]
    (answer,) = policy.decide(_question(asked, to, policy, now=now)).decisions
    unasked = replace(asked, family="not_asked") if asked.family == "agreed" else asked
    (without,) = policy.decide(_question(unasked, to, policy, now=now)).decisions
    decision = Decision(
        "", EventId(""), to.recipient, ChildId(""), answer.effect, answer, policy.digest, 0, now.astimezone(UTC)
    )
    return Advice(
        asked,
        to,
        directory.recipients[directory.front_door],
        in_words(decision, _SEES_ALL, policy),
        answer.duty,
        needs_no_leave=without.effect is Effect.SHARE,
    )


def _question(asked: Asked, to: RecipientEntry, policy: Policy, *, now: datetime) -> Question:
    sender = policy.sender(asked.sender)
    event_type = _EVENTS.get(sender.kind, _OTHERWISE)
    moment = int(now.timestamp())
    level, grade = CONCERNS[asked.concern]
    is_known = FlagFact(value=True, as_at=moment)
    candidate = CandidateAsked(
        recipient=to.recipient,
        kind=to.kind,
        role=to.role,
        purpose=policy.catalogue(event_type).purpose,
        relation=_RELATIONS.get(to.kind, RelationKind.NONE),
        relation_as_at=moment,
    )
    return Question(
        operation=Operation.SHARE,
        now=moment,
        event=EventAsked(
            type=event_type,
            agency=asked.sender,
            occurred_at=moment,
            level=LevelAsked(value=level, given_by=GivenBy.SENDER),
            grade=GradeAsked(value=grade, given_by=GivenBy.SENDER),
            categories=tuple(sorted({*_ALWAYS, *map(_part, asked.what)}, key=str)),
            crime_indicator=asked.concern == "crime",
            claims=ClaimsAsked(
                service_agreement="agreed" if asked.family == "agreed" else "",
                dissent=asked.family == "said_no",
                consent_not_sought="would_prejudice_protection" if asked.family == "unsafe_to_ask" else "",
            ),
        ),
        child=ChildAsked(
            open_case=FlagFact() if asked.known == "nothing" else is_known,
            section_47=is_known if asked.known == "enquiry" else FlagFact(),
        ),
        sender=sender,
        candidates=(candidate,),
    )


def _part(name: str) -> CategoryAbout:
    category, about = PARTS[name]
    return CategoryAbout(category=category, about=about)
