package mash.rules.analysis_test

import data.mash.rules.analysis
import data.mash.testing

_said := [{"category": "id.core", "about": "child"}, {"category": "sc.status", "about": "child"}, {"category": "health.physical", "about": "adult"}]

_for_analysis := testing.but({"candidate": {"kind": "analyst", "purpose": "analysis"}, "event": {"categories": _said}})

_form(category, about) := {cap.form | some cap in analysis.caps; [cap.category, cap.about] == [category, about]}

test_an_analyst_is_given_codes_and_nobodys_name if {
	_form("id.core", "child") == {"withhold", "summary"} with input as _for_analysis
	_form("sc.status", "child") == {"summary"} with input as _for_analysis
}

test_an_analyst_is_given_nothing_about_anybody_but_the_child if {
	_form("health.physical", "adult") == {"withhold", "summary"} with input as _for_analysis
}

_who_or_where := {"id.core", "id.address", "id.restricted_address", "professional_contact", "third_party", "informant", "adoption.prior_identity", "relation.household", "child_voice", "event.meta"}

_of(category) := object.union(_for_analysis, {"event": {"categories": [{"category": category, "about": "child"}]}})

test_every_part_that_says_who_or_where_is_withheld if {
	every category in _who_or_where {
		"withhold" in _form(category, "child") with input as _of(category)
	}
	every category in testing.data_categories - _who_or_where {
		_form(category, "child") == {"summary"} with input as _of(category)
	}
}

test_an_analyst_keeps_two_rules if {
	testing.codes(analysis.obligations) == {"analysis.no_names", "analysis.small_numbers"} with input as _for_analysis
}

test_it_concerns_nobody_else if count(analysis.caps | analysis.obligations) == 0 with input as testing.question
