package mash.rules.processing_test

import data.mash.rules.processing
import data.mash.testing

_asks(more) := found if {
	restricted := object.union(testing.but({"child": {"processing_restricted": true}}), more)
	found := testing.codes(processing.asks) with input as restricted
		with data.pairs as testing.pairs
		with data.agreements as testing.agreements
		with data.law as testing.law
		with data.catalogue as testing.catalogue
}

test_an_unrestricted_record_passes if count(processing.asks | processing.obligations) == 0 with input as testing.question

test_a_restricted_record_waits_for_the_data_protection_officer if _asks({}) == {"processing.restricted"}

test_a_reading_waits_too if _asks({"operation": "read"}) == {"processing.restricted"}

test_danger_a_duty_an_enquiry_and_the_person_themselves_do_not_wait if {
	_asks({"event": {"grade": {"value": "red"}}}) == set()
	_asks({"child": {"section_47": {"value": true}}}) == set()
	_asks({"operation": "subject_access"}) == set()
}

test_whoever_is_told_all_the_same_reads_that_it_is_restricted if {
	testing.codes(processing.obligations) == {"processing.only_for_this"} with input as testing.but({"child": {"processing_restricted": true}})
}

test_an_enquiry_alone_lets_it_be_used if {
	asked := testing.but({"child": {"processing_restricted": true, "section_47": {"value": true}}})
	count(processing.asks) == 0 with input as asked with data.law as object.union(testing.law, {"gateways": {"school": {"mash_core": {"safeguarding": []}}}})
}

test_a_duty_alone_lets_it_be_used if {
	duty := object.union(testing.law.gateways.school.mash_core.safeguarding[0], {"triggers": []})
	law := object.union(testing.law, {"gateways": {"school": {"mash_core": {"safeguarding": [duty]}}}})
	asked := testing.but({"child": {"processing_restricted": true}})
	count(processing.asks) == 0 with input as asked with data.law as law with data.catalogue as testing.catalogue
}
