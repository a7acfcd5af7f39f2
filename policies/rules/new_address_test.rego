package mash.rules.new_address_test

import data.mash.rules.new_address
import data.mash.testing

_cell := {"category": "id.address", "about": "child"}

_moved(candidate) := testing.but({
	"event": {"new_address": true, "locating": [_cell], "categories": [_cell, {"category": "sc.status", "about": "child"}]},
	"child": {"address_guarded": true},
	"candidate": candidate,
})

test_the_front_door_is_given_it if {
	count(new_address.bars | new_address.caps) == 0 with input as _moved({})
	testing.codes(new_address.obligations) == {"new_address.keep_safe"} with input as _moved({})
}

test_the_worker_gets_a_token_until_somebody_clears_it if {
	new_address.caps == {object.union(_cell, {"form": "token", "code": "new_address.worker"})} with input as _moved({"kind": "csc_team", "relation": "allocated_worker"})
}

test_who_held_the_old_address_gets_a_token_and_nothing_more if {
	forms := {cap.category: cap.form | some cap in new_address.caps} with input as _moved({"kind": "gp", "relation": "gp", "held_old_address": true})
	forms == {"id.address": "token", "sc.status": "withhold"}
}

test_nobody_else_hears_of_it if {
	testing.codes(new_address.bars) == {"new_address.not_told"} with input as _moved({"kind": "gp", "relation": "gp"})
}

test_a_change_of_practice_locates_as_well if {
	moved := object.union(_moved({"kind": "gp", "relation": "gp"}), {"event": {"new_address": false, "type": "uk.mash.health.gp_registration.changed.v1"}})
	testing.codes(new_address.bars) == {"new_address.not_told"} with input as moved with data.catalogue as testing.catalogue
}

test_a_marker_on_the_report_guards if {
	marked := object.union(_moved({"kind": "gp", "relation": "gp"}), {"child": {"address_guarded": false}, "event": {"restrictions": ["marac"]}})
	testing.codes(new_address.bars) == {"new_address.not_told"} with input as marked
}

test_an_ordinary_move_is_not_limited if {
	ordinary := object.union(_moved({"kind": "gp", "relation": "gp"}), {"child": {"address_guarded": false}})
	count(new_address.bars | new_address.caps) == 0 with input as ordinary
}
