package mash.rules.special_category_test

import data.mash.rules.special_category
import data.mash.testing

_ill := testing.but({"event": {"categories": [{"category": "health.physical", "about": "child"}]}})

test_a_condition_in_force_covers_health if count(special_category.bars) == 0 with input as _ill with data.law as testing.law

test_without_one_health_is_barred if {
	testing.codes(special_category.bars) == {"special_category.no_condition"} with input as _ill
		with data.law as object.union(testing.law, {"article9": []})
}

test_what_is_not_special_needs_none if {
	count(special_category.bars) == 0 with input as testing.question with data.law as object.union(testing.law, {"article9": []})
}
