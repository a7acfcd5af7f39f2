package mash.rules.grown_up_test

import data.mash.rules.grown_up
import data.mash.testing

_asked(age, more) := asked if {
	asked := testing.codes(grown_up.asks) with input as object.union(testing.but({"child": {"age": age}}), more)
}

_of_children := {"safeguarding", "child_protection_enquiry", "encompass_notification", "early_help"}

test_under_18_nobody_is_asked if {
	every age in [-1, 0, 9, 17] {
		_asked(age, {}) == set()
	}
}

test_from_18_a_person_decides if {
	every age in [18, 19, 30] {
		_asked(age, {}) == {"grown_up.at_risk"}
	}
	_asked(18, {"operation": "answer"}) == {"grown_up.at_risk"}
	every purpose in _of_children {
		_asked(18, {"candidate": {"purpose": purpose}}) == {"grown_up.at_risk"}
	}
}

test_what_is_not_for_childrens_protection_goes_on if {
	every operation in ["read", "link", "subject_access", "correct"] {
		_asked(18, {"operation": operation}) == set()
	}
	every purpose in testing.purposes - _of_children {
		_asked(18, {"candidate": {"purpose": purpose}}) == set()
	}
}
