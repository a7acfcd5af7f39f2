package mash.pair_test

import data.mash.facts
import data.mash.testing

_state(changes, now) := found if {
	found := facts.agreement_state with input as testing.but({"now": now})
		with data.pairs as testing.pairs
		with data.agreements as {"an-agreement": object.union(testing.agreement, changes)}
}

_dated := {"valid_from": 1000, "review_due": 2000, "valid_to": 3000}

test_each_state_begins_and_ends_on_its_second if {
	_state(_dated, 999) == "not_started"
	_state(_dated, 1000) == "active"
	_state(_dated, 1999) == "active"
	_state(_dated, 2000) == "review_overdue"
	_state(_dated, 2999) == "review_overdue"
	_state(_dated, 3000) == "expired"
}

test_what_is_not_active_says_what_it_is if {
	every state in ["draft", "proposed", "signed", "suspended", "terminated"] {
		_state(object.union(_dated, {"state": state}), 1500) == state
	}
}

test_only_what_is_active_or_overdue_is_live if {
	every state in ["draft", "proposed", "signed", "suspended", "terminated"] {
		not facts.is_live with input as testing.question
			with data.pairs as testing.pairs
			with data.agreements as {"an-agreement": object.union(testing.agreement, {"state": state})}
	}
	every now in [999, 3000] {
		not facts.is_live with input as testing.but({"now": now})
			with data.pairs as testing.pairs
			with data.agreements as {"an-agreement": object.union(testing.agreement, _dated)}
	}
	every now in [1000, 2999] {
		facts.is_live with input as testing.but({"now": now})
			with data.pairs as testing.pairs
			with data.agreements as {"an-agreement": object.union(testing.agreement, _dated)}
	}
}

test_without_an_agreement_between_them_the_recipients_own_has_the_forms if {
	facts.terms.id == "an-agreement" with input as testing.but({"sender": {"id": "a-stranger"}})
		with data.pairs as testing.pairs
		with data.agreements as testing.agreements
		with data.recipients as testing.recipients
	facts.agreement_state == "missing" with input as testing.but({"sender": {"id": "a-stranger"}})
		with data.pairs as testing.pairs
		with data.agreements as testing.agreements
		with data.recipients as testing.recipients
}

test_the_agreement_between_them_goes_before_the_recipients_own if {
	facts.terms.id == "an-agreement" with input as testing.question
		with data.pairs as testing.pairs
		with data.agreements as {"an-agreement": testing.agreement, "another": object.union(testing.agreement, {"id": "another"})}
		with data.recipients as {"hub": "another"}
}

test_whoever_is_nowhere_has_no_forms_and_no_column if {
	stranger := testing.but({"sender": {"id": "a-stranger"}, "candidate": {"recipient": "football-club"}})
	facts.terms.id == "" with input as stranger with data.pairs as {} with data.agreements as {} with data.recipients as {}
	facts.column == "none" with input as stranger with data.pairs as {} with data.agreements as {} with data.recipients as {}
}

test_why_consent_is_not_sought_is_the_senders_word_the_agreements_or_nobodys if {
	facts.consent_reason == "cannot_be_given" with input as testing.but({"event": {"claims": {"consent_not_sought": "cannot_be_given"}}})
		with data.pairs as testing.pairs
		with data.agreements as testing.agreements
	facts.consent_reason == "cannot_reasonably_be_obtained" with input as testing.question
		with data.pairs as testing.pairs
		with data.agreements as testing.agreements
	facts.consent_reason == "" with input as testing.but({"candidate": {"purpose": "early_help"}})
		with data.pairs as testing.pairs
		with data.agreements as testing.agreements
}

test_dates_that_stand_the_wrong_way_round_still_give_one_state if {
	_state({"valid_from": 1000, "review_due": 500, "valid_to": 3000}, 1000) == "review_overdue"
	_state({"valid_from": 1000, "review_due": 4000, "valid_to": 3000}, 3000) == "expired"
}
