package mash.rules.caution_test

import data.mash.rules.caution
import data.mash.testing

_says(claims) := testing.but({"event": {"claims": claims}})

test_without_doubt_nobody_is_asked if count(caution.asks) == 0 with input as testing.question

test_a_no_waits_for_a_person if {
	testing.codes(caution.asks) == {"caution.dissent"} with input as _says({"dissent": true}) with data.law as testing.law
}

test_a_no_does_not_stop_level_4_a_section_47_or_a_duty if {
	every more in [{"event": {"level": {"value": 4}}}, {"child": {"section_47": {"value": true}}}] {
		asked := object.union(_says({"dissent": true}), more)
		count(caution.asks) == 0 with input as asked with data.law as testing.law with data.catalogue as testing.catalogue
		testing.codes(caution.obligations) == {"caution.record_no"} with input as asked
	}
}

test_more_harm_than_good_always_waits if {
	testing.codes(caution.asks) == {"caution.more_detrimental"} with input as object.union(_says({"more_detrimental": true}), {"event": {"grade": {"value": "red"}}})
}

test_doubt_waits_but_never_delays_a_red_report_to_the_front_door if {
	testing.codes(caution.asks) == {"caution.unsure"} with input as _says({"unsure": true})
	count(caution.asks) == 0 with input as object.union(_says({"unsure": true}), {"event": {"grade": {"value": "red"}}})
}

test_an_enquiry_alone_overrides_a_no if {
	asked := object.union(_says({"dissent": true}), {"child": {"section_47": {"value": true}}})
	count(caution.asks) == 0 with input as asked with data.law as object.union(testing.law, {"gateways": {"school": {"mash_core": {"safeguarding": []}}}})
}

test_a_duty_alone_overrides_a_no if {
	duty := object.union(testing.law.gateways.school.mash_core.safeguarding[0], {"triggers": []})
	law := object.union(testing.law, {"gateways": {"school": {"mash_core": {"safeguarding": [duty]}}}})
	count(caution.asks) == 0 with input as _says({"dissent": true}) with data.law as law with data.catalogue as testing.catalogue
}
