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
	moved := {"event": {"type": "uk.mash.health.gp_registration.changed.v1"}, "child": {"address_guarded": true}}
	count(relation.bars) == 0 with input as object.union(_stale({"held_old_address": true}), moved) with data.catalogue as testing.catalogue
	count(relation.bars) == 1 with input as object.union(_stale({}), moved) with data.catalogue as testing.catalogue
}

test_but_of_nothing_else if {
	count(relation.bars) == 1 with input as _stale({"held_old_address": true}) with data.catalogue as testing.catalogue
}

test_the_school_notice_has_its_own_rule if count(relation.bars) == 0 with input as _stale({"purpose": "encompass_notification"})
