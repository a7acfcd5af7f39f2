package mash.address_test

import data.mash.facts
import data.mash.forms
import data.mash.testing

_catalogue := {
	"uk.mash.health.gp_registration.changed.v1": {"gated": false, "domestic_abuse": false, "relocates": true, "is_move": true},
	"uk.mash.school.concern.recorded.v1": {"gated": true, "domestic_abuse": false, "relocates": true, "is_move": false},
}

_a_move := {"event": {"type": "uk.mash.health.gp_registration.changed.v1"}}

_guarded := {"child": {"address_guarded": true}}

test_a_move_of_a_guarded_child_is_hidden_whatever_it_holds if {
	facts.is_hidden_move with input as testing.but(object.union(_a_move, _guarded)) with data.catalogue as _catalogue
	facts.tells_of_a_move with input as testing.but(object.union(_a_move, _guarded)) with data.catalogue as _catalogue
}

test_a_plain_move_is_not if {
	not facts.is_hidden_move with input as testing.but(_a_move) with data.catalogue as _catalogue
	not facts.tells_of_a_move with input as testing.but(_a_move) with data.catalogue as _catalogue
}

test_a_marker_in_the_report_guards_it_too if {
	marked := object.union(_a_move, {"event": {"restrictions": ["marac"]}})
	facts.is_hidden_move with input as testing.but(marked) with data.catalogue as _catalogue
}

test_a_new_address_in_another_report_tells_of_a_move_where_that_can if {
	told := object.union(_guarded, {"event": {"new_address": true}})
	facts.tells_of_a_move with input as testing.but(told) with data.catalogue as _catalogue
	not facts.tells_of_a_move with input as testing.but(_guarded) with data.catalogue as _catalogue
}

_role(candidate) := found if {
	found := facts.move_role with input as testing.but({"candidate": candidate}) with data.catalogue as _catalogue
}

test_each_stands_to_a_move_in_its_own_way if {
	_role({}) == "front_door"
	_role({"kind": "csc_team", "relation": "allocated_worker"}) == "worker"
	_role({"kind": "csc_team", "relation": "receiving_authority"}) == "worker"
	_role({"kind": "gp", "relation": "gp", "held_old_address": true}) == "needs_contact"
	_role({"kind": "csc_team", "relation": "none", "held_old_address": true}) == "needs_contact"
	_role({"kind": "gp", "relation": "gp"}) == "stranger"
	_role({"kind": "voluntary", "relation": "none", "held_old_address": true}) == "stranger"
}

test_the_allocated_worker_who_held_the_old_address_is_still_the_worker if {
	_role({"kind": "csc_team", "relation": "allocated_worker", "held_old_address": true}) == "worker"
}

test_who_rightly_asks_must_be_able_to_make_contact if {
	asked := testing.but({"operation": "answer", "candidate": {"kind": "school", "relation": "school", "confidence": "verified"}})
	facts.move_role == "needs_contact" with input as asked with data.catalogue as _catalogue
	stale := object.union(asked, {"candidate": {"confidence": "stale"}})
	facts.move_role == "stranger" with input as stale with data.catalogue as _catalogue
}

_contacting := {"csc_team", "police_mash", "gp", "health_visitor", "school", "nursery", "la_education", "health_safeguarding", "midwifery", "school_nurse", "camhs", "emergency_department"}

test_every_kind_that_cares_for_a_child_makes_contact_and_no_other if {
	every kind in _contacting {
		_role({"kind": kind, "relation": "none", "held_old_address": true}) == "needs_contact"
	}
	every kind in (testing.recipient_kinds - _contacting) - {"mash_core"} {
		_role({"kind": kind, "relation": "none", "held_old_address": true}) == "stranger"
	}
}

test_only_a_marac_or_a_restricted_address_guards_a_place if {
	every restriction in ["protected_person", "adoption", "sexual_health", "gender_recognition", "domestic_abuse", "court_order", "intelligence_conditions", "statutory_bar", "hold"] {
		marked := object.union(_a_move, {"event": {"restrictions": [restriction]}})
		not facts.is_hidden_move with input as testing.but(marked) with data.catalogue as _catalogue
	}
}

test_only_an_address_is_taken_from_the_matrix if {
	every category in ["id.core", "id.address", "id.restricted_address", "health.physical", "health.mental", "health.sexual", "health.substance", "police.incident", "police.intel", "crime.conviction", "crime.allegation", "third_party", "informant", "adoption.prior_identity", "protected_person", "immigration", "edu.attendance", "edu.send", "edu.concern", "edu.exclusion", "sc.status", "sc.narrative", "legal.privileged", "court.restricted", "child_voice", "professional_contact", "equality.ethnicity", "equality.religion", "equality.disability", "event.meta", "event.claim", "relation.household", "notice.existence", "notice.withheld"] {
		held := object.union(object.union(_a_move, _guarded), {"event": {"locating": [{"category": category, "about": "child"}]}})
		found := facts.moved_parts with input as testing.but(held) with data.catalogue as _catalogue
		count(found) == count({category} & {"id.address", "id.restricted_address"})
	}
}

test_the_front_door_that_held_the_old_address_is_still_the_front_door if {
	_role({"kind": "mash_core", "relation": "front_door", "held_old_address": true}) == "front_door"
}

test_without_a_move_that_is_said_and_not_left_open if facts.is_hidden_move == false with input as testing.question with data.catalogue as _catalogue

_moved := {
	"operation": "share",
	"event": {
		"type": "uk.mash.health.gp_registration.changed.v1",
		"categories": [{"category": "id.restricted_address", "about": "child"}, {"category": "health.sexual", "about": "child"}],
		"locating": [{"category": "id.restricted_address", "about": "child"}],
	},
	"child": {"address_guarded": true},
	"candidate": {"kind": "gp", "held_old_address": true},
}

_gives_a_contact(more) if forms.gives_something with input as testing.but(object.union(_moved, more))
	with data.pairs as {"a-school": {"hub": "an-agreement"}}
	with data.agreements as testing.agreements
	with data.law as testing.law
	with data.catalogue as testing.catalogue

test_whoever_needs_only_to_make_contact_is_told_whom_to_ask_whatever_else_is_kept_back if {
	_gives_a_contact({})
	not _gives_a_contact({"child": {"address_guarded": false}})
	not _gives_a_contact({"candidate": {"held_old_address": false}})
	not _gives_a_contact({"event": {"locating": [], "categories": [{"category": "health.sexual", "about": "child"}]}})
}
