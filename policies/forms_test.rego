package mash.forms_test

import data.mash.forms
import data.mash.testing

_asked := testing.but({"event": {"categories": [
	{"category": "event.meta", "about": "child"},
	{"category": "sc.status", "about": "child"},
	{"category": "health.sexual", "about": "child"},
]}})

_listed(asked) := found if {
	found := {cell.category: cell.form | some cell in forms.listed} with input as asked
		with data.pairs as testing.pairs
		with data.agreements as testing.agreements
		with data.law as testing.law
		with data.catalogue as testing.catalogue
}

_decided(granted, scope) := object.union(_asked, {"approvals": [{
	"ask": "minimise.sexual_health", "role": "caldicott_guardian", "person": "p",
	"at": 1, "recipient": "hub", "scope": scope, "granted": granted,
}]})

test_the_least_that_any_rule_allows_is_given if {
	_listed(_asked) == {
		"event.meta": "give",
		"sc.status": "summary",
		"health.sexual": "ask",
		"notice.existence": "withhold",
		"notice.withheld": "withhold",
	}
}

test_a_cleared_question_no_longer_limits if {
	_listed(_decided(true, "health.sexual"))["health.sexual"] == "summary"
	_listed(_decided(true, ""))["health.sexual"] == "summary"
}

test_a_clearance_of_another_part_clears_nothing if _listed(_decided(true, "id.address"))["health.sexual"] == "ask"

test_a_refused_question_withholds if {
	_listed(_decided(false, "health.sexual"))["health.sexual"] == "withhold"
	_listed(_decided(false, ""))["health.sexual"] == "withhold"
}

test_an_open_question_is_asked_for_its_part if {
	forms.asks == {{"code": "minimise.sexual_health", "detail": {"category": "health.sexual", "about": "child"}}} with input as _asked
		with data.pairs as testing.pairs
		with data.agreements as testing.agreements
		with data.law as testing.law
		with data.catalogue as testing.catalogue
}

_gives(categories) if forms.gives_something with input as testing.but({"event": {"categories": categories}})
	with data.pairs as testing.pairs
	with data.agreements as testing.agreements
	with data.law as testing.law
	with data.catalogue as testing.catalogue

test_something_is_left_where_content_is if _gives([{"category": "sc.status", "about": "child"}])

test_what_goes_along_with_withheld_content_is_nothing if {
	not _gives([{"category": "event.meta", "about": "child"}, {"category": "health.sexual", "about": "child"}])
}

test_news_is_told_with_nothing_else if {
	death := testing.but({"event": {"type": "uk.mash.health.death.notified.v1", "categories": [{"category": "health.sexual", "about": "child"}]}})
	forms.gives_something with input as death with data.catalogue as {"uk.mash.health.death.notified.v1": {"is_news": true}}
	not forms.gives_something with input as death with data.catalogue as {"uk.mash.health.death.notified.v1": {"is_news": false}}
}

test_where_the_child_lives_is_not_what_a_report_is_about if {
	not _gives([{"category": "id.address", "about": "child"}, {"category": "health.sexual", "about": "child"}])
}

test_an_address_kept_back_takes_nothing_else_with_it if {
	_gives([{"category": "id.restricted_address", "about": "child"}, {"category": "event.meta", "about": "child"}])
}

test_an_event_that_is_only_its_own_facts_gives_them if _gives([{"category": "event.meta", "about": "child"}])

test_a_view_that_is_opened_need_not_list_what_it_holds if {
	reading := testing.but({"operation": "read", "event": {"categories": []}})
	forms.gives_something with input as reading
	not forms.gives_something with input as testing.but({"event": {"categories": []}})
}

test_a_request_need_hold_nothing_for_whoever_asks if {
	grounds := {"categories": [{"category": "health.sexual", "about": "child"}]}
	asking := {"operation": "answer", "event": object.union(grounds, {"type": "uk.mash.mash.information.requested.v1"})}
	forms.gives_something with input as testing.but(asking)
		with data.pairs as testing.pairs
		with data.agreements as testing.agreements
		with data.law as testing.law
		with data.catalogue as testing.catalogue
}

test_a_cap_without_a_question_lowers_what_the_matrix_gives if {
	lowered := object.union(_asked, {"operation": "answer", "request": {"by": "hub", "role": "mash_practitioner", "purpose": "safeguarding", "what": ["health.sexual"], "grounds": "g"}})
	_listed(lowered)["sc.status"] == "withhold"
	_listed(_asked)["sc.status"] == "summary"
}

test_nobody_is_asked_about_a_part_that_would_be_withheld_anyway if {
	count(forms.asks) == 0 with input as testing.but({"event": {"categories": [{"category": "police.intel", "about": "adult"}], "handling_code": "C"}})
		with data.pairs as testing.pairs
		with data.agreements as testing.agreements
		with data.law as testing.law
		with data.catalogue as testing.catalogue
}
