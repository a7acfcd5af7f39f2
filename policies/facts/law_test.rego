package mash.law_test

import data.mash.facts
import data.mash.testing

_row(judged_at) := {"from": 1000, "to": 2000, "judged_at": judged_at}

_holds(judged_at, now, occurred) if facts.in_force(_row(judged_at)) with input as testing.but({"now": now, "event": {"occurred_at": occurred}})

test_a_row_holds_from_its_first_second_to_the_second_before_its_end if {
	not _holds("sharing", 999, 1500)
	_holds("sharing", 1000, 1500)
	_holds("sharing", 1999, 1500)
	not _holds("sharing", 2000, 1500)
}

test_a_duty_is_judged_when_it_happened if {
	not _holds("occurred", 1500, 999)
	_holds("occurred", 1500, 1000)
	_holds("occurred", 5000, 1999)
	not _holds("occurred", 1500, 2000)
}

test_a_duty_of_public_bodies_is_theirs_alone if {
	found := {trigger | some trigger in facts.triggers} with input as testing.question with data.catalogue as testing.catalogue
	"public_sender" in found
	private := {trigger | some trigger in facts.triggers} with input as testing.but({"sender": {"public_authority": false}})
		with data.catalogue as testing.catalogue
	not "public_sender" in private
}

_about(category, kind) := testing.but({"event": {"categories": [{"category": category, "about": "adult"}]}, "sender": {"kind": kind}})

test_offence_data_under_official_authority_needs_no_condition if {
	not facts.needs_condition with input as _about("crime.allegation", "police") with data.law as testing.law
	facts.needs_condition with input as _about("crime.allegation", "school") with data.law as testing.law
	facts.needs_condition with input as _about("health.physical", "police") with data.law as testing.law
}

test_each_use_has_its_own_condition if {
	facts.condition == "18" with input as testing.question with data.law as testing.law
	facts.condition == "2" with input as testing.but({"sender": {"kind": "health"}, "candidate": {"kind": "gp"}}) with data.law as testing.law
	facts.condition == "10" with input as testing.but({"candidate": {"kind": "police_mash", "purpose": "crime_prevention"}}) with data.law as testing.law
	facts.condition == "18" with input as testing.but({"candidate": {"kind": "police_mash"}}) with data.law as testing.law
	facts.condition == "18" with input as testing.but({"candidate": {"purpose": "crime_prevention"}}) with data.law as testing.law
}

test_analysis_stands_on_research_and_statistics if {
	about := testing.but({"event": {"categories": [{"category": "health.physical", "about": "child"}]}, "candidate": {"kind": "analyst"}})
	facts.article9 == "j" with input as about with data.law as testing.law
	facts.condition == "4" with input as about with data.law as testing.law
}
