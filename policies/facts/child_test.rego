package mash.facts_test

import data.mash.facts
import data.mash.testing

_triggers(more) := found if {
	found := facts.triggers with input as testing.but(more) with data.catalogue as testing.catalogue
}

test_reception_to_the_eighteenth_birthday_is_school_age if {
	every age in [4, 17] {
		"school_age" in _triggers({"child": {"age": age}})
	}
	every age in [-1, 3, 18] {
		not "school_age" in _triggers({"child": {"age": age}})
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

test_a_parts_confidence_follows_its_category_or_its_sender if {
	facts.has_confidential with input as testing.but({"sender": {"kind": "health"}}) with data.law as testing.law
	not facts.has_confidential with input as testing.question with data.law as testing.law
}

test_an_exit_of_a_duty_needs_that_duty if {
	asked := testing.but({"sender": {"kind": "police", "competent_authority": true}, "child": {"section_47": {"value": true}}})
	duties := object.union(testing.law, {"gateways": {"police": testing.law.gateways.school}})
	facts.part3_exit == "a-duty" with input as asked with data.law as duties with data.catalogue as testing.catalogue
	facts.part3_exit == "policing" with input as asked with data.law as testing.law with data.catalogue as testing.catalogue
}
