# Which law applies. Picks from the dated law the basis, condition, gateway and exit that fit sender, recipient, purpose and moment.
package mash.facts

moments := {"sharing": input.now, "occurred": input.event.occurred_at}

in_force(row) if {
	row.from <= moments[row.judged_at]
	moments[row.judged_at] < row.to
}

gateways := [row |
	some row in data.law.gateways[input.sender.kind][input.candidate.kind][input.candidate.purpose]
	in_force(row)
	fits_sort(row)
	is_switched_on(row)
	every trigger in row.triggers {
		trigger in triggers
	}
]

fits_sort(row) if count(row.sorts) == 0

fits_sort(row) if row.sorts[input.sender.sort]

is_switched_on(row) if row.switch == ""

is_switched_on(row) if terms.switches[row.switch] == true

gateway := gateways[0]

has_duty if gateway.effect == "requires"

is_due_at_any_level if gateway.at_any_level == true

is_due_without_agreement if gateway.without_agreement == true

default controller := "private"

controller := "public" if input.sender.public_authority == true

articles6 := [row.id |
	some row in data.law.article6
	in_force(row)
	row.controllers[controller]
	fits_need(row)
]

fits_need(row) if row.needs == ""

fits_need(row) if {
	row.needs == "duty"
	has_duty
}

fits_need(row) if {
	row.needs == "red"
	input.event.grade.value == "red"
}

article6 := articles6[0]

articles9 := [row |
	some row in data.law.article9
	in_force(row)
	fits_party(row.senders, input.sender.kind)
	fits_party(row.recipients, input.candidate.kind)
]

fits_party(allowed, _) if count(allowed) == 0

fits_party(allowed, kind) if allowed[kind]

article9 := articles9[0].id

default article10 := "schedule1"

article10 := "official_authority" if data.law.official[input.sender.kind]

default condition := "18"

condition := "2" if article9 == "h"

condition := "4" if article9 == "j"

# What is given to police as evidence is given to prevent or detect an unlawful act, whoever it is about.
condition := "10" if {
	input.candidate.kind == "police_mash"
	input.candidate.purpose == "crime_prevention"
}

needs_condition if has_special

# What is held under the control of official authority needs no condition for being about offences.
needs_condition if {
	has_offence
	article10 == "schedule1"
}

has_live_document if {
	some document in input.sender.policy_documents
	document.condition == condition
	input.now < document.review_due
}
