package mash.approvals_test

import data.mash.facts
import data.mash.testing

_said(granted, at, scope) := {
	"ask": "caution.unsure", "role": "mash_manager", "person": "p",
	"at": at, "recipient": "", "scope": scope, "granted": granted,
}

_cleared(approvals) := found if {
	found := facts.cleared with input as testing.but({"approvals": approvals})
		with data.pairs as testing.pairs
		with data.agreements as testing.agreements
}

test_a_yes_clears_its_question if _cleared([_said(true, 1, "")]) == {"caution.unsure"}

test_at_the_same_second_a_no_takes_the_yes_away if _cleared([_said(true, 1, ""), _said(false, 1, "")]) == set()

test_a_no_to_another_part_or_another_second_does_not if {
	_cleared([_said(true, 1, ""), _said(false, 1, "id.address")]) == {"caution.unsure"}
	_cleared([_said(true, 2, ""), _said(false, 1, "")]) == {"caution.unsure"}
}

test_a_no_to_another_question_does_not if {
	other := object.union(_said(false, 1, ""), {"ask": "minimise.sexual_health", "role": "caldicott_guardian"})
	_cleared([_said(true, 1, ""), other]) == {"caution.unsure"}
}
