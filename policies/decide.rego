# The decision for one candidate. Gathers every rule's reasons and settles effect, duty, basis, forms, obligations, visibility and what would allow a refused share.
package mash.decide

import data.mash.basis
import data.mash.facts
import data.mash.forms

grounds contains reason if some reason in data.mash.rules[_].grounds

_bars contains reason if some reason in data.mash.rules[_].bars

bars contains reason if some reason in _bars

# Where something else already bars, that nothing is left is no reason of its own.
bars contains {"code": "minimise.nothing_left", "detail": {}} if {
	count(_bars) == 0
	not forms.gives_something
}

asks contains reason if {
	some reason in data.mash.rules[_].asks
	not reason.code in facts.cleared
}

obligations contains obligation if some obligation in data.mash.rules[_].obligations

warnings contains reason if some reason in data.mash.rules[_].warnings

default effect := "withhold"

effect := "ask" if {
	count(bars) == 0
	count(asks) > 0
}

effect := "share" if {
	count(bars) == 0
	count(asks) == 0
	count(grounds) > 0
}

default duty := "may"

duty := "must_not" if is_forbidden

duty := "must" if {
	not is_forbidden
	facts.has_duty
	effect in {"share", "ask"}
}

is_forbidden if {
	some reason in bars
	data.codes.forbids[reason.code]
}

reasons := (grounds | bars) | asks

# A question about a part is worth a person's time only where the rest is not barred.
default part_asks := set()

part_asks := forms.asks if count(_bars) == 0

visibility contains {"code": reason.code, "audience": audience, "show": show} if {
	some reason in ((reasons | part_asks) | obligations)
	some audience, show in data.codes.visibility[reason.code]
}

would_allow contains reason.code if {
	some reason in ((bars | asks) | part_asks)
	data.codes.would_allow[reason.code]
}

is_waiting if effect == "ask"

is_waiting if count(part_asks) > 0

default clock := ""

clock := input.event.grade.value if is_waiting

default clock_hours := 0

clock_hours := facts.terms.clocks[clock].hours

default free_text := false

free_text if {
	effect == "share"
	facts.terms.free_text[facts.column]
}

answer := {"decision": decision, "warnings": warnings}

decision := {
	"recipient": input.candidate.recipient,
	"effect": effect,
	"duty": duty,
	"basis": basis.of_share,
	"grounds": sort(grounds),
	"bars": sort(bars),
	"asks": sort(asks),
	"categories": forms.listed,
	"category_asks": sort(part_asks),
	"free_text": free_text,
	"obligations": sort(obligations),
	"visibility": sort(visibility),
	"agreement": basis.of_pair,
	"would_allow": sort(would_allow),
	"necessity": facts.necessity,
	"clock": clock,
	"clock_hours": clock_hours,
}
