# What is known of the child and the event. Names the facts about the child and the event that several rules turn on.
package mash.facts

has_open_case if input.child.open_case.value == true

has_open_case if input.child.on_plan.value == true

has_open_case if input.child.section_47.value == true

default is_gated := true

is_gated := data.catalogue[input.event.type].gated

is_urgent if input.event.grade.value in {"red", "amber"}

# As a person said, or the sender where no person set the other of the two; not as the catalogue has it where nobody did.
is_said_to_be_red if {
	input.event.grade.value == "red"
	_counts(input.event.grade.given_by, input.event.level.given_by)
}

is_said_to_be_acute if {
	input.event.level.value == 4
	_counts(input.event.level.given_by, input.event.grade.given_by)
}

_counts(said, _) if said == "person"

_counts(said, other) if {
	said == "sender"
	other in {"sender", "catalogue"}
}

restrictions contains restriction if some restriction in input.event.restrictions

restrictions contains marker.restriction if some marker in input.child.restrictions

# Each part as [category, about], with what is said about the report itself: that others were told, that
# something is kept back.
parts := {[part.category, part.about] | some part in input.event.categories} | notice_parts

notice_parts := {["notice.existence", "child"], ["notice.withheld", "child"]}

categories contains pair.category if some pair in input.event.categories

has_special if {
	some category in categories
	data.law.special[category]
}

has_offence if {
	some category in categories
	data.law.offence[category]
}

# Codes without a name breach nobody's confidence: R v Department of Health, ex parte Source Informatics [2000] 1 All ER 786.
has_confidential if {
	_is_confidential
	not is_for_analysis
}

_is_confidential if {
	some category in categories
	data.law.confidential[category]
}

_is_confidential if input.sender.kind == "health"

is_for_analysis if input.candidate.kind == "analyst"

is_safeguarding if input.candidate.purpose in {"safeguarding", "child_protection_enquiry", "encompass_notification", "child_death_review"}
