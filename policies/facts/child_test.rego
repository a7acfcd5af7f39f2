package mash.facts_test

import data.mash.facts
import data.mash.testing

test_a_parts_confidence_follows_its_category_or_its_sender if {
	facts.has_confidential with input as testing.but({"sender": {"kind": "health"}}) with data.law as testing.law
	not facts.has_confidential with input as testing.question with data.law as testing.law
	not facts.has_confidential with input as testing.but({"sender": {"kind": "health"}, "candidate": {"kind": "analyst"}}) with data.law as testing.law
}

test_what_is_only_offence_data_needs_a_condition_too if {
	law := object.union(testing.law, {"offence": {"crime.conviction": true}})
	about := testing.but({"event": {"categories": [{"category": "crime.conviction", "about": "adult"}]}})
	facts.needs_condition with input as about with data.law as law
	not facts.needs_condition with input as about with data.law as object.union(law, {"offence": {"crime.conviction": false}})
}

test_red_and_amber_are_urgent_and_the_others_are_not if {
	every grade in ["red", "amber"] {
		facts.is_urgent with input as testing.but({"event": {"grade": {"value": grade}}})
	}
	every grade in ["green", "blue"] {
		not facts.is_urgent with input as testing.but({"event": {"grade": {"value": grade}}})
	}
}

_safeguarding := {"safeguarding", "child_protection_enquiry", "encompass_notification", "child_death_review"}

test_safeguarding_is_four_purposes_and_no_other if {
	every purpose in _safeguarding {
		facts.is_safeguarding with input as testing.but({"candidate": {"purpose": purpose}})
	}
	every purpose in testing.purposes - _safeguarding {
		not facts.is_safeguarding with input as testing.but({"candidate": {"purpose": purpose}})
	}
}
