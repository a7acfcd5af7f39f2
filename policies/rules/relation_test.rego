package mash.rules.relation_test

import data.mash.rules.relation
import data.mash.testing

_stale(more) := testing.but({"candidate": object.union({"kind": "gp", "relation": "gp", "confidence": "stale"}, more)})

test_a_verified_relation_passes if count(relation.bars) == 0 with input as testing.question

test_a_stale_or_unknown_one_is_barred if {
	testing.codes(relation.bars) == {"relation.not_current"} with input as _stale({})
	testing.codes(relation.bars) == {"relation.not_current"} with input as _stale({"confidence": "unknown"})
}

test_whoever_holds_the_old_address_is_still_told if {
	count(relation.bars) == 0 with input as _stale({"held_old_address": true})
}

test_the_school_notice_has_its_own_rule if count(relation.bars) == 0 with input as _stale({"purpose": "encompass_notification"})
