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

test_only_safeguarding_is_weighed if _route({"event": {"level": {"value": 3}}, "candidate": {"purpose": "early_help"}}) == ""

test_only_those_who_treat_the_child_share_care if {
	every kind in ["gp", "health_visitor"] {
		_route({"sender": {"kind": "health"}, "candidate": {"kind": kind}}) == "implied_consent"
	}
	every kind in ["mash_core", "csc_team", "police_mash", "school", "nursery", "la_education", "voluntary", "vendor", "other"] {
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
