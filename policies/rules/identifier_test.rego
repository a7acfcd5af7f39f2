package mash.rules.identifier_test

import data.mash.rules.identifier
import data.mash.testing

_told(more, switches) := told if {
	told := testing.codes(identifier.obligations) with input as testing.but(more)
		with data.law as testing.law
		with data.pairs as testing.pairs
		with data.agreements as {"an-agreement": object.union(testing.agreement, {"switches": switches})}
}

test_switched_on_the_number_goes_along if _told({}, {"new": true}) == {"identifier.bear"}

test_switched_off_nothing_is_said if {
	_told({}, {"new": false}) == set()
	_told({}, {}) == set()
}

test_only_to_and_from_whom_the_law_names if {
	_told({"sender": {"kind": "voluntary"}}, {"new": true}) == set()
	_told({"candidate": {"kind": "analyst"}}, {"new": true}) == set()
}

test_not_where_it_would_harm_the_child_more if _told({"event": {"claims": {"more_detrimental": true}}}, {"new": true}) == set()

test_not_before_it_is_in_force if {
	later := object.union(testing.law, {"identifiers": [object.union(testing.law.identifiers[0], {"from": 3000})]})
	count(identifier.obligations) == 0 with input as testing.question
		with data.law as later
		with data.pairs as testing.pairs
		with data.agreements as {"an-agreement": object.union(testing.agreement, {"switches": {"new": true}})}
}
