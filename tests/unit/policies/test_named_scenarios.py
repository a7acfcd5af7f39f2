"""The scenarios of the domain reference that this much of the law must decide rightly."""

from policies.engine import Engine
from tests.support.questions import (
    DOMESTIC_INCIDENT,
    EMERGENCY_ATTENDANCE,
    GP_CHANGED,
    HEALTH_CONCERN,
    POLICE_CONCERN,
    RECORD_OPENED,
    SCHOOL_CONCERN,
    VOLUNTARY_CONCERN,
    Case,
    answer,
    candidate,
    codes,
    forms,
    pairs,
    seconds,
)

INCIDENT = pairs(
    "event.meta/child",
    "id.core/child",
    "id.core/adult",
    "id.core/other_child",
    "id.address/child",
    "police.incident/child",
    "crime.allegation/adult",
    "crime.conviction/adult",
    "police.intel/adult",
    "informant/informant",
)
RED = {"value": "red", "given_by": "sender"}
ON_PLAN = {"on_plan": {"value": True, "as_at": 1}, "open_case": {"value": True, "as_at": 1}}


def a_domestic_incident(engine: Engine) -> Case:
    event = {
        "grade": RED,
        "level": {"value": 4, "given_by": "sender"},
        "categories": INCIDENT,
        "handling_code": "P",
        "crime_indicator": True,
        "encompass": {"both_parties_16_or_over": True},
    }
    return Case(engine, "wrenshire-police", DOMESTIC_INCIDENT, facts={"event": event})


def test_s01_a_school_that_thinks_it_needs_permission_shares_under_public_task(engine: Engine) -> None:
    case = Case(engine, "ashdown-primary", SCHOOL_CONCERN)
    cells = pairs(
        "event.meta/child", "id.core/child", "edu.concern/child", "child_voice/child", "crime.allegation/adult"
    )
    event = {"categories": cells, "claims": {"art6": "a"}, "crime_indicator": True}
    verdict = case.decide("mash-core", "police-mash", event=event)
    for recipient in ("mash-core", "police-mash"):
        decision = answer(verdict, recipient)
        assert (decision.effect, decision.basis.art6, decision.basis.art9) == ("share", "e", "g")
        assert (decision.basis.art10, decision.basis.schedule1, decision.basis.gateway) == (
            "schedule1",
            "18",
            "EA2002-157",
        )
    assert codes(verdict.warnings) == {"lawful_basis.consent_not_needed"}


def test_s02_the_childs_own_school_is_told_its_encompass_lines_as_a_duty(engine: Engine) -> None:
    school = candidate("school-ashdown", purpose="encompass_notification")
    decision = answer(a_domestic_incident(engine).decide("mash-core", school), "school-ashdown")
    assert (decision.effect, decision.duty, decision.basis.art6) == ("share", "must", "c")
    assert decision.basis.gateway == decision.basis.part3_exit == "DAA2021-49A"
    assert decision.basis.art10 == "official_authority"
    given = forms(decision)
    assert given["police.incident/child"] == "summary"
    for kept in (
        "id.core/adult",
        "id.core/other_child",
        "police.intel/adult",
        "crime.conviction/adult",
        "informant/informant",
    ):
        assert given[kept] == "withhold"
    assert {"encompass.do_not_question", "encompass.do_not_contact_home", "encompass.not_in_main_file"} <= codes(
        decision.obligations
    )
    assert not decision.free_text


def test_s03_a_home_educated_childs_former_school_is_not_told_and_the_council_is(engine: Engine) -> None:
    former = candidate("school-ashdown", purpose="encompass_notification", confidence="stale")
    council = candidate("la-education", purpose="encompass_notification")
    child = {"home_educated": {"value": True, "as_at": 1}}
    verdict = a_domestic_incident(engine).decide(former, council, child=child)
    assert answer(verdict, "school-ashdown").effect == "withhold"
    assert answer(verdict, "la-education").effect == "share"


def test_s04_a_nursery_waits_for_a_manager_and_is_told_once_one_decides(engine: Engine) -> None:
    case = a_domestic_incident(engine)
    child = {"age": 3, **ON_PLAN}
    verdict = case.decide("mash-core", "nursery-acorn", child=child)
    waiting = answer(verdict, "nursery-acorn")
    assert (waiting.effect, codes(waiting.asks), waiting.clock, waiting.clock_hours) == (
        "ask",
        {"nursery.manager_decides"},
        "red",
        4,
    )
    assert answer(verdict, "mash-core").effect == "share"
    approval = {
        "ask": "nursery.manager_decides",
        "role": "mash_manager",
        "person": "p1",
        "at": 1,
        "recipient": "nursery-acorn",
    }
    decided = answer(case.decide("nursery-acorn", child=child, approvals=[approval]), "nursery-acorn")
    assert (decided.effect, decided.duty, decided.basis.art6) == ("share", "may", "e")
    assert forms(decided)["police.incident/child"] == "summary"
    wrong_role = {**approval, "role": "mash_practitioner"}
    assert answer(case.decide("nursery-acorn", child=child, approvals=[wrong_role]), "nursery-acorn").effect == "ask"


def test_s06_a_ward_nurses_suspicion_reaches_the_hub_and_police_the_same_day(engine: Engine) -> None:
    cells = pairs("event.meta/child", "id.core/child", "health.physical/child", "crime.allegation/adult")
    event = {"categories": cells, "crime_indicator": True, "level": {"value": 4, "given_by": "sender"}}
    verdict = Case(engine, "wren-valley-hospital", HEALTH_CONCERN).decide("mash-core", "police-mash", event=event)
    for recipient in ("mash-core", "police-mash"):
        decision = answer(verdict, recipient)
        assert (decision.effect, decision.basis.art6, decision.basis.art9, decision.basis.schedule1) == (
            "share",
            "e",
            "g",
            "18",
        )
    assert "police.own_request" in codes(answer(verdict, "police-mash").obligations)


def test_s09_and_s10_a_record_opens_to_the_assigned_and_raises_an_alarm_for_others(engine: Engine) -> None:
    case = Case(engine, "wrenshire-mash", RECORD_OPENED)
    reader = candidate("mash-core", purpose="case_work", role="mash_health_practitioner")
    event = {"categories": pairs("event.meta/child", "sc.status/child", "informant/informant", "sc.narrative/child")}
    actor = {"person": "p7", "role": "mash_health_practitioner", "assigned": True}
    opened = answer(case.decide(reader, operation="read", event=event, actor=actor), "mash-core")
    assert (opened.effect, opened.basis.art6, opened.basis.gateway) == ("share", "e", "CA2004-10")
    assert forms(opened)["informant/informant"] == "withhold"
    refused = answer(
        case.decide(reader, operation="read", event=event, actor={**actor, "assigned": False}), "mash-core"
    )
    assert (refused.effect, refused.duty, codes(refused.bars)) == ("withhold", "must_not", {"access.not_assigned"})
    assert {"tell.siro", "tell.dpo"} <= codes(refused.obligations)


def test_s16_a_vendor_that_wants_the_feed_for_marketing_is_refused_and_the_dpo_told(engine: Engine) -> None:
    vendor = candidate("pennine-app", purpose="marketing")
    decision = answer(Case(engine, "wrenshire-police", POLICE_CONCERN).decide(vendor), "pennine-app")
    assert (decision.effect, decision.duty) == ("withhold", "must_not")
    assert {"purpose.incompatible", "party.processor_only", "purpose.not_covered"} <= codes(decision.bars)
    assert "tell.dpo" in codes(decision.obligations)
    assert all(form == "withhold" for form in forms(decision).values())


def test_s19_under_a_lapsed_agreement_green_is_listed_and_amber_and_red_wait_for_a_person(engine: Engine) -> None:
    cells = pairs("event.meta/child", "id.core/child", "health.physical/child")
    case = Case(engine, "otherby-hospital", HEALTH_CONCERN)
    found = {
        grade: answer(
            case.decide("mash-core", event={"categories": cells, "grade": {"value": grade, "given_by": "sender"}}),
            "mash-core",
        )
        for grade in ("red", "amber", "green")
    }
    assert (found["green"].effect, codes(found["green"].bars)) == ("withhold", {"agreement.lapsed"})
    assert found["green"].duty == "may"
    assert (found["amber"].effect, found["amber"].clock, found["red"].effect, found["red"].clock) == (
        "ask",
        "amber",
        "ask",
        "red",
    )
    assert found["red"].asks[0].detail == {"state": "expired", "statutory_route": "CA2004-11"}
    duty = answer(
        case.decide("mash-core", event={"categories": cells}, child={"section_47": {"value": True, "as_at": 1}}),
        "mash-core",
    )
    assert (duty.effect, duty.duty, duty.basis.art6) == ("share", "must", "c")
    assert "tell.dpo" in codes(duty.obligations)


def test_s22_a_school_that_asks_for_a_refuges_address_gets_only_a_contact(engine: Engine) -> None:
    answered = "uk.mash.mash.information.returned.v1"
    case = Case(engine, "wrenshire-mash", answered)
    cells = pairs("event.meta/child", "id.core/child", "id.restricted_address/child")
    request = {
        "by": "school-ashdown",
        "role": "designated_safeguarding_lead",
        "purpose": "safeguarding",
        "grounds": "school records",
    }
    decision = answer(
        case.decide("school-ashdown", operation="answer", request=request, event={"categories": cells}),
        "school-ashdown",
    )
    assert decision.effect == "share"
    assert forms(decision)["id.restricted_address/child"] == "token"
    assert decision.basis.art6 == "e"


def test_s36_a_council_that_claims_a_private_bodys_basis_shares_under_public_task(engine: Engine) -> None:
    case = Case(engine, "wrenshire-council", "uk.mash.local_authority.referral.received.v1")
    verdict = case.decide("mash-core", event={"claims": {"art6": "6(1)(ea)"}})
    assert answer(verdict, "mash-core").basis.art6 == "e"
    assert answer(verdict, "mash-core").effect == "share"
    warning = verdict.warnings[0]
    assert (warning.code, warning.detail) == ("lawful_basis.claim_invalid", {"claimed": "ea", "right": "e"})


def test_s34_a_charity_shares_under_recognised_legitimate_interest_since_february_2026(engine: Engine) -> None:
    case = Case(engine, "bramble-helpline", VOLUNTARY_CONCERN)
    assert answer(case.decide("mash-core"), "mash-core").basis.art6 == "ea"
    earlier = Case(engine, "bramble-helpline", VOLUNTARY_CONCERN, at="2026-02-04T12:00:00+00:00")
    assert answer(earlier.decide("mash-core"), "mash-core").basis.art6 == "f"


def test_s46_an_informant_who_asked_not_to_be_named_is_kept_back_from_all_but_police(engine: Engine) -> None:
    case = a_domestic_incident(engine)
    school = candidate("school-ashdown", purpose="encompass_notification")
    verdict = case.decide("mash-core", "csc-north-team", school, "gp-elm-street", "police-mash")
    kept = {d.recipient: forms(d)["informant/informant"] for d in verdict.decisions}
    assert kept.pop("police-mash") == "give"
    assert set(kept.values()) == {"withhold"}


def test_s47_a_fuzzy_match_is_held_and_a_red_one_reaches_the_front_door_only(engine: Engine) -> None:
    case = Case(engine, "wren-valley-hospital", EMERGENCY_ATTENDANCE)
    cells = pairs("event.meta/child", "id.core/child", "health.physical/child")
    held = case.decide("mash-core", "csc-north-team", event={"categories": cells, "identity_unsure": True})
    assert {str(d.effect) for d in held.decisions} == {"ask"}
    red = case.decide("mash-core", "csc-north-team", event={"categories": cells, "identity_unsure": True, "grade": RED})
    assert answer(red, "mash-core").effect == "share"
    assert "identity.unmatched" in codes(answer(red, "mash-core").obligations)
    assert codes(answer(red, "csc-north-team").bars) == {"identity.front_door_only"}


def test_s56_a_level_one_police_report_stays_with_the_force(engine: Engine) -> None:
    case = Case(engine, "wrenshire-police", POLICE_CONCERN)
    event = {"level": {"value": 1, "given_by": "sender"}, "grade": {"value": "blue", "given_by": "sender"}}
    decision = answer(case.decide("mash-core", event=event), "mash-core")
    assert (decision.effect, codes(decision.bars)) == ("withhold", {"level.one"})
    edge = engine.edge(case.question("mash-core", event=event))
    assert (edge.effect, codes(edge.bars)) == ("notice", {"edge.level_one"})
    assert answer(case.decide("mash-core", event=event, child=ON_PLAN), "mash-core").effect == "share"


def test_a_new_address_is_for_the_front_door_and_others_are_told_whom_to_ask(engine: Engine) -> None:
    case = Case(engine, "wrenshire-community-health", GP_CHANGED)
    cells = pairs("event.meta/child", "id.core/child", "id.address/child")
    event = {"categories": cells, "locating": pairs("id.address/child"), "new_address": True}
    old_practice = candidate("gp-elm-street", held_old_address=True)
    old_school = candidate("school-ashdown", held_old_address=True)
    verdict = case.decide(
        "mash-core",
        "csc-north-team",
        old_practice,
        old_school,
        "hv-wrenshire",
        event=event,
        child={"address_guarded": True},
    )
    address = {d.recipient: forms(d)["id.address/child"] for d in verdict.decisions}
    assert address["mash-core"] == "give"
    assert address["csc-north-team"] == address["gp-elm-street"] == address["school-ashdown"] == "token"
    worker = answer(verdict, "csc-north-team")
    assert (worker.effect, codes(worker.category_asks)) == ("share", {"new_address.worker"})
    assert codes(answer(verdict, "hv-wrenshire").bars) == {"new_address.not_told"}
    approval = {"ask": "new_address.worker", "role": "mash_manager", "person": "p1", "at": 1, "scope": "id.address"}
    cleared = case.decide("csc-north-team", event=event, child={"address_guarded": True}, approvals=[approval])
    assert forms(answer(cleared, "csc-north-team"))["id.address/child"] == "give"


def test_an_arm_injury_of_a_child_on_a_plan_reaches_those_who_care_for_it_but_not_police(engine: Engine) -> None:
    case = Case(engine, "wren-valley-hospital", EMERGENCY_ATTENDANCE, at="2026-03-07T22:00:00+00:00")
    cells = pairs("event.meta/child", "id.core/child", "health.physical/child")
    verdict = case.decide(
        "mash-core", "csc-north-team", "police-mash", "gp-elm-street", "hv-wrenshire",
        event={"categories": cells}, child={"age": 3, **ON_PLAN},
    )  # fmt: skip
    effects = {d.recipient: str(d.effect) for d in verdict.decisions}
    assert effects.pop("police-mash") == "withhold"
    assert set(effects.values()) == {"share"}
    assert codes(answer(verdict, "police-mash").bars) == {"police.no_crime_indicator"}
    assert answer(verdict, "gp-elm-street").basis.art9 == "h"
    later = case.decide(
        "police-mash", event={"categories": cells}, child={"age": 3, "section_47": {"value": True, "as_at": 1}}
    )
    assert answer(later, "police-mash").effect == "share"


def test_a_policy_document_past_review_waits_where_urgent_and_stays_where_not(engine: Engine) -> None:
    case = Case(engine, "ashdown-primary", SCHOOL_CONCERN)
    cells = pairs("event.meta/child", "id.core/child", "edu.concern/child")
    sender = engine.sender("ashdown-primary").model_copy(update={"policy_documents": ()})
    for grade, effect in (("red", "ask"), ("green", "withhold")):
        event = {"categories": cells, "grade": {"value": grade, "given_by": "sender"}}
        decision = answer(case.decide("mash-core", event=event, sender=sender), "mash-core")
        assert decision.effect == effect
        assert "schedule1.document_lapsed" in decision.would_allow


def test_the_duty_to_tell_schools_is_judged_at_the_time_of_the_incident(engine: Engine) -> None:
    case = a_domestic_incident(engine)
    school = candidate("school-ashdown", purpose="encompass_notification")
    before = {"occurred_at": seconds("2025-11-06T23:00:00+00:00")}
    decision = answer(case.decide(school, event=before), "school-ashdown")
    assert (decision.duty, decision.basis.art6, decision.basis.gateway) == ("may", "e", "CA2004-11")


def test_each_recipient_may_open_its_own_view_when_assigned(engine: Engine) -> None:
    for entry in engine.agreement("wrenshire").recipients:
        if entry.kind == "vendor":
            continue
        case = Case(engine, entry.agency, RECORD_OPENED)
        reader = candidate(entry.id, purpose="case_work", role=entry.opened_by.role, relation="requested")
        actor = {"person": "p7", "role": entry.opened_by.role, "assigned": True}
        event = {"categories": (), "level": {"value": 1, "given_by": "catalogue"}}
        opened = answer(case.decide(reader, operation="read", event=event, actor=actor), entry.id)
        assert opened.effect == "share", (entry.id, opened)
