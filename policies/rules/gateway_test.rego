package mash.rules.gateway_test

import data.mash.rules.gateway
import data.mash.testing

test_a_power_permits if {
	gateway.grounds == {{"code": "gateway.permits", "detail": {"gateway": "a-power"}}} with input as testing.question
		with data.law as testing.law
		with data.catalogue as testing.catalogue
}

test_a_duty_comes_first_where_its_trigger_holds if {
	gateway.grounds == {{"code": "gateway.requires", "detail": {"gateway": "a-duty"}}} with input as testing.but({"child": {"section_47": {"value": true}}})
		with data.law as testing.law
		with data.catalogue as testing.catalogue
}

test_a_switch_brings_in_what_was_enacted_and_not_commenced if {
	switched := object.union(testing.agreement, {"switches": {"new": true}})
	gateway.grounds == {{"code": "gateway.requires", "detail": {"gateway": "not-commenced"}}} with input as testing.question
		with data.law as testing.law
		with data.pairs as testing.pairs
		with data.agreements as {"an-agreement": switched}
		with data.catalogue as testing.catalogue
}

test_without_a_gateway_nothing_passes if {
	testing.codes(gateway.bars) == {"gateway.none"} with input as testing.but({"candidate": {"kind": "nursery"}})
		with data.law as testing.law
		with data.catalogue as testing.catalogue
}
