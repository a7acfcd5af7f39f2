package mash.rules.new_address_test

import data.mash.rules.new_address
import data.mash.testing

_cell := {"category": "id.restricted_address", "about": "child"}

_roll := {"category": "edu.attendance", "about": "child"}

_status := {"category": "sc.status", "about": "child"}

_worker := {"kind": "csc_team", "relation": "allocated_worker"}

_holder := {"kind": "gp", "relation": "gp", "held_old_address": true}

_stranger := {"kind": "gp", "relation": "gp"}

_moved(candidate) := testing.but({
	"event": {
		"type": "uk.mash.health.gp_registration.changed.v1",
		"new_address": true,
		"locating": [_cell],
		"categories": [_cell, _status],
	},
	"child": {"address_guarded": true},
	"candidate": candidate,
})

_caps(asked) := found if {
	found := {[cap.category, cap.form, cap.code] | some cap in new_address.caps} with input as asked
		with data.catalogue as testing.catalogue
}

_bars(asked) := found if {
	found := testing.codes(new_address.bars) with input as asked with data.catalogue as testing.catalogue
}

test_the_front_door_is_given_it if {
	_caps(_moved({})) == {["id.restricted_address", "give", ""]}
	_bars(_moved({})) == set()
	testing.codes(new_address.obligations) == {"new_address.keep_safe"} with input as _moved({}) with data.catalogue as testing.catalogue
}

test_the_worker_gets_a_token_until_somebody_clears_it if {
	_caps(_moved(_worker)) == {["id.restricted_address", "give", ""], ["id.restricted_address", "token", "new_address.worker"]}
}

test_who_held_the_old_address_gets_a_token_and_nothing_more if {
	_caps(_moved(_holder)) == {["id.restricted_address", "token", ""], ["sc.status", "withhold", ""]}
	_bars(_moved(_holder)) == set()
}

test_nobody_else_hears_of_it if {
	_bars(_moved(_stranger)) == {"new_address.not_told"}
	_caps(_moved(_stranger)) == {["id.restricted_address", "withhold", ""]}
}

test_a_move_is_told_to_nobody_else_even_where_the_place_was_known if {
	_bars(object.union(_moved(_stranger), {"event": {"new_address": false, "locating": []}})) == {"new_address.not_told"}
}

test_an_incident_at_a_new_place_is_told_without_the_place if {
	incident := object.union(_moved(_stranger), {"event": {"type": "uk.mash.police.domestic_incident.notified.v1"}})
	_bars(incident) == set()
	_caps(incident) == {["id.restricted_address", "withhold", ""]}
}

test_whatever_else_tells_the_place_follows if {
	enrolled := object.union(_moved(_worker), {"event": {"locating": [_roll], "categories": [_roll]}})
	_caps(enrolled) == {["edu.attendance", "give", ""], ["edu.attendance", "token", "new_address.worker"]}
}

test_a_guarding_marker_on_the_report_guards if {
	every marker in ["marac", "restricted_address"] {
		asked := object.union(_moved(_stranger), {"child": {"address_guarded": false}, "event": {"restrictions": [marker]}})
		_bars(asked) == {"new_address.not_told"}
	}
}

test_an_ordinary_move_is_not_limited if {
	ordinary := object.union(_moved(_stranger), {"child": {"address_guarded": false}})
	_bars(ordinary) | _caps(ordinary) == set()
}

test_a_school_that_asks_is_told_whom_to_ask if {
	asks := object.union(_moved({"kind": "school", "relation": "requested"}), {"operation": "answer"})
	_bars(asks) == set()
	["id.restricted_address", "token", ""] in _caps(asks)
}
