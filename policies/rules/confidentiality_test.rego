package mash.rules.confidentiality_test

import data.mash.rules.confidentiality
import data.mash.testing

_told(changes) := object.union(testing.but({"event": {"categories": [{"category": "health.physical", "about": "child"}]}}), changes)

_passes(asked) if count(confidentiality.asks) == 0 with input as asked
	with data.law as testing.law
	with data.catalogue as testing.catalogue

test_what_is_not_confidential_passes if _passes(testing.question)

test_public_interest_lifts_it_where_grave if _passes(_told({}))

test_without_a_route_a_person_decides if {
	not _passes(_told({"event": {"level": {"value": 2}}}))
}

test_the_familys_agreement_is_consent if {
	_passes(_told({"event": {"level": {"value": 2}, "claims": {"service_agreement": "agreed"}}}))
}

test_police_have_their_policing_purpose if _passes(_told({"sender": {"kind": "police"}, "event": {"level": {"value": 2}}}))

test_the_authority_has_statute if _passes(_told({"sender": {"kind": "local_authority"}, "event": {"level": {"value": 2}}}))

test_clinicians_share_for_care if {
	_passes(_told({"sender": {"kind": "health"}, "candidate": {"kind": "gp"}, "event": {"level": {"value": 2}}}))
}

test_a_duty_is_statute_enough if {
	_passes(_told({"child": {"section_47": {"value": true}}, "event": {"level": {"value": 2}}}))
}

test_the_question_has_its_code if {
	testing.codes(confidentiality.asks) == {"confidentiality.no_route"} with input as _told({"event": {"level": {"value": 2}}})
		with data.law as testing.law
		with data.catalogue as testing.catalogue
}
