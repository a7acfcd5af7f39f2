package mash.rules.access_test

import data.mash.rules.access
import data.mash.testing

_reads(assigned) := testing.but({"operation": "read", "actor": {"person": "p", "role": "mash_practitioner", "assigned": assigned}})

test_the_assigned_may_read if {
	testing.codes(access.grounds) == {"access.assigned"} with input as _reads(true)
	count(access.bars | access.obligations) == 0 with input as _reads(true)
}

test_others_may_not_and_the_alarm_is_raised if {
	testing.codes(access.bars) == {"access.not_assigned"} with input as _reads(false)
	testing.codes(access.obligations) == {"tell.siro", "tell.dpo"} with input as _reads(false)
}

test_nobody_reads_unnamed if {
	testing.codes(access.bars) == {"access.nobody_named"} with input as testing.but({"operation": "read"})
}

test_a_share_is_not_a_reading if count(access.bars | access.grounds) == 0 with input as testing.question
