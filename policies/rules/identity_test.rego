package mash.rules.identity_test

import data.mash.rules.identity
import data.mash.testing

test_a_certain_child_passes if count(identity.asks | identity.bars) == 0 with input as testing.question

test_an_unsure_child_waits_for_a_person if {
	testing.codes(identity.asks) == {"identity.unsure"} with input as testing.but({"event": {"identity_unsure": true}})
}

test_a_red_report_goes_to_the_front_door_marked if {
	asked := testing.but({"event": {"identity_unsure": true, "grade": {"value": "red"}}})
	count(identity.asks | identity.bars) == 0 with input as asked
	testing.codes(identity.obligations) == {"identity.unmatched"} with input as asked
}

test_a_red_report_goes_nowhere_else if {
	asked := testing.but({"event": {"identity_unsure": true, "grade": {"value": "red"}}, "candidate": {"kind": "gp"}})
	testing.codes(identity.bars) == {"identity.front_door_only"} with input as asked
}
