package mash.rules.request_test

import data.mash.rules.request
import data.mash.testing

_asks(what, grounds) := testing.but({
	"operation": "answer",
	"request": {"by": "b", "role": "r", "purpose": "safeguarding", "what": what, "grounds": grounds},
})

test_a_request_with_its_ground_is_answered if testing.codes(request.grounds) == {"answer.requested"} with input as _asks([], "s.47")

test_a_request_without_a_ground_waits if testing.codes(request.asks) == {"answer.no_grounds"} with input as _asks([], "")

_for_an_enquiry(kind) := object.union(_asks([], "s.47"), {
	"event": {"type": "uk.mash.mash.information.requested.v1"},
	"candidate": {"kind": kind, "purpose": "child_protection_enquiry"},
})

test_an_enquiry_that_nobody_knows_of_is_for_a_person if {
	testing.codes(request.asks) == {"answer.no_enquiry"} with input as _for_an_enquiry("school")
	every purpose in testing.purposes - {"child_protection_enquiry"} {
		count(request.asks) == 0 with input as object.union(_for_an_enquiry("school"), {"candidate": {"purpose": purpose}})
	}
	count(request.asks) == 0 with input as object.union(_for_an_enquiry("school"), {"child": {"section_47": {"value": true}}})
	enquirers := {"mash_core", "csc_team", "police_mash"}
	every kind in enquirers {
		count(request.asks) == 0 with input as _for_an_enquiry(kind)
	}
	every kind in testing.recipient_kinds - enquirers {
		count(request.asks) == 1 with input as _for_an_enquiry(kind)
	}
	count(request.asks) == 0 with input as object.union(_for_an_enquiry("school"), {"candidate": {"purpose": "safeguarding"}})
	count(request.asks) == 0 with input as object.union(_for_an_enquiry("school"), {"operation": "share"})
	count(request.asks) == 0 with input as object.union(_for_an_enquiry("school"), {"event": {"type": "uk.mash.school.concern.recorded.v1"}})
}

test_without_a_request_there_is_no_answer if {
	testing.codes(request.bars) == {"answer.no_request"} with input as testing.but({"operation": "answer"})
}

test_only_what_was_asked_for_is_answered if {
	{cap.category | some cap in request.caps} == {"sc.status"} with input as _asks(["edu.attendance"], "s.47")
	count(request.caps) == 0 with input as _asks(["sc.status"], "s.47")
}

test_records_are_not_linked_across_an_adoption if {
	linking := testing.but({"operation": "link", "event": {"restrictions": ["adoption"]}})
	testing.codes(request.bars) == {"link.adoption_firewall"} with input as linking
	marked := testing.but({"operation": "link", "child": {"restrictions": [{"restriction": "adoption", "as_at": 1}]}})
	testing.codes(request.bars) == {"link.adoption_firewall"} with input as marked
}

test_a_persons_own_request_is_the_controllers_to_answer if {
	testing.codes(request.obligations) == {"subject_access.one_month"} with input as testing.but({"operation": "subject_access"})
	testing.codes(request.asks) == {"subject_access.controller_decides"} with input as testing.but({"operation": "subject_access"})
}

test_who_it_is_about_goes_along_with_every_answer if {
	held := {"event": {"categories": [{"category": "id.core", "about": "child"}, {"category": "professional_contact", "about": "professional"}, {"category": "health.physical", "about": "child"}]}}
	{cap.category | some cap in request.caps} == {"health.physical"} with input as object.union(_asks(["sc.status"], "s.47"), held)
}
