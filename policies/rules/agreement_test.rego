package mash.rules.agreement_test

import data.mash.rules.agreement
import data.mash.testing

_live(changes) := object.union(testing.agreement, changes)

test_an_agreement_in_force_is_a_ground if {
	testing.codes(agreement.grounds) == {"agreement.covers"} with input as testing.question
		with data.pairs as testing.pairs
		with data.agreements as testing.agreements
		with data.law as testing.law
		with data.catalogue as testing.catalogue
}

test_a_lapsed_agreement_waits_where_urgent if {
	testing.codes(agreement.asks) == {"agreement.lapsed"} with input as testing.question
		with data.pairs as testing.pairs
		with data.agreements as {"an-agreement": _live({"valid_to": 1999})}
		with data.law as testing.law
		with data.catalogue as testing.catalogue
}

test_a_lapsed_agreement_bars_what_is_not_urgent if {
	testing.codes(agreement.bars) == {"agreement.lapsed"} with input as testing.but({"event": {"grade": {"value": "green"}}})
		with data.pairs as testing.pairs
		with data.agreements as {"an-agreement": _live({"valid_from": 2001})}
		with data.law as testing.law
		with data.catalogue as testing.catalogue
}

test_a_suspended_agreement_is_not_in_force if {
	some reason in agreement.asks with input as testing.question
		with data.pairs as testing.pairs
		with data.agreements as {"an-agreement": _live({"state": "suspended"})}
		with data.law as testing.law
		with data.catalogue as testing.catalogue
	reason.detail == {"state": "suspended", "statutory_route": "a-power"}
}

test_no_agreement_at_all_waits_where_urgent if {
	testing.codes(agreement.asks) == {"agreement.missing"} with input as testing.question
		with data.pairs as {}
		with data.agreements as testing.agreements
		with data.recipients as testing.recipients
		with data.law as testing.law
		with data.catalogue as testing.catalogue
}

test_a_duty_stands_without_an_agreement_and_the_dpo_is_told if {
	asked := testing.but({"child": {"section_47": {"value": true}}})
	count(agreement.asks | agreement.bars) == 0 with input as asked
		with data.pairs as testing.pairs
		with data.agreements as {"an-agreement": _live({"valid_to": 1999})}
		with data.law as testing.law
		with data.catalogue as testing.catalogue
	testing.codes(agreement.warnings | agreement.obligations) == {"agreement.duty_stands", "tell.dpo"} with input as asked
		with data.pairs as testing.pairs
		with data.agreements as {"an-agreement": _live({"valid_to": 1999})}
		with data.law as testing.law
		with data.catalogue as testing.catalogue
}

test_an_overdue_review_warns_and_does_not_bar if {
	testing.codes(agreement.warnings) == {"agreement.review_overdue"} with input as testing.question
		with data.pairs as testing.pairs
		with data.agreements as {"an-agreement": _live({"review_due": 1000})}
		with data.law as testing.law
		with data.catalogue as testing.catalogue
}
