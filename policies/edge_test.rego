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
	_found({"sender": {"kind": "police"}, "event": {"level": {"value": 1}}}) == {"effect": "notice", "codes": {"edge.level_one"}}
	_found({"sender": {"kind": "police"}, "event": {"grade": {"value": "blue"}}}).effect == "notice"
}

test_another_agencys_level_one_report_leaves_nothing if _found({"event": {"level": {"value": 1}}}).effect == "keep"

test_what_is_not_gated_leaves_at_any_level if {
	_found({"event": {"level": {"value": 1}, "type": "uk.mash.health.gp_registration.changed.v1"}}).effect == "send"
}

test_guarded_reports_leave_no_trace if {
	every restriction in ["protected_person", "adoption", "sexual_health", "intelligence_conditions"] {
		found := _found({"sender": {"kind": "police"}, "event": {"level": {"value": 1}, "restrictions": [restriction]}})
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
