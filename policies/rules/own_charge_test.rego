package mash.rules.own_charge_test

import data.mash.rules.own_charge
import data.mash.testing

_charge := {"category": "crime.allegation", "about": "child"}

_told(kind, part) := told if {
	told := {[cap.category, cap.about, cap.form, cap.code] | some cap in own_charge.caps} with input as testing.but({
		"event": {"categories": [part]},
		"candidate": {"kind": kind},
	})
}

test_the_hub_social_care_police_and_youth_justice_have_it if {
	every kind in ["mash_core", "csc_team", "police_mash", "youth_justice"] {
		_told(kind, _charge) == set()
	}
}

test_a_school_waits_for_a_person if {
	every category in ["crime.allegation", "crime.conviction"] {
		_told("school", {"category": category, "about": "child"}) == {[category, "child", "ask", "own_charge.person_decides"]}
	}
}

test_nobody_else_learns_of_it if {
	every kind in testing.recipient_kinds - {"mash_core", "csc_team", "police_mash", "youth_justice", "school"} {
		_told(kind, _charge) == {["crime.allegation", "child", "withhold", ""]}
	}
}

test_what_an_adult_is_charged_with_is_not_its_business if {
	_told("gp", {"category": "crime.allegation", "about": "adult"}) == set()
	every category in testing.data_categories - {"crime.allegation", "crime.conviction"} {
		_told("gp", {"category": category, "about": "child"}) == set()
	}
}
