"""For each reason to withhold or to ask: a share that would go, and the same where this reason alone stops it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from contracts.question import CandidateAsked
from contracts.verdict import CandidateVerdict
from policies.engine import Engine
from policies.engine.files import PolicyFiles
from tests.support.engines import FILES, TEXTS, an_engine
from tests.support.questions import (
    DOMESTIC_INCIDENT,
    GP_CHANGED,
    HEALTH_CONCERN,
    POLICE_CONCERN,
    RECORD_OPENED,
    SCHOOL_CONCERN,
    Case,
    candidate,
    codes,
    pairs,
    seconds,
)

ENGINE = Engine.load()
REQUESTED = "uk.mash.mash.information.requested.v1"

Changes = Mapping[str, Any]
Bend = Callable[[PolicyFiles], PolicyFiles]


@dataclass(frozen=True)
class Alone:
    """``usual``: of the question that is shared; ``differs``: laid over it; ``bent``: a law or agreement otherwise."""

    differs: Changes = field(default_factory=dict)
    agency: str = "ashdown-primary"
    event_type: str = SCHOOL_CONCERN
    to: CandidateAsked | str = "mash-core"
    besides: tuple[CandidateAsked | str, ...] = ()
    to_instead: CandidateAsked | str | None = None
    usual: Changes = field(default_factory=dict)
    at: str | None = None
    bent: Bend | None = None

    def shared(self) -> CandidateVerdict:
        """The decision without what the reason turns on."""
        return self._decide(ENGINE, self.usual, self.to, None)

    def stopped(self) -> CandidateVerdict:
        """The decision with it."""
        engine = an_engine(self.bent(FILES)) if self.bent else ENGINE
        return self._decide(engine, _over(self.usual, self.differs), self.to_instead or self.to, self.at)

    def _decide(self, engine: Engine, changes: Changes, to: CandidateAsked | str, at: str | None) -> CandidateVerdict:
        case = Case(engine, self.agency, self.event_type)
        case = replace(case, at=at) if at else case
        return case.decide(to, *self.besides, **dict(changes)).decisions[0]


def _over(one: Changes, other: Changes) -> dict[str, Any]:
    merged = dict(one)
    for name, value in other.items():
        both = isinstance(value, Mapping) and isinstance(merged.get(name), Mapping)
        merged[name] = {**merged[name], **value} if both else value
    return merged


def _law(**changed: Any) -> Bend:
    """The law with some of its lists otherwise, each given by what is left of it."""

    def bend(files: PolicyFiles) -> PolicyFiles:
        kept = {name: tuple(each for each in getattr(files.law, name) if keep(each)) for name, keep in changed.items()}
        return replace(files, law=files.law.model_copy(update=kept))

    return bend


def _not_yet(paragraph: str) -> Bend:
    """The law with one paragraph of Schedule 1 that comes into force only later."""

    def bend(files: PolicyFiles) -> PolicyFiles:
        later = {"in_force_from": files.agreements[0].valid_to.replace(year=2090)}
        rows = tuple(each.model_copy(update=later) if each.id == paragraph else each for each in files.law.conditions)
        return replace(files, law=files.law.model_copy(update={"conditions": rows}))

    return bend


def _wrenshire(part: str, name: str, **changed: Any) -> Bend:
    """Wrenshire's agreement with one party or recipient otherwise, in every agreement that lists it."""

    def bend(files: PolicyFiles) -> PolicyFiles:
        agreements = []
        for each in files.agreements:
            rows = tuple(row.model_copy(update=changed) if row.id == name else row for row in getattr(each, part))
            agreements.append(each.model_copy(update={part: rows}))
        return replace(files, agreements=tuple(agreements))

    return bend


def _said(**event: Any) -> Changes:
    return {"event": event}


def _approval(ask: str, **changed: Any) -> Changes:
    base = {"ask": ask, "role": "mash_manager", "person": "p", "at": 1, "recipient": "", "scope": "", "granted": False}
    return {"approvals": [{**base, **changed}]}


LEVEL_2 = {"level": {"value": 2, "given_by": "sender"}}
GREEN = {"grade": {"value": "green", "given_by": "sender"}}
RED = {"grade": {"value": "red", "given_by": "sender"}}
SPECIAL = {"categories": pairs("event.meta/child", "id.core/child", "edu.concern/child")}
OFFENCE = {"categories": pairs("event.meta/child", "id.core/child", "crime.allegation/adult")}
REQUEST = {"by": "hub", "role": "mash_practitioner", "purpose": "safeguarding", "what": (), "grounds": "section 47"}
OPENED = {"operation": "read", "actor": {"person": "p7", "role": "mash_practitioner", "assigned": True}}
READER = candidate("mash-core", purpose="case_work", relation="requested")
SCHOOL = candidate("school-ashdown", purpose="encompass_notification")
ENCOMPASS = _said(
    encompass={"both_parties_16_or_over": True}, categories=pairs("event.meta/child", "police.incident/child")
)
ON_A_MOVE = {"child": {"address_guarded": True}}


def _read(**differs: Any) -> Alone:
    return Alone(differs, "wrenshire-mash", RECORD_OPENED, READER, usual={**OPENED, **_said(categories=())})


def _encompass(**differs: Any) -> Alone:
    return Alone(differs, "wrenshire-police", DOMESTIC_INCIDENT, SCHOOL, usual=ENCOMPASS)


def _restricted(restriction: str) -> Alone:
    return Alone(_said(restrictions=(restriction,)))


EVIDENCE = candidate("police-mash", purpose="crime_prevention")
COUNCIL = candidate("la-education", purpose="encompass_notification")
EARLY_HELP = candidate("mash-core", purpose="early_help")
CLEAR_OF_DOUBT = {"claims": {"consent_not_sought": "would_prejudice_protection"}}

ALONE: Mapping[str, Alone] = {
    "access.nobody_named": _read(actor=None),
    "access.not_assigned": _read(actor={"person": "p7", "role": "mash_practitioner", "assigned": False}),
    "adoption.gatekeeper": _restricted("adoption"),
    "agreement.lapsed": Alone(at="2027-05-01T10:00:00+00:00"),
    "agreement.missing": Alone(
        {"sender": ENGINE.sender("wren-valley-hospital").model_copy(update={"id": "otherby-hospital"})},
        "wren-valley-hospital",
        HEALTH_CONCERN,
        "police-mash",
        usual=_said(crime_indicator=True),
    ),
    "answer.no_grounds": Alone(
        {"request": {**REQUEST, "grounds": ""}}, usual={"operation": "answer", "request": REQUEST}
    ),
    "answer.no_enquiry": Alone(
        {"child": {"section_47": {"value": False, "as_at": 1}}},
        "ashdown-primary",
        REQUESTED,
        candidate("school-ashdown", purpose="child_protection_enquiry"),
        usual={
            "operation": "answer",
            "request": REQUEST | {"role": "designated_safeguarding_lead", "purpose": "child_protection_enquiry"},
            "child": {"section_47": {"value": True, "as_at": 1}},
        },
    ),
    "answer.no_request": Alone({"request": None}, usual={"operation": "answer", "request": REQUEST}),
    "approval.refused": Alone(_approval("caution.unsure")),
    "caution.dissent": Alone(_said(claims={"dissent": True})),
    "caution.more_detrimental": Alone(_said(claims={"more_detrimental": True})),
    "caution.unsure": Alone(_said(claims={"unsure": True})),
    "confidentiality.no_route": Alone(_said(**LEVEL_2), "wrenshire-community-health", GP_CHANGED),
    "court.permission_needed": _restricted("court_order"),
    "encompass.age_of_parties": _encompass(event={"encompass": {"both_parties_16_or_over": False}}),
    "encompass.party_works_there": _encompass(
        event={"encompass": {"both_parties_16_or_over": True, "party_works_at": ("school-ashdown",)}}
    ),
    "encompass.roll_not_current": Alone(
        {},
        "wrenshire-police",
        DOMESTIC_INCIDENT,
        SCHOOL,
        usual=ENCOMPASS,
        to_instead=candidate("school-ashdown", purpose="encompass_notification", confidence="stale"),
    ),
    "encompass.school_is_told": Alone(
        {"child": {"home_educated": {"value": False, "as_at": 1}}},
        "wrenshire-police",
        DOMESTIC_INCIDENT,
        COUNCIL,
        (SCHOOL,),
        usual={**ENCOMPASS, "child": {"home_educated": {"value": True, "as_at": 1}}},
    ),
    "encompass.suspects_child_elsewhere": _encompass(
        event={"encompass": {"both_parties_16_or_over": True, "suspects_child_elsewhere": True}}
    ),
    "gateway.none": Alone({"sender": ENGINE.sender("ashdown-primary").model_copy(update={"sort": "tutor"})}),
    "gender_recognition.protected": _restricted("gender_recognition"),
    "grown_up.at_risk": Alone({"child": {"age": 18}}, usual={"child": {"age": 17}}),
    "hold.stands": _restricted("hold"),
    "identity.front_door_only": Alone(
        _said(identity_unsure=True), "wrenshire-community-health", HEALTH_CONCERN, "csc-north-team", usual=_said(**RED)
    ),
    "identity.unsure": Alone(_said(identity_unsure=True)),
    "intelligence.conditions": Alone(_said(restrictions=("intelligence_conditions",))),
    "lawful_basis.none_fits": Alone(bent=_law(articles=lambda each: each.article != "6")),
    "level.agreement_needed": Alone(_said(**LEVEL_2)),
    "level.front_door_first": Alone(_said(**LEVEL_2), to="csc-north-team"),
    "level.one": Alone(_said(level={"value": 1, "given_by": "sender"})),
    "link.adoption_firewall": Alone(
        {"child": {"restrictions": ({"restriction": "adoption", "as_at": 1},)}}, usual={"operation": "link"}
    ),
    "minimise.nothing_left": Alone(
        _said(categories=pairs("event.meta/child", "health.physical/child")),
        "wren-valley-hospital",
        "uk.mash.health.protection_record.viewed.v1",
        "csc-north-team",
        bent=lambda files: replace(
            files,
            agreements=tuple(each.model_copy(update={"matrix": ()}) for each in files.agreements),
        ),
    ),
    "new_address.not_told": Alone(ON_A_MOVE, "wrenshire-community-health", GP_CHANGED, "gp-elm-street"),
    "nursery.before_reception": Alone(
        {"child": {"age": 3}}, "wrenshire-police", DOMESTIC_INCIDENT, SCHOOL, usual={**ENCOMPASS, "child": {"age": 4}}
    ),
    "nursery.manager_decides": Alone(
        {"operation": "share"},
        "wrenshire-police",
        DOMESTIC_INCIDENT,
        "nursery-acorn",
        usual={"operation": "answer", "request": REQUEST | {"role": "designated_safeguarding_lead"}, **ENCOMPASS},
    ),
    "offence_data.no_condition": Alone(usual=_said(**OFFENCE), bent=_not_yet("36")),
    "part3.no_exit": Alone(
        agency="wrenshire-police", event_type=POLICE_CONCERN, bent=_law(part3_exits=lambda _: False)
    ),
    "party.kind_differs": Alone(to_instead=candidate("mash-core", kind="csc_team")),
    "party.no_column": Alone(bent=_wrenshire("recipients", "mash-core", column="none")),
    "party.not_theirs": Alone(
        {"sender": ENGINE.sender("wrenshire-council")},
        "wrenshire-mash",
        REQUESTED,
        usual={"operation": "answer", "request": REQUEST},
    ),
    "party.processor_only": Alone(bent=_wrenshire("parties", "wrenshire-mash", capacity="processor")),
    "party.role_not_named": Alone(to_instead=candidate("mash-core", role="caretaker")),
    "police.no_crime_indicator": Alone(
        _said(crime_indicator=False), to="police-mash", usual=_said(crime_indicator=True)
    ),
    "processing.restricted": Alone({"child": {"processing_restricted": True}}),
    "protected_person.never": _restricted("protected_person"),
    "purpose.incompatible": Alone(
        {"request": {**REQUEST, "purpose": "marketing"}}, usual={"operation": "answer", "request": REQUEST}
    ),
    "purpose.not_covered": Alone(
        agency="wrenshire-community-health",
        event_type=HEALTH_CONCERN,
        to="gp-elm-street",
        bent=lambda files: replace(
            files, agreements=tuple(each.model_copy(update={"purposes": ()}) for each in files.agreements)
        ),
    ),
    "relation.not_current": Alone(to="csc-north-team", to_instead=candidate("csc-north-team", confidence="stale")),
    "schedule1.consent_reason": Alone(
        _said(claims={"consent_not_sought": ""}), to=EARLY_HELP, usual=_said(**SPECIAL, **CLEAR_OF_DOUBT)
    ),
    "schedule1.document_lapsed": Alone(
        {"sender": ENGINE.sender("ashdown-primary").model_copy(update={"policy_documents": ()})}, usual=_said(**SPECIAL)
    ),
    "schedule1.not_in_force": Alone(usual=_said(**SPECIAL), bent=_not_yet("18")),
    "sexual_health.caldicott": _restricted("sexual_health"),
    "special_category.no_condition": Alone(
        usual=_said(**SPECIAL), bent=_law(articles=lambda each: each.article != "9")
    ),
    "statutory_bar.stands": _restricted("statutory_bar"),
    "subject_access.controller_decides": Alone({"operation": "subject_access"}),
    "timing.planned_arrest": Alone(
        _said(not_before=seconds("2026-03-09T06:00:00+00:00")), "wrenshire-police", POLICE_CONCERN, "csc-north-team"
    ),
    "triage.worker_has_the_case": Alone(
        besides=("csc-north-team",),
        usual={"child": {"open_case": {"value": True, "as_at": 1}}},
        bent=lambda files: replace(
            files,
            agreements=tuple(each.model_copy(update={"open_cases_bypass_triage": True}) for each in files.agreements),
        ),
    ),
    "victim_material.tests": Alone(
        to_instead=EVIDENCE,
        to="police-mash",
        agency="wrenshire-council",
        event_type="uk.mash.local_authority.adult_concern.raised.v1",
        usual=_said(crime_indicator=True),
    ),
}

NEVER_ALONE: Mapping[str, str] = {
    "party.recipient_unknown": "whoever is in no directory is in no agreement either",
    "review.withheld_under_duty": "it is asked beside the refusal that it reviews",
}
IN_PARTS = {
    "minimise.adoption",
    "minimise.privileged",
    "minimise.restricted_address",
    "minimise.sexual_health",
    "new_address.worker",
    "own_charge.person_decides",
    "safe_contact.front_door",
    "safe_contact.worker",
}
"""They keep back a part, never the whole."""


def test_every_reason_stands_here() -> None:
    reasons = {each.code for each in TEXTS.codes if {"bar", "ask"} & set(each.kind) and each.rule != "at_the_edge"}
    assert {*ALONE, *NEVER_ALONE, *IN_PARTS} == reasons
    assert not {*ALONE} & ({*NEVER_ALONE} | IN_PARTS)


@pytest.mark.parametrize("code", ALONE)
def test_this_reason_alone_decides(code: str) -> None:
    case = ALONE[code]
    shared, stopped = case.shared(), case.stopped()
    assert (shared.effect, codes(shared.bars), codes(shared.asks)) == ("share", set(), set())
    assert stopped.effect != "share"
    assert codes(stopped.bars) | codes(stopped.asks) == {code}
