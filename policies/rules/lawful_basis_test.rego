package mash.rules.lawful_basis_test

import data.mash.rules.lawful_basis
import data.mash.testing

_right(asked) := found if {
	found := {reason.detail.article6 | some reason in lawful_basis.grounds} with input as asked
		with data.law as testing.law
		with data.pairs as testing.pairs
		with data.agreements as testing.agreements
		with data.catalogue as testing.catalogue
}

test_a_public_body_has_its_public_task if _right(testing.question) == {"e"}

test_a_duty_is_a_legal_obligation if _right(testing.but({"child": {"section_47": {"value": true}}})) == {"c"}

test_a_private_body_has_recognised_legitimate_interest_once_in_force if {
	_right(testing.but({"sender": {"public_authority": false}})) == {"ea"}
}

test_a_private_body_before_that_date_has_none_here if {
	early := testing.but({"now": 1400, "sender": {"public_authority": false}})
	testing.codes(lawful_basis.bars) == {"lawful_basis.none_fits"} with input as early
		with data.law as testing.law
		with data.catalogue as testing.catalogue
}

test_life_or_death_opens_vital_interests if {
	_right(testing.but({"now": 1400, "sender": {"public_authority": false}, "event": {"grade": {"value": "red"}}})) == {"d"}
}

test_a_wrong_claim_is_reported_with_the_right_basis if {
	some warning in lawful_basis.warnings with input as testing.but({"event": {"claims": {"art6": "6(1)(ea)"}}})
		with data.law as testing.law
		with data.catalogue as testing.catalogue
	warning == {"code": "lawful_basis.claim_invalid", "detail": {"claimed": "ea", "right": "e"}}
}

test_a_right_claim_is_not_reported if {
	every written in ["e", "6(1)(e)", "Article 6(1)(e)", "Art 6(1)(e)", "Art. 6(1)(E)", "UK GDPR Article 6(1)(e)"] {
		count(lawful_basis.warnings) == 0 with input as testing.but({"event": {"claims": {"art6": written}}})
			with data.law as testing.law
			with data.catalogue as testing.catalogue
	}
}

test_a_sender_that_believes_it_needs_permission_is_told_that_it_does_not if {
	believes := testing.but({"event": {"quality_flags": ["claims.consent_believed_needed"]}})
	testing.codes(lawful_basis.warnings) == {"lawful_basis.consent_not_needed"} with input as believes
		with data.law as testing.law
		with data.catalogue as testing.catalogue
}

test_consent_is_said_not_to_be_needed if {
	testing.codes(lawful_basis.warnings) == {"lawful_basis.consent_not_needed"} with input as testing.but({"event": {"claims": {"art6": "a"}}})
		with data.law as testing.law
		with data.catalogue as testing.catalogue
}

test_the_ground_has_its_code if {
	"lawful_basis.fits" in testing.codes(lawful_basis.grounds) with input as testing.question
		with data.law as testing.law
		with data.pairs as testing.pairs
		with data.agreements as testing.agreements
		with data.catalogue as testing.catalogue
}
