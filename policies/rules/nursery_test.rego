package mash.rules.nursery_test

import data.mash.rules.nursery
import data.mash.testing

test_a_nursery_waits_for_a_manager if {
	testing.codes(nursery.asks) == {"nursery.manager_decides"} with input as testing.but({"candidate": {"kind": "nursery"}})
}

test_opening_what_it_was_told_does_not if {
	count(nursery.asks) == 0 with input as testing.but({"operation": "read", "candidate": {"kind": "nursery"}})
}

test_that_an_old_address_no_longer_stands_does_not if {
	count(nursery.asks) == 0 with input as testing.but({"candidate": {"kind": "nursery", "held_old_address": true}})
}

test_others_do_not_wait_for_it if count(nursery.asks) == 0 with input as testing.question
