package mash.rules.purpose_test

import data.mash.rules.purpose
import data.mash.testing

test_a_named_purpose_is_a_ground_and_says_why if {
	testing.codes(purpose.grounds) == {"purpose.necessary"} with input as testing.question
		with data.pairs as testing.pairs
		with data.agreements as testing.agreements
}

test_a_purpose_the_agreement_does_not_name_is_barred if {
	testing.codes(purpose.bars) == {"purpose.not_covered"} with input as testing.but({"candidate": {"purpose": "early_help"}})
		with data.pairs as testing.pairs
		with data.agreements as testing.agreements
}

test_marketing_is_barred_and_the_dpo_told if {
	asked := testing.but({"candidate": {"purpose": "marketing"}})
	testing.codes(purpose.bars) == {"purpose.not_covered", "purpose.incompatible"} with input as asked
	testing.codes(purpose.obligations) == {"tell.dpo"} with input as asked
}

test_a_request_for_enforcement_is_barred_whatever_the_candidate_says if {
	asked := testing.but({"request": {"by": "b", "role": "r", "purpose": "immigration_enforcement", "what": [], "grounds": "g"}})
	"purpose.incompatible" in testing.codes(purpose.bars) with input as asked
}

test_a_vendor_is_only_a_processor if {
	"party.processor_only" in testing.codes(purpose.bars) with input as testing.but({"candidate": {"kind": "vendor"}})
}

test_a_party_that_signed_as_processor_receives_nothing if {
	changed := object.union(testing.agreement, {"parties": {"a-hub": {"capacity": "processor"}}})
	"party.processor_only" in testing.codes(purpose.bars) with input as testing.question
		with data.pairs as testing.pairs
		with data.agreements as {"an-agreement": changed}
}

test_what_a_processor_wants_for_itself_is_told_to_the_dpo if {
	found := {obligation.detail.about | some obligation in purpose.obligations} with input as testing.but({"candidate": {"kind": "vendor"}})
	found == {"party.processor_only"}
}

test_the_dpo_is_told_of_a_processor_by_its_code if {
	testing.codes(purpose.obligations) == {"tell.dpo"} with input as testing.but({"candidate": {"kind": "vendor"}})
}
