package mash.rules.minimise_test

import data.mash.rules.minimise
import data.mash.testing

_caps(cell) := found if {
	found := {cap | some cap in minimise.caps; not startswith(cap.category, "notice.")} with input as testing.but({"event": {"categories": [cell]}})
		with data.pairs as testing.pairs
		with data.agreements as testing.agreements
}

test_the_matrix_says_how_much if {
	cell := {"category": "sc.status", "about": "child"}
	_caps(cell) == {object.union(cell, {"form": "summary", "code": ""})}
}

test_a_cell_that_asks_names_its_question_and_what_follows if {
	cell := {"category": "health.sexual", "about": "child"}
	_caps(cell) == {
		object.union(cell, {"form": "ask", "code": "minimise.sexual_health"}),
		object.union(cell, {"form": "summary", "code": ""}),
	}
}

test_a_pair_without_a_row_is_withheld if {
	cell := {"category": "sc.status", "about": "third_party"}
	_caps(cell) == {object.union(cell, {"form": "withhold", "code": ""})}
}

test_the_parts_that_tell_a_hidden_move_are_left_to_their_own_rule if {
	cell := {"category": "id.restricted_address", "about": "child"}
	asked := testing.but({"event": {"categories": [cell], "locating": [cell], "new_address": true}, "child": {"address_guarded": true}})
	{cap.category | some cap in minimise.caps} == {"notice.existence", "notice.withheld"} with input as asked
		with data.pairs as testing.pairs
		with data.agreements as testing.agreements
		with data.catalogue as testing.catalogue
}
