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

_asked_as(role) := testing.but({
	"operation": "answer",
	"request": {"by": "hub", "role": role, "purpose": "safeguarding", "what": [], "grounds": "s.47"},
})

test_a_request_in_a_role_of_that_place_passes if {
	count(parties.bars) == 0 with input as _asked_as("mash_practitioner")
		with data.pairs as testing.pairs
		with data.agreements as testing.agreements
		with data.recipients as testing.recipients
}

test_a_request_in_a_role_that_has_not_signed_is_barred if {
	testing.codes(parties.bars) == {"party.role_not_named"} with input as _asked_as("probation_officer")
		with data.pairs as testing.pairs
		with data.agreements as testing.agreements
		with data.recipients as testing.recipients
}

_request := {"event": {"type": "uk.mash.mash.information.requested.v1"}}

test_a_request_for_a_place_of_ones_own_passes if {
	count(parties.bars) == 0 with input as testing.but(object.union(_request, {"sender": {"id": "a-hub"}}))
		with data.pairs as {"a-hub": {"hub": "an-agreement"}}
		with data.agreements as testing.agreements
		with data.recipients as testing.recipients
}

test_a_request_in_the_name_of_anothers_place_is_barred if {
	testing.codes(parties.bars) == {"party.not_theirs"} with input as testing.but(_request)
		with data.pairs as testing.pairs
		with data.agreements as testing.agreements
		with data.recipients as testing.recipients
}
