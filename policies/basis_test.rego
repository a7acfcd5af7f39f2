package mash.basis_test

import data.mash.basis
import data.mash.testing

_of(more) := found if {
	found := basis.of_share with input as testing.but(more)
		with data.pairs as testing.pairs
		with data.agreements as testing.agreements
		with data.law as testing.law
		with data.catalogue as testing.catalogue
}

_grave := {"event": {"categories": [
	{"category": "health.physical", "about": "child"},
	{"category": "crime.allegation", "about": "adult"},
]}}

test_what_does_not_apply_is_not_said if _of({}) == {"art6": "e", "gateway": "a-power"}

test_special_and_offence_data_name_their_conditions if {
	_of(_grave) == {
		"art6": "e",
		"art9": "g",
		"art10": "schedule1",
		"schedule1": "18",
		"gateway": "a-power",
		"confidentiality_route": "public_interest",
	}
}

test_police_name_what_lets_them_leave_part_3 if {
	found := _of(object.union(_grave, {"sender": {"kind": "police", "competent_authority": true}}))
	found.part3_exit == "policing"
	found.art10 == "official_authority"
}

test_care_between_clinicians_stands_on_health_care if {
	found := _of(object.union(_grave, {"sender": {"kind": "health"}, "candidate": {"kind": "gp"}}))
	[found.art9, found.schedule1, found.confidentiality_route] == ["h", "2", "implied_consent"]
}

test_the_agreement_is_named_with_its_version_and_state if {
	basis.of_pair == {"id": "an-agreement", "version": "1", "state": "active"} with input as testing.question
		with data.pairs as testing.pairs
		with data.agreements as testing.agreements
	basis.of_pair == {"id": "", "version": "", "state": "missing"} with input as testing.question
}
