package mash.rules.level_gate_test

import data.mash.rules.level_gate
import data.mash.testing

_at(level) := testing.but({"event": {"level": {"value": level}, "grade": {"value": "green"}}})

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

_graded(level, grade) := testing.but({"event": {"level": {"value": level}, "grade": {"value": grade}}})

test_of_a_level_and_a_grade_that_contradict_the_graver_counts if {
	every grave in [[1, "red"], [4, "blue"]] {
		count(level_gate.bars) == 0 with input as _graded(grave[0], grave[1]) with data.catalogue as testing.catalogue
	}
	every slight in [[1, "amber"], [1, "green"], [1, "blue"], [2, "blue"], [3, "blue"]] {
		"level.one" in testing.codes(level_gate.bars) with input as _graded(slight[0], slight[1]) with data.catalogue as testing.catalogue
	}
}

test_a_persons_word_counts_before_the_senders if {
	every slight in [
		[{"value": 1, "given_by": "person"}, {"value": "red", "given_by": "sender"}],
		[{"value": 4, "given_by": "sender"}, {"value": "blue", "given_by": "person"}],
	] {
		testing.codes(level_gate.bars) == {"level.one"} with input as _by(slight[0], slight[1]) with data.catalogue as testing.catalogue
	}
	every grave in [
		[{"value": 1, "given_by": "person"}, {"value": "red", "given_by": "person"}],
		[{"value": 1, "given_by": "sender"}, {"value": "red", "given_by": "person"}],
		[{"value": 4, "given_by": "person"}, {"value": "blue", "given_by": "sender"}],
	] {
		count(level_gate.bars) == 0 with input as _by(grave[0], grave[1]) with data.catalogue as testing.catalogue
	}
}

_by(level, grade) := testing.but({"event": {"level": level, "grade": grade}})

test_what_nobody_said_contradicts_nothing if {
	every more in [
		{"level": {"value": 4, "given_by": "catalogue"}, "grade": {"value": "blue"}},
		{"level": {"value": 1}, "grade": {"value": "red", "given_by": "catalogue"}},
	] {
		testing.codes(level_gate.bars) == {"level.one"} with input as testing.but({"event": more}) with data.catalogue as testing.catalogue
	}
}

test_what_is_known_to_have_been_done_waits_for_no_level if {
	every level in [1, 2] {
		known := object.union(_at(level), {"event": {"fgm_known": true}})
		count(level_gate.asks | level_gate.bars) == 0 with input as known with data.catalogue as testing.catalogue
	}
}

test_a_duty_that_needs_no_agreement_waits_for_none if {
	without := json.patch(testing.law, [{"op": "add", "path": "/gateways/school/mash_core/safeguarding/3/without_agreement", "value": true}])
	count(level_gate.asks | level_gate.bars) == 0 with input as _at(2)
		with data.catalogue as testing.catalogue
		with data.law as without
	testing.codes(level_gate.bars) == {"level.one"} with input as _at(1)
		with data.catalogue as testing.catalogue
		with data.law as without
}

test_a_duty_without_a_threshold_waits_for_no_level if {
	without := json.patch(testing.law, [{"op": "replace", "path": "/gateways/school/mash_core/safeguarding/3/at_any_level", "value": true}])
	every more in [{"level": {"value": 1}}, {"level": {"value": 2}}, {"grade": {"value": "blue"}}] {
		count(level_gate.asks | level_gate.bars) == 0 with input as testing.but({"event": more})
			with data.catalogue as testing.catalogue
			with data.law as without
	}
}
