package mash.rules.victim_material_test

import data.mash.rules.victim_material
import data.mash.testing

_asked(kind, purpose, sender) := testing.but({
	"candidate": {"kind": kind, "purpose": purpose},
	"sender": {"kind": sender},
})

test_what_police_ask_for_as_evidence_waits_for_a_person if {
	testing.codes(victim_material.asks) == {"victim_material.tests"} with input as _asked("police_mash", "crime_prevention", "health")
	testing.codes(victim_material.obligations) == {"victim_material.tell_the_victim"} with input as _asked("police_mash", "crime_prevention", "health")
}

test_what_keeps_the_child_safe_does_not_wait if {
	count(victim_material.asks) == 0 with input as _asked("police_mash", "safeguarding", "health")
}

test_nobody_else_asks_for_evidence if {
	count(victim_material.asks) == 0 with input as _asked("csc_team", "crime_prevention", "health")
}

test_what_police_hold_is_their_own if {
	count(victim_material.asks) == 0 with input as _asked("police_mash", "crime_prevention", "police")
}
