package mash.rules.statutory_bars_test

import data.mash.rules.statutory_bars
import data.mash.testing

test_nothing_restricted_passes if {
	count(statutory_bars.asks | statutory_bars.bars) == 0 with input as testing.question with data.law as testing.law
}

test_a_protected_person_is_never_shared if {
	testing.codes(statutory_bars.bars) == {"protected_person.never"} with input as testing.but({"event": {"restrictions": ["protected_person"]}})
		with data.law as testing.law
}

test_what_one_report_must_not_tell_bars_no_other if {
	held := {"bars": [object.union(testing.always, {"code": "gender_recognition.protected", "restriction": "gender_recognition", "lasts": false})]}
	marked := testing.but({"child": {"restrictions": [{"restriction": "gender_recognition", "as_at": 1}]}})
	count(statutory_bars.bars) == 0 with input as marked with data.law as held
	testing.codes(statutory_bars.bars) == {"gender_recognition.protected"} with input as testing.but({"event": {"restrictions": ["gender_recognition"]}})
		with data.law as held
}

test_what_stands_on_the_child_asks_nothing_anew if {
	every restriction in ["adoption", "court_order", "sexual_health", "hold"] {
		marked := testing.but({"child": {"restrictions": [{"restriction": restriction, "as_at": 1}]}})
		count(statutory_bars.asks | statutory_bars.bars) == 0 with input as marked with data.law as testing.law
	}
}

test_that_a_court_order_stands_goes_along if {
	marked := testing.but({"child": {"restrictions": [{"restriction": "court_order", "as_at": 1}]}})
	testing.codes(statutory_bars.obligations) == {"court.order_stands"} with input as marked with data.law as testing.law
	held := testing.but({"child": {"restrictions": [{"restriction": "hold", "as_at": 1}]}})
	count(statutory_bars.obligations) == 0 with input as held with data.law as testing.law
	count(statutory_bars.obligations) == 0 with input as testing.but({"event": {"restrictions": ["court_order"]}}) with data.law as testing.law
}

test_a_marker_on_the_child_bars_as_well if {
	marked := testing.but({"child": {"restrictions": [{"restriction": "protected_person", "as_at": 1}]}})
	testing.codes(statutory_bars.bars) == {"protected_person.never"} with input as marked with data.law as testing.law
}

test_a_bar_not_yet_in_force_does_not_bar if {
	later := {"bars": [{"code": "protected_person.never", "restriction": "protected_person", "from": 3000, "to": 4000, "judged_at": "sharing"}]}
	count(statutory_bars.bars) == 0 with input as testing.but({"event": {"restrictions": ["protected_person"]}}) with data.law as later
}

test_adoption_court_sexual_health_and_hold_wait_for_their_decider if {
	restricted := testing.but({"event": {"restrictions": ["adoption", "court_order", "sexual_health", "hold"]}})
	testing.codes(statutory_bars.asks) == {"adoption.gatekeeper", "court.permission_needed", "sexual_health.caldicott", "hold.stands"} with input as restricted
		with data.law as testing.law
}
