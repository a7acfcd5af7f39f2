package mash.rules.offence_data_test

import data.mash.rules.offence_data
import data.mash.testing

_alleged := testing.but({"event": {"categories": [{"category": "crime.allegation", "about": "adult"}]}})

test_paragraph_36_carries_the_condition_over if count(offence_data.bars) == 0 with input as _alleged with data.law as testing.law

test_official_authority_needs_no_paragraph if {
	count(offence_data.bars) == 0 with input as object.union(_alleged, {"sender": {"kind": "police"}})
		with data.law as object.union(testing.law, {"conditions": {"36": {"from": 9000}}})
}

test_without_paragraph_36_an_allegation_is_barred if {
	testing.codes(offence_data.bars) == {"offence_data.no_condition"} with input as _alleged
		with data.law as object.union(testing.law, {"conditions": {"36": {"from": 9000}}})
}
