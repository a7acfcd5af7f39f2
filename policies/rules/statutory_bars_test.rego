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

test_a_court_order_and_a_hold_stand_on_the_child if {
	every restriction, code in {"court_order": "court.permission_needed", "hold": "hold.stands"} {
		marked := testing.but({"child": {"restrictions": [{"restriction": restriction, "as_at": 1}]}})
		testing.codes(statutory_bars.asks) == {code} with input as marked with data.law as testing.law
	}
	others := testing.but({"child": {"restrictions": [{"restriction": "adoption", "as_at": 1}, {"restriction": "sexual_health", "as_at": 1}]}})
	count(statutory_bars.asks) == 0 with input as others with data.law as testing.law
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
