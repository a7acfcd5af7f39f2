package mash.rules.encompass_test

import data.mash.rules.encompass
import data.mash.testing

_school := {"kind": "school", "recipient": "school", "relation": "school", "purpose": "encompass_notification"}

_council := {"kind": "la_education", "recipient": "council", "relation": "home_education", "purpose": "encompass_notification"}

_told(candidate, more) := object.union(testing.but({"candidate": candidate, "candidates": [_on_roll]}), more)

_on_roll := object.union(_school, {"confidence": "verified"})

test_the_current_school_is_told_and_told_how if {
	count(encompass.bars | encompass.asks) == 0 with input as _told(_school, {})
	testing.codes(encompass.obligations) == {
		"encompass.do_not_question",
		"encompass.do_not_contact_home",
		"encompass.not_in_main_file",
		"encompass.open_before_school",
	} with input as _told(_school, {})
}

test_a_stale_roll_is_never_guessed_from if {
	testing.codes(encompass.bars) == {"encompass.roll_not_current"} with input as _told(object.union(_school, {"confidence": "stale"}), {})
}

test_a_party_who_works_there_bars_it if {
	at := {"event": {"encompass": {"party_works_at": ["school"]}}}
	testing.codes(encompass.bars) == {"encompass.party_works_there"} with input as _told(_school, at)
	count(encompass.bars) == 0 with input as _told(_school, {"event": {"encompass": {"party_works_at": ["elsewhere"]}}})
}

test_where_a_party_works_there_the_council_hears if {
	at := {"event": {"encompass": {"party_works_at": ["school"]}}}
	count(encompass.bars) == 0 with input as _told(_council, at)
	both := {"candidates": [_on_roll, object.union(_on_roll, {"recipient": "second"})]}
	testing.codes(encompass.bars) == {"encompass.school_is_told"} with input as _told(_council, object.union(at, both))
}

_nursery := {"kind": "nursery", "recipient": "nursery", "relation": "nursery"}

_incident := {"event": {"type": "uk.mash.police.domestic_incident.notified.v1", "encompass": {"party_works_at": ["nursery"]}}}

test_a_nursery_has_the_same_cautions if {
	testing.codes(encompass.bars) == {"encompass.party_works_there"} with input as _told(_nursery, _incident) with data.catalogue as testing.catalogue
	testing.codes(encompass.obligations) == {
		"encompass.do_not_question",
		"encompass.do_not_contact_home",
		"encompass.not_in_main_file",
	} with input as _told(_nursery, _incident) with data.catalogue as testing.catalogue
	count(encompass.bars | encompass.obligations) == 0 with input as _told(_nursery, {}) with data.catalogue as testing.catalogue
	count(encompass.bars | encompass.obligations) == 0 with input as object.union(testing.but({"candidate": {"kind": "gp"}}), _incident)
		with data.catalogue as testing.catalogue
}

test_unknown_or_young_parties_wait_for_a_person if {
	every known in [false, null] {
		asked := {"event": {"encompass": {"both_parties_16_or_over": known}}}
		testing.codes(encompass.asks) == {"encompass.age_of_parties"} with input as _told(_school, asked)
	}
}

test_a_suspects_child_elsewhere_waits_for_a_person if {
	asked := {"event": {"encompass": {"suspects_child_elsewhere": true}}}
	testing.codes(encompass.asks) == {"encompass.suspects_child_elsewhere"} with input as _told(_school, asked)
}

test_the_council_hears_only_where_no_current_school_does if {
	testing.codes(encompass.bars) == {"encompass.school_is_told"} with input as _told(_council, {})
	count(encompass.bars) == 0 with input as _told(_council, {"candidates": [_council]})
	count(encompass.bars) == 0 with input as _told(_council, {"child": {"home_educated": {"value": true}}})
}

test_other_purposes_are_not_its_business if {
	count(((encompass.bars | encompass.asks) | encompass.obligations)) == 0 with input as testing.question
}
