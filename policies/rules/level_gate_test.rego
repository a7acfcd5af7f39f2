package mash.rules.level_gate_test

import data.mash.rules.level_gate
import data.mash.testing

_at(level) := testing.but({"event": {"level": {"value": level}}})

test_level_3_proceeds if {
	count(level_gate.asks | level_gate.bars) == 0 with input as testing.question with data.catalogue as testing.catalogue
}

test_level_1_stays if {
	testing.codes(level_gate.bars) == {"level.one"} with input as _at(1) with data.catalogue as testing.catalogue
}

test_blue_stays if {
	testing.codes(level_gate.bars) == {"level.one"} with input as testing.but({"event": {"grade": {"value": "blue"}}})
		with data.catalogue as testing.catalogue
}

test_level_2_asks_the_front_door if {
	testing.codes(level_gate.asks) == {"level.agreement_needed"} with input as _at(2) with data.catalogue as testing.catalogue
}

test_level_2_asks_nobody_else if {
	testing.codes(level_gate.bars) == {"level.front_door_first"} with input as object.union(_at(2), {"candidate": {"kind": "gp"}})
		with data.catalogue as testing.catalogue
}

test_level_2_with_the_familys_agreement_proceeds if {
	agreed := object.union(_at(2), {"event": {"claims": {"service_agreement": "agreed"}}})
	count(level_gate.asks | level_gate.bars) == 0 with input as agreed with data.catalogue as testing.catalogue
}

test_the_gate_never_applies_to_an_open_case if {
	every fact in ["open_case", "on_plan", "section_47"] {
		asked := object.union(_at(1), {"child": {fact: {"value": true}}})
		count(level_gate.asks | level_gate.bars) == 0 with input as asked with data.catalogue as testing.catalogue
	}
}

test_an_event_that_is_not_gated_passes if {
	moved := object.union(_at(2), {"event": {"type": "uk.mash.health.gp_registration.changed.v1"}})
	count(level_gate.asks | level_gate.bars) == 0 with input as moved with data.catalogue as testing.catalogue
}

test_an_event_the_catalogue_does_not_know_is_gated if {
	testing.codes(level_gate.bars) == {"level.one"} with input as _at(1) with data.catalogue as {}
}

test_a_duty_without_a_threshold_waits_for_no_level if {
	without := json.patch(testing.law, [{"op": "replace", "path": "/gateways/school/mash_core/safeguarding/3/at_any_level", "value": true}])
	every more in [{"level": {"value": 1}}, {"level": {"value": 2}}, {"grade": {"value": "blue"}}] {
		count(level_gate.asks | level_gate.bars) == 0 with input as testing.but({"event": more})
			with data.catalogue as testing.catalogue
			with data.law as without
	}
}
