package mash.rules.nursery_test

import data.mash.rules.nursery
import data.mash.testing

test_a_nursery_waits_for_a_manager if {
	testing.codes(nursery.asks) == {"nursery.manager_decides"} with input as testing.but({"candidate": {"kind": "nursery"}})
}

test_opening_what_it_was_told_does_not if {
	count(nursery.asks) == 0 with input as testing.but({"operation": "read", "candidate": {"kind": "nursery"}})
}

_moved := {"event": {"type": "uk.mash.health.gp_registration.changed.v1"}, "child": {"address_guarded": true}}

_holder := {"candidate": {"kind": "nursery", "held_old_address": true}}

test_that_an_old_address_no_longer_stands_does_not if {
	count(nursery.asks) == 0 with input as testing.but(object.union(_moved, _holder)) with data.catalogue as testing.catalogue
}

test_what_else_its_holder_is_told_does if {
	count(nursery.asks) == 1 with input as testing.but(_holder) with data.catalogue as testing.catalogue
	count(nursery.asks) == 1 with input as testing.but(object.union(_moved, {"candidate": {"kind": "nursery"}})) with data.catalogue as testing.catalogue
}

test_that_what_it_was_told_is_unfounded_does_not if {
	ended := {"uk.mash.school.concern.recorded.v1": {"goes_to_those_told": true}}
	count(nursery.asks) == 0 with input as testing.but({"candidate": {"kind": "nursery"}}) with data.catalogue as ended
}

_school(age) := testing.but({"child": {"age": age}, "candidate": {"kind": "school", "purpose": "encompass_notification"}})

test_before_reception_a_school_waits_too if {
	every age in [0, 1, 2, 3] {
		testing.codes(nursery.asks) == {"nursery.before_reception"} with input as _school(age)
	}
	every age in [-1, 4, 9] {
		count(nursery.asks) == 0 with input as _school(age)
	}
	every purpose in testing.purposes - {"encompass_notification"} {
		count(nursery.asks) == 0 with input as object.union(_school(3), {"candidate": {"purpose": purpose}})
	}
	every operation in ["answer", "read", "link", "subject_access", "correct"] {
		count(nursery.asks) == 0 with input as object.union(_school(3), {"operation": operation})
	}
	every kind in testing.recipient_kinds - {"school", "nursery"} {
		count(nursery.asks) == 0 with input as object.union(_school(3), {"candidate": {"kind": kind}})
	}
}

test_others_do_not_wait_for_it if count(nursery.asks) == 0 with input as testing.question
