package mash.rules.patterns_test

import data.mash.rules.patterns
import data.mash.testing

_weeks := {"2026-W08": 5000, "2026-W09": 5000, "2025-W40": 1000}

_greens := {"code": "pattern.three_greens", "counts_until": _weeks, "counts": [{"grade": "green", "agency_kind": "", "kind": "", "at_least": 3}]}

_row(kind, week, number) := {"kind": kind, "agency_kind": "school", "grade": "green", "week": week, "count": number}

_found(history) := found if {
	found := testing.codes(patterns.patterns) with input as testing.but({"history": history})
		with data.pairs as testing.pairs
		with data.numbers as [1, 2, 3, 4]
		with data.agreements as {"an-agreement": {"patterns": [_greens]}}
}

test_three_in_the_window_make_a_pattern if {
	_found([_row("a", "2026-W08", 2), _row("b", "2026-W09", 1)]) == {"pattern.three_greens"}
}

test_two_do_not if _found([_row("a", "2026-W08", 2)]) == set()

test_what_is_too_long_ago_does_not_count if {
	_found([_row("a", "2026-W08", 2), _row("b", "2025-W40", 3)]) == set()
}

test_a_week_the_table_does_not_know_does_not_count if _found([_row("a", "1999-W01", 4)]) == set()

test_every_count_of_a_pattern_must_be_reached if {
	both := object.union(_greens, {"counts": [
		{"grade": "green", "agency_kind": "", "kind": "", "at_least": 3},
		{"grade": "", "agency_kind": "health", "kind": "", "at_least": 1},
	]})
	count(patterns.patterns) == 0 with input as testing.but({"history": [_row("a", "2026-W08", 4)]})
		with data.pairs as testing.pairs
		with data.numbers as [1, 2, 3, 4]
		with data.agreements as {"an-agreement": {"patterns": [both]}}
}

test_a_week_counts_to_the_second_before_its_end if {
	_at(1999) == {"pattern.three_greens"}
	_at(2000) == set()
}

_at(now) := found if {
	found := testing.codes(patterns.patterns) with input as testing.but({"now": now, "history": [_row("a", "2026-W08", 3)]})
		with data.pairs as testing.pairs
		with data.numbers as [1, 2, 3, 4]
		with data.agreements as {"an-agreement": {"patterns": [object.union(_greens, {"counts_until": {"2026-W08": 2000}})]}}
}
