# What of a report is content: without any of it left, nothing is shared.
package mash.content_test

import data.mash.forms
import data.mash.testing

test_who_it_is_about_and_when_is_no_content_and_all_else_is if {
	every category in ["health.physical", "health.mental", "health.sexual", "health.substance", "police.incident", "police.intel", "crime.conviction", "crime.allegation", "third_party", "informant", "adoption.prior_identity", "protected_person", "immigration", "edu.attendance", "edu.send", "edu.concern", "edu.exclusion", "sc.status", "sc.narrative", "legal.privileged", "court.restricted", "child_voice", "equality.ethnicity", "equality.religion", "equality.disability", "relation.household"] {
		_has_content(category)
	}
	every category in ["event.meta", "event.claim", "id.core", "id.address", "id.restricted_address", "professional_contact"] {
		not _has_content(category)
	}
}

_has_content(category) if {
	cell := {"child": {"form": "give", "code": "", "then": ""}}
	generous := object.union(testing.agreement, {"matrix": {"mash_core": {category: cell}}})
	forms.has_content with input as testing.but({"event": {"categories": [{"category": category, "about": "child"}], "handling_code": "P"}})
		with data.pairs as testing.pairs
		with data.agreements as {"an-agreement": generous}
		with data.law as testing.law
		with data.catalogue as testing.catalogue
}
