package mash.rules.notices_test

import data.mash.rules.notices
import data.mash.testing

_silent(more) if count(notices.caps) == 2 with input as testing.but(more)

test_an_ordinary_report_leaves_it_to_the_matrix if {
	not _silent({})
	count(notices.obligations) == 0 with input as testing.question
}

test_protected_people_adoption_and_sexual_health_are_silent if {
	every restriction in ["protected_person", "adoption", "sexual_health"] {
		_silent({"event": {"restrictions": [restriction]}})
	}
	every category in ["protected_person", "adoption.prior_identity", "health.sexual"] {
		_silent({"event": {"categories": [{"category": category, "about": "child"}]}})
	}
}

test_it_is_said_that_nothing_is_said if {
	testing.codes(notices.obligations) == {"notice.silent"} with input as testing.but({"event": {"restrictions": ["adoption"]}})
}
