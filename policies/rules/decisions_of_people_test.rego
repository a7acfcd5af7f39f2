package mash.rules.decisions_of_people_test

import data.mash.rules.decisions_of_people
import data.mash.testing

_said(granted, at, scope) := {
	"ask": "caution.unsure", "role": "mash_manager", "person": "p",
	"at": at, "recipient": "", "scope": scope, "granted": granted,
}

_refuses(approvals) if count(decisions_of_people.bars) == 1 with input as testing.but({"approvals": approvals})
	with data.pairs as testing.pairs
	with data.agreements as testing.agreements

test_a_no_is_a_bar if _refuses([_said(false, 1, "")])

test_a_later_yes_overtakes_it if not _refuses([_said(false, 1, ""), _said(true, 2, "")])

test_a_later_no_overtakes_a_yes if _refuses([_said(true, 1, ""), _said(false, 2, "")])

test_at_the_same_second_the_no_stands if _refuses([_said(true, 1, ""), _said(false, 1, "")])

test_a_no_to_a_part_does_not_bar_the_whole if not _refuses([_said(false, 1, "id.address")])

test_a_role_that_may_not_decide_is_not_heard if {
	not _refuses([object.union(_said(false, 1, ""), {"role": "caretaker"})])
}

test_a_no_for_another_recipient_is_not_for_this_one if {
	not _refuses([object.union(_said(false, 1, ""), {"recipient": "another"})])
	_refuses([object.union(_said(false, 1, ""), {"recipient": "hub"})])
}

test_the_bar_names_the_question if {
	found := decisions_of_people.bars with input as testing.but({"approvals": [_said(false, 1, "")]})
		with data.pairs as testing.pairs
		with data.agreements as testing.agreements
	found == {{"code": "approval.refused", "detail": {"question": "caution.unsure"}}}
}

_refused(ask, more) := found if {
	approval := object.union(_said(false, 1, ""), {"ask": ask})
	deciders := object.union(testing.agreement, {"approvals": {ask: {"mash_manager": true}}})
	found := testing.codes(decisions_of_people.bars) with input as object.union(testing.but({"approvals": [approval]}), more)
		with data.pairs as testing.pairs
		with data.agreements as {"an-agreement": deciders}
}

test_a_no_to_a_request_is_no_to_that_alone if {
	_refused("answer.no_grounds", {"operation": "answer"}) == {"approval.refused"}
	_refused("subject_access.controller_decides", {"operation": "subject_access"}) == {"approval.refused"}
	_refused("victim_material.tests", {"candidate": {"purpose": "crime_prevention"}}) == {"approval.refused"}
	every ask in ["answer.no_grounds", "subject_access.controller_decides", "victim_material.tests"] {
		_refused(ask, {}) == set()
	}
	_refused("subject_access.controller_decides", {"operation": "answer"}) == set()
	_refused("answer.no_grounds", {"operation": "subject_access"}) == set()
}

_reviewed(approvals, more) := found if {
	deciders := object.union(testing.agreement, {"approvals": {"caution.unsure": {"mash_manager": true}, "review.withheld_under_duty": {"caldicott_guardian": true}}})
	found := testing.codes(decisions_of_people.obligations) with input as object.union(testing.but({"approvals": approvals}), more)
		with data.pairs as testing.pairs
		with data.agreements as {"an-agreement": deciders}
		with data.law as testing.law
		with data.catalogue as testing.catalogue
}

_must := {"child": {"section_47": {"value": true}}}

_agrees(granted) := object.union(_said(granted, 2, ""), {"ask": "review.withheld_under_duty", "role": "caldicott_guardian", "person": "another"})

test_a_no_where_the_law_says_must_is_reviewed if {
	_reviewed([_said(false, 1, "")], _must) == {"review.withheld_under_duty"}
	_reviewed([_said(false, 1, "")], {}) == set()
	_reviewed([_said(true, 1, "")], _must) == set()
	_reviewed([], _must) == set()
}

test_a_review_that_agrees_ends_it if {
	_reviewed([_said(false, 1, ""), _agrees(true)], _must) == set()
	_reviewed([_said(false, 2, ""), _agrees(true)], _must) == set()
}

test_a_later_no_is_reviewed_anew if _reviewed([_said(false, 3, ""), _agrees(true)], _must) == {"review.withheld_under_duty"}

test_whoever_said_no_does_not_review_it if {
	every granted in [true, false] {
		own := object.union(_agrees(granted), {"person": "p"})
		_reviewed([_said(false, 1, ""), own], _must) == {"review.withheld_under_duty"}
		_still_barred([_said(false, 1, ""), own])
	}
}

_still_barred(approvals) if {
	deciders := object.union(testing.agreement, {"approvals": {"caution.unsure": {"mash_manager": true}, "review.withheld_under_duty": {"caldicott_guardian": true}}})
	"approval.refused" in testing.codes(decisions_of_people.bars) with input as testing.but({"approvals": approvals})
		with data.pairs as testing.pairs
		with data.agreements as {"an-agreement": deciders}
}

test_a_review_that_does_not_agree_opens_the_question_again if {
	not _still_barred([_said(false, 1, ""), _agrees(false)])
	not _still_barred([_said(false, 2, ""), _agrees(false)])
	_still_barred([_said(false, 3, ""), _agrees(false)])
	_still_barred([_said(false, 1, ""), _agrees(true)])
	_reviewed([_said(false, 3, ""), _agrees(false)], _must) == {"review.withheld_under_duty"}
}

test_a_no_to_a_part_is_not_what_is_reviewed if {
	_still_barred([_said(false, 3, ""), _said(false, 1, "id.address"), _agrees(false)])
}

test_what_a_reviewer_says_is_no_bar_of_its_own if {
	deciders := object.union(testing.agreement, {"approvals": {"review.withheld_under_duty": {"caldicott_guardian": true}}})
	count(decisions_of_people.bars) == 0 with input as testing.but({"approvals": [_agrees(false)]})
		with data.pairs as testing.pairs
		with data.agreements as {"an-agreement": deciders}
}
