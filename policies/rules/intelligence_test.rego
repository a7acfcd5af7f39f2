package mash.rules.intelligence_test

import data.mash.rules.intelligence
import data.mash.testing

_intel(code) := testing.but({"event": {"categories": [{"category": "police.intel", "about": "adult"}], "handling_code": code}})

test_code_p_is_left_to_the_matrix if count(intelligence.caps) == 0 with input as _intel("P")

test_code_c_and_no_code_wait_for_the_intelligence_owner if {
	every code in ["C", ""] {
		{cap.form | some cap in intelligence.caps} == {"ask"} with input as _intel(code)
	}
}

test_under_another_category_the_report_waits_whole if {
	every code in ["C", ""] {
		testing.codes(intelligence.asks) == {"intelligence.conditions"} with input as _other(code)
		count(intelligence.asks) == 0 with input as object.union(_other(code), {"candidate": {"kind": "police_mash"}})
	}
	count(intelligence.asks) == 0 with input as _other("P")
	count(intelligence.asks) == 0 with input as object.union(_other("C"), _intel("C"))
}

_other(code) := testing.but({"event": {"entry_kinds": ["intelligence"], "handling_code": code}})

test_police_have_it_whole if {
	count(intelligence.caps) == 0 with input as object.union(_intel("C"), {"candidate": {"kind": "police_mash"}})
}

test_a_report_under_conditions_waits_whole if {
	restricted := object.union(_intel("P"), {"event": {"restrictions": ["intelligence_conditions"]}})
	testing.codes(intelligence.asks) == {"intelligence.conditions"} with input as restricted
	{cap.form | some cap in intelligence.caps} == {"ask"} with input as restricted
}

test_the_owner_is_asked_by_name if {
	{cap.code | some cap in intelligence.caps} == {"intelligence.conditions"} with input as _intel("C")
	restricted := object.union(_intel("P"), {"event": {"restrictions": ["intelligence_conditions"]}})
	{cap.code | some cap in intelligence.caps} == {"intelligence.conditions"} with input as restricted
}
