package mash.rules.safe_contact_test

import data.mash.forms
import data.mash.rules.new_address
import data.mash.rules.safe_contact
import data.mash.testing

_address := ["id.restricted_address", "child"]

_cell := {"category": _address[0], "about": _address[1]}

_status := {"category": "sc.status", "about": "child"}

_token := {"form": "token", "code": "", "then": ""}

_terms := object.union(testing.agreements, {"an-agreement": {
	"matrix": {"mash_core": {"id.restricted_address": {"child": _token}, "sc.status": {"child": _token}}},
	"approvals": {"safe_contact.worker": {"allocated_worker": true}, "safe_contact.front_door": {"mash_manager": true}},
}})

_asked_for := object.union(testing.question, {
	"operation": "answer",
	"event": {"categories": [_cell, _status]},
	"request": {"by": "hub", "role": "mash_practitioner", "purpose": "safeguarding", "what": ["id.restricted_address", "sc.status"], "grounds": "To visit."},
})

_with_a_case := object.union(_asked_for, {"child": {"open_case": {"value": true, "as_at": 900}}})

_moved := object.union(_asked_for, {
	"event": {"locating": [_cell], "new_address": true},
	"child": {"address_guarded": true},
	"candidate": {"kind": "gp", "relation": "gp", "held_old_address": true},
})

_said(question, role, granted) := {"approvals": [{
	"ask": question, "role": role, "person": "p1", "at": 1, "recipient": "hub", "scope": "id.restricted_address", "granted": granted,
}]}

_caps(asked) := found if {
	found := {[cap.category, cap.form, cap.code] | some cap in safe_contact.caps} with input as asked
		with data.pairs as testing.pairs
		with data.agreements as _terms
		with data.catalogue as testing.catalogue
}

_form(asked) := found if {
	found := {cell[2] | some cell in forms.cells; cell[0] == "id.restricted_address"} with input as asked
		with data.pairs as testing.pairs
		with data.agreements as _terms
		with data.catalogue as testing.catalogue
}

_obligations(asked) := found if {
	found := testing.codes(safe_contact.obligations) with input as asked
		with data.pairs as testing.pairs
		with data.agreements as _terms
		with data.catalogue as testing.catalogue
}

test_with_an_open_case_the_worker_is_asked if {
	_caps(_with_a_case) == {["id.restricted_address", "token", "safe_contact.worker"]}
	_form(_with_a_case) == {"token"}
	_obligations(_with_a_case) == set()
}

test_without_one_the_front_door_is_asked if _caps(_asked_for) == {["id.restricted_address", "token", "safe_contact.front_door"]}

test_a_yes_gives_it_to_be_kept_safe if {
	asked := object.union(_with_a_case, _said("safe_contact.worker", "allocated_worker", true))
	_form(asked) == {"give"}
	_obligations(asked) == {"safe_contact.keep_safe"}
}

test_a_no_leaves_whom_to_ask if {
	asked := object.union(_with_a_case, _said("safe_contact.worker", "allocated_worker", false))
	_caps(asked) == {["id.restricted_address", "token", ""]}
	_form(asked) == {"token"}
	_obligations(asked) == set()
}

test_nobody_but_its_holder_says_yes if {
	_form(object.union(_with_a_case, _said("safe_contact.worker", "mash_manager", true))) == {"token"}
	_form(object.union(_with_a_case, _said("safe_contact.front_door", "mash_manager", true))) == {"token"}
	_form(object.union(_asked_for, _said("safe_contact.worker", "allocated_worker", true))) == {"token"}
}

test_nobody_is_asked_without_a_request_that_names_it if {
	every changes in [
		{"operation": "share"},
		{"request": {"what": ["sc.status"]}},
		{"request": {"what": []}},
		{"candidate": {"confidence": "unverified"}},
	] {
		asked := object.union(_with_a_case, changes)
		_caps(asked) == set()
		_form(asked) - {"token", "withhold"} == set()
	}
}

test_nothing_else_that_is_kept_back_is_asked_for_so if {
	every_part := [{"category": category, "about": about} | some category in testing.data_categories; some about in ["adult", "child"]]
	everything := {"event": {"categories": every_part}, "request": {"what": [each.category | some each in every_part]}}
	tokens := {"an-agreement": {"matrix": {"mash_core": {each.category: {"adult": _token, "child": _token} | some each in every_part}}}}
	found := {[cap.category, cap.about] | some cap in safe_contact.caps} with input as object.union(_with_a_case, everything)
		with data.pairs as testing.pairs
		with data.agreements as object.union(_terms, tokens)
		with data.catalogue as testing.catalogue
	found == {["id.address", "child"], ["id.restricted_address", "child"]}
}

test_a_new_place_is_asked_for_in_the_same_way_by_who_needs_only_contact if {
	_caps(_moved) == {["id.restricted_address", "token", "safe_contact.front_door"]}
	_form(object.union(_moved, _said("safe_contact.front_door", "mash_manager", true))) == {"give"}
	_form(_moved) == {"token"}
	new_address.caps == set() with input as _moved with data.catalogue as testing.catalogue
}

test_the_team_that_works_with_the_child_is_not_asked_twice if {
	_caps(object.union(_moved, {"candidate": {"kind": "csc_team", "relation": "allocated_worker"}})) == set()
}
