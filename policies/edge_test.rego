package mash.at_the_edge_test

import data.mash.at_the_edge
import data.mash.testing

_found(more) := found if {
	found := {"effect": at_the_edge.effect, "codes": testing.codes(at_the_edge.bars)} with input as testing.but(more)
		with data.law as testing.law
		with data.catalogue as testing.catalogue
}

test_a_concern_leaves if _found({}) == {"effect": "send", "codes": set()}

test_a_level_one_police_report_leaves_a_notice if {
	_found({"sender": {"kind": "police"}, "event": {"level": {"value": 1}, "grade": {"value": "green"}}}) == {"effect": "notice", "codes": {"edge.level_one"}}
	_found({"sender": {"kind": "police"}, "event": {"level": {"value": 2}, "grade": {"value": "blue"}}}).effect == "notice"
}

test_another_agencys_level_one_report_leaves_nothing if _found({"event": {"level": {"value": 1}, "grade": {"value": "green"}}}).effect == "keep"

test_of_a_level_and_a_grade_that_contradict_the_graver_counts if {
	every grave in [[1, "red"], [4, "blue"]] {
		_found({"event": {"level": {"value": grave[0]}, "grade": {"value": grave[1]}}}).effect == "send"
	}
	every slight in [[1, "amber"], [3, "blue"]] {
		_found({"event": {"level": {"value": slight[0]}, "grade": {"value": slight[1]}}}).effect == "keep"
	}
	_found({"event": {"level": {"value": 4, "given_by": "catalogue"}, "grade": {"value": "blue"}}}).effect == "keep"
	_found({"event": {"level": {"value": 1}, "grade": {"value": "red", "given_by": "catalogue"}}}).effect == "keep"
}

test_what_is_not_gated_leaves_at_any_level if {
	_found({"event": {"level": {"value": 1}, "grade": {"value": "green"}, "type": "uk.mash.health.gp_registration.changed.v1"}}).effect == "send"
}

test_mutilation_that_is_known_leaves_at_any_level if {
	_found({"event": {"level": {"value": 1}, "grade": {"value": "green"}, "fgm_known": true}}).effect == "send"
	_found({"event": {"level": {"value": 2}, "grade": {"value": "blue"}, "fgm_known": true}}).effect == "send"
	_found({"event": {"level": {"value": 1}, "grade": {"value": "green"}, "fgm_known": true, "restrictions": ["protected_person"]}}).effect == "keep"
}

test_guarded_reports_leave_no_trace if {
	every restriction in ["protected_person", "adoption", "sexual_health", "intelligence_conditions"] {
		found := _found({"sender": {"kind": "police"}, "event": {"level": {"value": 1}, "grade": {"value": "green"}, "restrictions": [restriction]}})
		found.effect == "keep"
	}
}

test_guarded_values_leave_no_trace if {
	every category in ["adoption.prior_identity", "protected_person", "police.intel"] {
		_found({"event": {"categories": [{"category": category, "about": "adult"}]}}).effect == "keep"
	}
}

test_intelligence_under_code_p_leaves if {
	_found({"event": {"handling_code": "P", "categories": [{"category": "police.intel", "about": "adult"}]}}).effect == "send"
}

test_an_event_that_no_catalogue_knows_is_held_to_the_level_gate if {
	_found({"event": {"type": "uk.mash.unheard.of.v1", "level": {"value": 1}, "grade": {"value": "green"}}}).effect == "keep"
}

test_each_reason_has_its_own_code if {
	_found({"event": {"categories": [{"category": "adoption.prior_identity", "about": "child"}]}}).codes == {"edge.adoption"}
	_found({"event": {"categories": [{"category": "protected_person", "about": "child"}]}}).codes == {"edge.protected_person"}
	_found({"event": {"categories": [{"category": "police.intel", "about": "adult"}]}}).codes == {"edge.intelligence"}
	_found({"event": {"level": {"value": 2}, "grade": {"value": "blue"}}}).codes == {"edge.level_one"}
}

test_a_bar_of_law_holds_from_its_first_second_to_the_second_before_its_end if {
	_barred_at(999) == set()
	_barred_at(1000) == {"a-bar"}
	_barred_at(1999) == {"a-bar"}
	_barred_at(2000) == set()
}

_barred_at(now) := found if {
	bar := {"code": "a-bar", "restriction": "statutory_bar", "from": 1000, "to": 2000, "judged_at": "sharing"}
	found := testing.codes(at_the_edge.bars) with input as testing.but({"now": now, "event": {"restrictions": ["statutory_bar"]}})
		with data.law as object.union(testing.law, {"bars": [bar]})
		with data.catalogue as testing.catalogue
}
