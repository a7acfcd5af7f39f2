package mash.confidence_test

import data.mash.facts
import data.mash.testing

_route(more) := found if {
	asked := testing.but(object.union({"event": {"categories": [{"category": "health.physical", "about": "child"}], "level": {"value": 2}}}, more))
	found := facts.confidentiality_route with input as asked with data.law as testing.law with data.catalogue as testing.catalogue
}

test_below_level_three_nothing_outweighs_it if _route({}) == ""

test_level_three_outweighs_it if _route({"event": {"level": {"value": 3}}}) == "public_interest"

test_an_open_case_outweighs_it if _route({"child": {"open_case": {"value": true}}}) == "public_interest"

test_where_it_is_outweighed_agreement_is_not_what_it_rests_on if {
	_route({"event": {"level": {"value": 3}, "claims": {"service_agreement": "agreed"}}}) == "public_interest"
	_route({"event": {"claims": {"service_agreement": "agreed"}}}) == "consent"
}

test_who_agreed_to_help_agreed_to_nothing_else if {
	agreed := {"event": {"claims": {"service_agreement": "agreed"}}}
	helping := {"early_help", "safeguarding", "direct_care", "case_work"}
	every purpose in helping {
		_route(object.union(agreed, {"candidate": {"purpose": purpose}})) == "consent"
	}
	every purpose in testing.purposes - helping {
		_route(object.union(agreed, {"candidate": {"purpose": purpose}})) == ""
	}
}

test_only_safeguarding_is_weighed if _route({"event": {"level": {"value": 3}}, "candidate": {"purpose": "early_help"}}) == ""

_carers := {"gp", "health_visitor", "midwifery", "school_nurse", "camhs", "emergency_department"}

test_only_those_who_treat_the_child_share_care if {
	every kind in _carers {
		_route({"sender": {"kind": "health"}, "candidate": {"kind": kind}}) == "implied_consent"
	}
	every kind in (testing.recipient_kinds - _carers) - {"analyst"} {
		_route({"sender": {"kind": "health"}, "candidate": {"kind": kind}}) == ""
	}
}

test_each_sort_of_sender_has_its_own_route if {
	_route({"sender": {"kind": "local_authority"}, "event": {"level": {"value": 3}}}) == "statute"
	_route({"sender": {"kind": "mash"}, "event": {"level": {"value": 3}}}) == "statute"
	_route({"sender": {"kind": "police"}, "event": {"level": {"value": 3}}}) == "policing_purpose"
	every kind in ["health", "school", "voluntary", "housing", "probation"] {
		_route({"sender": {"kind": kind}, "event": {"level": {"value": 3}}}) == "public_interest"
		_route({"sender": {"kind": kind}, "event": {"claims": {"service_agreement": "agreed"}}}) == "consent"
	}
}

test_what_was_released_was_weighed_then if {
	read := {"operation": "read", "sender": {"kind": "health"}, "candidate": {"kind": "health_safeguarding", "purpose": "case_work"}}
	facts.confidentiality_route == "public_interest" with input as testing.but(read) with data.law as testing.law
	facts.confidentiality_route == "" with input as testing.but(object.union(read, {"operation": "share"})) with data.law as testing.law
}
