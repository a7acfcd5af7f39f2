package mash.triggers_test

import data.mash.facts
import data.mash.testing

_triggers(more) := found if {
	found := facts.triggers with input as testing.but(more) with data.catalogue as testing.catalogue
}

test_reception_to_the_eighteenth_birthday_is_school_age if {
	every age in [5, 17] {
		"school_age" in _triggers({"child": {"age": age}})
	}
	every age in [-1, 3, 4, 18] {
		not "school_age" in _triggers({"child": {"age": age}})
	}
}

test_at_four_a_child_is_of_school_age_for_a_school_and_for_who_stands_in_its_place if {
	every kind in ["school", "la_education"] {
		"school_age" in _triggers({"child": {"age": 4}, "candidate": {"kind": kind}})
		not "school_age" in _triggers({"child": {"age": 3}, "candidate": {"kind": kind}})
	}
	every kind in testing.recipient_kinds - {"school", "la_education"} {
		not "school_age" in _triggers({"child": {"age": 4}, "candidate": {"kind": kind}})
	}
}

test_a_child_of_unknown_age_on_a_roll_is_of_school_age if {
	"school_age" in _triggers({"child": {"age": -1}, "candidate": {"relation": "school"}})
	not "school_age" in _triggers({"child": {"age": -1, "is_unborn": true}, "candidate": {"relation": "school"}})
}

test_domestic_abuse_is_known_from_the_kind_of_event_or_its_marker if {
	"domestic_abuse" in _triggers({"event": {"type": "uk.mash.police.domestic_incident.notified.v1"}})
	"domestic_abuse" in _triggers({"event": {"restrictions": ["domestic_abuse"]}})
	not "domestic_abuse" in _triggers({})
}

test_mutilation_that_is_known_opens_a_duty_and_a_fear_does_not if {
	every age in [-1, 0, 17] {
		"fgm_known" in _triggers({"event": {"fgm_known": true}, "child": {"age": age}})
	}
	not "fgm_known" in _triggers({"event": {"fgm_known": true}, "child": {"age": 18}})
	not "fgm_known" in _triggers({"event": {"crime_indicator": true}})
}

test_a_sexual_offence_that_was_told_of_opens_a_duty_and_a_sign_does_not if {
	every age in [-1, 0, 17] {
		"sexual_offence_told" in _triggers({"event": {"sexual_offence_told": true}, "child": {"age": age}})
	}
	not "sexual_offence_told" in _triggers({"event": {"sexual_offence_told": true}, "child": {"age": 18}})
	not "sexual_offence_told" in _triggers({"event": {"crime_indicator": true}})
}

test_an_objection_is_none_where_nobody_objects if {
	"no_objection" in _triggers({})
	not "no_objection" in _triggers({"event": {"claims": {"dissent": true}}})
}

_asked(operation, under) := _triggers({"operation": operation, "request": {"by": "b", "role": "r", "purpose": "safeguarding", "under": under}})

test_a_request_under_a_statute_opens_its_duty if {
	"asked_under_16h" in _asked("answer", "CA2004-16H")
	"asked_under_27" in _asked("answer", "CA1989-27")
	not "asked_under_27" in _asked("answer", "CA2004-16H")
	not "asked_under_16h" in _asked("answer", "CA1989-27")
	every under in ["CA2004-16H", "CA1989-27"] {
		count(_asked("share", under) & {"asked_under_16h", "asked_under_27"}) == 0
	}
	count(_asked("answer", "") & {"asked_under_16h", "asked_under_27"}) == 0
}

test_an_absence_is_a_duty_once_it_lasted if {
	absent := {"type": "uk.mash.school.absence.returned.v1"}
	"absence_return" in _triggers({"event": absent})
	not "absence_return" in _triggers({"event": object.union(absent, {"return_due": false})})
	not "absence_return" in _triggers({})
}

test_whoever_is_asked_about_a_child_who_has_died_must_answer if {
	"child_death" in _triggers({"operation": "answer", "child": {"has_died": true}})
	not "child_death" in _triggers({"operation": "answer"})
	not "child_death" in _triggers({"child": {"has_died": true}})
}

test_a_return_of_absence_and_a_death_open_their_own_duties if {
	"absence_return" in _triggers({"event": {"type": "uk.mash.school.absence.returned.v1"}})
	"child_death" in _triggers({"event": {"type": "uk.mash.health.death.notified.v1"}})
	"child_death" in _triggers({"event": {"type": "uk.mash.health.death.retracted.v1"}})
	count(_triggers({}) & {"absence_return", "child_death"}) == 0
}
