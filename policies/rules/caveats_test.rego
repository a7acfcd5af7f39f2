package mash.rules.caveats_test

import data.mash.rules.caveats
import data.mash.testing

_found(more) := found if {
	found := testing.codes(caveats.obligations) with input as testing.but(more)
		with data.pairs as testing.pairs
		with data.agreements as testing.agreements
		with data.law as testing.law
}

test_every_share_is_opened_in_time_and_goes_no_further if {
	_found({}) == {"caveat.no_onward_sharing", "caveat.keep_parents_informed_safely", "receipt.opened"}
}

test_what_is_not_fact_is_marked if {
	every kind in ["opinion", "allegation", "intelligence"] {
		"caveat.not_all_fact" in _found({"event": {"entry_kinds": [kind]}})
	}
	not "caveat.not_all_fact" in _found({"event": {"entry_kinds": ["fact"]}})
}

test_a_status_holds_as_at_its_date if {
	"caveat.status_as_at" in _found({"event": {"categories": [{"category": "crime.allegation", "about": "adult"}]}})
}

test_words_of_the_child_and_facts_are_no_opinion if {
	every kind in ["opinion", "allegation", "intelligence"] {
		"caveat.not_all_fact" in _found({"event": {"entry_kinds": [kind]}})
	}
	every kind in ["fact", "child_words"] {
		not "caveat.not_all_fact" in _found({"event": {"entry_kinds": [kind]}})
	}
}
