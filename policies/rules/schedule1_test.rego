package mash.rules.schedule1_test

import data.mash.rules.schedule1
import data.mash.testing

_ill := testing.but({"event": {"categories": [{"category": "health.physical", "about": "child"}]}})

test_a_live_policy_document_and_a_reason_pass if {
	count(schedule1.asks | schedule1.bars) == 0 with input as _ill
		with data.law as testing.law
		with data.pairs as testing.pairs
		with data.agreements as testing.agreements
}

test_a_document_past_review_waits_where_urgent if {
	testing.codes(schedule1.asks) == {"schedule1.document_lapsed"} with input as object.union(_ill, {"now": 5000})
		with data.law as testing.law
		with data.pairs as testing.pairs
		with data.agreements as testing.agreements
}

test_a_document_past_review_bars_what_is_not_urgent if {
	testing.codes(schedule1.bars) == {"schedule1.document_lapsed"} with input as object.union(_ill, {"now": 5000, "event": {"grade": {"value": "green"}}})
		with data.law as testing.law
		with data.pairs as testing.pairs
		with data.agreements as testing.agreements
}

test_care_between_clinicians_needs_no_document if {
	care := object.union(_ill, {"sender": {"kind": "health", "policy_documents": []}, "candidate": {"kind": "gp"}})
	count(schedule1.asks | schedule1.bars) == 0 with input as care with data.law as testing.law
}

test_without_a_reason_for_not_asking_a_person_decides if {
	testing.codes(schedule1.asks) == {"schedule1.consent_reason"} with input as _ill
		with data.law as testing.law
		with data.pairs as {}
		with data.agreements as {}
}

test_the_senders_own_reason_counts if {
	told := object.union(_ill, {"event": {"claims": {"consent_not_sought": "would_prejudice_protection"}}})
	count(schedule1.asks) == 0 with input as told with data.law as testing.law with data.pairs as {} with data.agreements as {}
}

test_a_condition_not_in_force_bars if {
	testing.codes(schedule1.bars) == {"schedule1.not_in_force"} with input as _ill
		with data.law as object.union(testing.law, {"conditions": {"18": {"from": 9000}}})
		with data.pairs as testing.pairs
		with data.agreements as testing.agreements
}
