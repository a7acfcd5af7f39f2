package mash.entry_test

import data.mash.testing

_verdict(asked) := found if {
	found := data.mash.verdict with input as asked
		with data.pairs as testing.pairs
		with data.agreements as testing.agreements
		with data.recipients as testing.recipients
		with data.law as testing.law
		with data.catalogue as testing.catalogue
		with data.codes as {
			"forbids": {"purpose.incompatible": true},
			"would_allow": {"caution.unsure": true, "purpose.incompatible": true},
			"visibility": {"caution.unsure": {"recipient": "nothing"}, "notice.silent": {"recipient": "nothing"}},
		}
}

test_each_candidate_is_answered_in_order if {
	asked := testing.but({"candidates": [testing.candidate, object.union(testing.candidate, {"recipient": "stranger"})]})
	[[decision.recipient, decision.effect] | some decision in _verdict(asked).decisions] == [["hub", "share"], ["stranger", "withhold"]]
}

test_a_share_says_on_what_it_stands if {
	decision := _verdict(testing.question).decisions[0]
	decision.duty == "may"
	decision.basis.art6 == "e"
	decision.basis.gateway == "a-power"
	decision.agreement == {"id": "an-agreement", "version": "1", "state": "active"}
	decision.necessity == "The hub must know."
	decision.free_text == true
	decision.clock == ""
}

test_a_duty_that_is_met_is_a_must if {
	_verdict(testing.but({"child": {"section_47": {"value": true}}})).decisions[0].duty == "must"
}

test_what_the_law_forbids_is_a_must_not if {
	decision := _verdict(testing.but({"candidates": [object.union(testing.candidate, {"purpose": "marketing"})]})).decisions[0]
	decision.duty == "must_not"
	decision.would_allow == ["purpose.incompatible"]
}

test_a_question_names_its_clock_its_audience_and_what_would_allow_it if {
	decision := _verdict(testing.but({"event": {"claims": {"unsure": true}}})).decisions[0]
	decision.effect == "ask"
	decision.clock == "amber"
	decision.clock_hours == 24
	decision.visibility == [{"code": "caution.unsure", "audience": "recipient", "show": "nothing"}]
	decision.would_allow == ["caution.unsure"]
}

test_an_obligation_names_its_audience_too if {
	decision := _verdict(testing.but({"event": {"restrictions": ["adoption"]}})).decisions[0]
	{"code": "notice.silent", "audience": "recipient", "show": "nothing"} in decision.visibility
}

test_an_approval_clears_its_question_and_no_bar if {
	approval := {"ask": "caution.unsure", "role": "mash_manager", "person": "p", "at": 1, "recipient": "", "scope": "", "granted": true}
	unsure := testing.but({"event": {"claims": {"unsure": true}}, "approvals": [approval]})
	_verdict(unsure).decisions[0].effect == "share"
	barred := object.union(unsure, {"event": {"level": {"value": 1}}})
	_verdict(barred).decisions[0].effect == "withhold"
}

test_the_edge_is_always_answered if {
	edge := data.mash.edge with input as testing.question with data.law as testing.law with data.catalogue as testing.catalogue
	edge == {"effect": "send", "bars": []}
}

# One part only, which waits for a person: nothing else is left to give.
_a_guarded_part := {"event": {"categories": [{"category": "health.sexual", "about": "child"}], "level": {"value": 4}}}

test_where_all_of_it_waits_nothing_goes_yet_and_the_question_has_a_clock if {
	decision := _verdict(testing.but(_a_guarded_part)).decisions[0]
	decision.effect == "withhold"
	testing.codes(decision.bars) == {"minimise.nothing_left"}
	testing.codes(decision.category_asks) == {"minimise.sexual_health"}
	decision.clock == "amber"
}

test_what_else_bars_is_said_instead if {
	barred := object.union(testing.but(_a_guarded_part), {"event": {"level": {"value": 1}}})
	not "minimise.nothing_left" in testing.codes(_verdict(barred).decisions[0].bars)
}

test_a_warning_is_told_once_for_the_whole_question if {
	overdue := object.union(testing.agreement, {"review_due": 1500})
	found := data.mash.verdict with input as testing.question
		with data.pairs as testing.pairs
		with data.agreements as {"an-agreement": overdue}
		with data.recipients as testing.recipients
		with data.law as testing.law
		with data.catalogue as testing.catalogue
		with data.codes as {"forbids": {}, "would_allow": {}, "visibility": {}}
	"agreement.review_overdue" in testing.codes(found.warnings)
}

test_a_duty_that_a_person_refused_is_no_must if {
	refused := {"ask": "caution.unsure", "role": "mash_manager", "person": "p", "at": 1, "recipient": "", "scope": "", "granted": false}
	decision := _verdict(testing.but({"child": {"section_47": {"value": true}}, "approvals": [refused]})).decisions[0]
	[decision.effect, decision.duty] == ["withhold", "may"]
}
