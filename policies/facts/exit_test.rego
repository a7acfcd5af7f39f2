package mash.exit_test

import data.mash.facts
import data.mash.testing

test_each_service_has_its_own_way_out_of_part_3 if {
	every kind, exit in {"police": "policing", "probation": "probation"} {
		asked := testing.but({"sender": {"kind": kind, "competent_authority": true}})
		facts.part3_exit == exit with input as asked with data.law as testing.law
	}
}

test_what_goes_to_police_probation_or_youth_justice_stays_in_part_3 if {
	every kind in ["police_mash", "probation", "youth_justice"] {
		not facts.leaves_part3 with input as testing.but({"sender": {"kind": "police", "competent_authority": true}, "candidate": {"kind": kind}})
	}
	every kind in testing.recipient_kinds - {"police_mash", "probation", "youth_justice"} {
		facts.leaves_part3 with input as testing.but({"sender": {"kind": "police", "competent_authority": true}, "candidate": {"kind": kind}})
	}
}

test_an_exit_of_a_duty_needs_that_duty if {
	asked := testing.but({"sender": {"kind": "police", "competent_authority": true}, "child": {"section_47": {"value": true}}})
	duties := object.union(testing.law, {"gateways": {"police": testing.law.gateways.school}})
	facts.part3_exit == "a-duty" with input as asked with data.law as duties with data.catalogue as testing.catalogue
	facts.part3_exit == "policing" with input as asked with data.law as testing.law with data.catalogue as testing.catalogue
}
