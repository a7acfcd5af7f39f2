package mash.rules.part3_test

import data.mash.rules.part3
import data.mash.testing

_police := testing.but({"sender": {"kind": "police", "competent_authority": true}})

test_a_body_outside_part_3_needs_no_exit if count(part3.bars | part3.grounds) == 0 with input as testing.question

test_police_leave_part_3_where_a_law_authorises_it if {
	testing.codes(part3.grounds) == {"part3.authorised"} with input as _police with data.law as testing.law
}

test_police_do_not_leave_part_3_without_one if {
	testing.codes(part3.bars) == {"part3.no_exit"} with input as object.union(_police, {"candidate": {"purpose": "early_help"}})
		with data.law as testing.law
}

test_a_duty_opens_its_exit_only_where_the_duty_stands if {
	only_duty := object.union(testing.law, {"part3_exits": [testing.law.part3_exits[0]]})
	testing.codes(part3.bars) == {"part3.no_exit"} with input as _police with data.law as only_duty
}

test_police_to_police_stays_within_part_3 if {
	count(part3.bars | part3.grounds) == 0 with input as object.union(_police, {"candidate": {"kind": "police_mash"}})
}
