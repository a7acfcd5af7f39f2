package mash.rules.police_drift_test

import data.mash.rules.police_drift
import data.mash.testing

_to_police := testing.but({"candidate": {"kind": "police_mash"}})

test_without_a_reason_police_are_not_told if testing.codes(police_drift.bars) == {"police.no_crime_indicator"} with input as _to_police

test_a_crime_a_section_47_or_level_4_is_a_reason if {
	every more in [
		{"event": {"crime_indicator": true}},
		{"child": {"section_47": {"value": true}}},
		{"event": {"level": {"value": 4}}},
		{"event": {"fgm_known": true}},
		{"event": {"type": "uk.mash.local_authority.section_47.ended.v1"}},
		{"event": {"type": "uk.mash.local_authority.protection_plan.ended.v1"}},
	] {
		count(police_drift.bars) == 0 with input as object.union(_to_police, more)
	}
}

test_every_share_says_that_an_investigation_needs_its_own_request if {
	testing.codes(police_drift.obligations) == {"police.own_request"} with input as _to_police
}

test_opening_what_police_were_told_needs_no_new_reason if {
	count(police_drift.bars) == 0 with input as object.union(_to_police, {"candidate": {"purpose": "case_work"}})
}

test_a_request_for_evidence_is_for_a_person_and_not_barred_here if {
	count(police_drift.bars) == 0 with input as object.union(_to_police, {"candidate": {"purpose": "crime_prevention"}})
}

test_police_to_police_is_not_drift if {
	count(police_drift.bars) == 0 with input as object.union(_to_police, {"sender": {"kind": "police"}})
}

test_others_are_not_its_business if count(police_drift.bars | police_drift.obligations) == 0 with input as testing.question

test_a_friends_name_and_an_informant_in_anothers_report_are_not_for_police if {
	named := {"event": {"categories": [{"category": "third_party", "about": "third_party"}, {"category": "informant", "about": "informant"}]}}
	forms := {cap.category: cap.form | some cap in police_drift.caps} with input as object.union(_to_police, named)
	forms == {"third_party": "summary", "informant": "withhold"}
	own := object.union(_to_police, object.union(named, {"sender": {"kind": "police"}}))
	count(police_drift.caps) == 0 with input as own
}
