package mash.rules.triage_test

import data.mash.rules.triage
import data.mash.testing

_worker := {"recipient": "team", "kind": "csc_team", "relation": "allocated_worker", "confidence": "verified"}

_open := {"child": {"open_case": {"value": true}}, "candidates": [testing.candidate, _worker]}

_pairs := {"a-school": {"hub": "an-agreement", "team": "an-agreement", "elsewhere": "another"}}

_barred(more) if _found(more, true) == {"triage.worker_has_the_case"}

_found(more, bypasses) := found if {
	agreement := object.union(testing.agreement, {"open_cases_bypass_triage": bypasses})
	found := testing.codes(triage.bars) with input as testing.but(object.union(_open, more))
		with data.pairs as _pairs
		with data.agreements as {"an-agreement": agreement}
}

test_the_worker_is_told_and_not_the_front_door if _barred({})

test_only_where_the_agreement_says_so if _found({}, false) == set()

test_a_new_child_goes_through_triage if not _barred({"child": {"open_case": {"value": false}}})

test_what_is_red_goes_to_the_front_door_too if {
	not _barred({"event": {"grade": {"value": "red"}}})
	every grade in ["amber", "green", "blue"] {
		_barred({"event": {"grade": {"value": grade}}})
	}
}

test_where_no_worker_is_certain_the_front_door_hears if {
	not _barred({"candidates": [testing.candidate]})
	not _barred({"candidates": [testing.candidate, object.union(_worker, {"confidence": "stale"})]})
	not _barred({"candidates": [testing.candidate, object.union(_worker, {"relation": "none"})]})
	not _barred({"candidates": [testing.candidate, object.union(_worker, {"recipient": "elsewhere"})]})
	not _barred({"candidates": [testing.candidate, object.union(_worker, {"recipient": "unheard"})]})
}

test_a_hidden_move_goes_to_the_front_door_too if {
	moves := {"uk.mash.school.concern.recorded.v1": {"relocates": true}}
	_barred({"event": {"new_address": true}}) with data.catalogue as moves
	not _barred({"event": {"new_address": true}, "child": {"address_guarded": true}}) with data.catalogue as {}
	told := {"uk.mash.school.concern.recorded.v1": {"is_move": true}}
	not _barred({"child": {"address_guarded": true}}) with data.catalogue as told
}

test_nobody_else_is_concerned if {
	not _barred({"candidate": {"kind": "csc_team"}})
	not _barred({"operation": "answer"})
}
