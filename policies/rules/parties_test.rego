package mash.rules.parties_test

import data.mash.rules.parties
import data.mash.testing

test_a_party_in_its_own_role_passes if {
	count(parties.bars) == 0 with input as testing.question
		with data.pairs as testing.pairs
		with data.agreements as testing.agreements
		with data.recipients as testing.recipients
}

test_an_unknown_recipient_is_barred if {
	testing.codes(parties.bars) == {"party.recipient_unknown"} with input as testing.but({"candidate": {"recipient": "football-club"}})
		with data.agreements as testing.agreements
		with data.recipients as testing.recipients
}

test_a_role_that_has_not_signed_is_barred if {
	testing.codes(parties.bars) == {"party.role_not_named"} with input as testing.but({"candidate": {"role": "caretaker"}})
		with data.pairs as testing.pairs
		with data.agreements as testing.agreements
		with data.recipients as testing.recipients
}

test_a_recipient_under_a_false_kind_is_barred if {
	testing.codes(parties.bars) == {"party.kind_differs"} with input as testing.but({"candidate": {"kind": "gp"}})
		with data.pairs as testing.pairs
		with data.agreements as testing.agreements
		with data.recipients as testing.recipients
}

test_a_kind_without_a_column_is_given_nothing if {
	changed := object.union(testing.agreement, {"recipients": {"hub": {"column": "none"}}})
	testing.codes(parties.bars) == {"party.no_column"} with input as testing.question
		with data.pairs as testing.pairs
		with data.agreements as {"an-agreement": changed}
		with data.recipients as testing.recipients
}
