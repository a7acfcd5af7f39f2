package mash.rules.timing_test

import data.mash.rules.timing
import data.mash.testing

_planned(candidate) := testing.but({"event": {"not_before": 3000}, "candidate": candidate})

test_a_planned_arrest_is_not_warned_of if testing.codes(timing.asks) == {"timing.planned_arrest"} with input as _planned({"kind": "gp"})

test_police_and_front_door_may_know if {
	every kind in ["police_mash", "mash_core"] {
		count(timing.asks) == 0 with input as _planned({"kind": kind})
	}
}

test_once_the_time_has_come_all_may_know if {
	count(timing.asks) == 0 with input as object.union(_planned({"kind": "gp"}), {"now": 3000})
}

test_everybody_else_waits if {
	every kind in testing.recipient_kinds - {"police_mash", "mash_core"} {
		count(timing.asks) == 1 with input as _planned({"kind": kind})
	}
}
