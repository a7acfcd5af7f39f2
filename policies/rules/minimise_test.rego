package mash.rules.minimise_test

import data.mash.rules.minimise
import data.mash.testing

_caps(cell) := found if {
	found := minimise.caps with input as testing.but({"event": {"categories": [cell]}})
		with data.pairs as testing.pairs
		with data.agreements as testing.agreements
}

_most(asked, part) := found if {
	found := minimise.most(part) with input as asked
		with data.pairs as testing.pairs
		with data.agreements as testing.agreements
		with data.catalogue as testing.catalogue
}

test_the_matrix_says_how_much if _most(testing.question, ["sc.status", "child"]) == "summary"

test_a_cell_that_asks_names_its_question_and_what_follows if {
	cell := {"category": "health.sexual", "about": "child"}
	_caps(cell) == {object.union(cell, {"form": "ask", "code": "minimise.sexual_health"})}
	_most(testing.question, ["health.sexual", "child"]) == "summary"
}

test_a_pair_without_a_row_is_withheld if _most(testing.question, ["sc.status", "third_party"]) == "withhold"

test_the_parts_that_tell_a_hidden_move_are_left_to_their_own_rule if {
	cell := {"category": "id.restricted_address", "about": "child"}
	asked := testing.but({"event": {"categories": [cell], "locating": [cell], "new_address": true}, "child": {"address_guarded": true}})
	_most(asked, ["id.restricted_address", "child"]) == "give"
}
