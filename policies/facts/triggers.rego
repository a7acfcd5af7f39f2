# What opens a statute's duty or power. Names what must be so of the report, the child or the sender.
package mash.facts

triggers contains "domestic_abuse" if data.catalogue[input.event.type].domestic_abuse == true

triggers contains "domestic_abuse" if "domestic_abuse" in input.event.restrictions

triggers contains "section_47" if input.child.section_47.value == true

triggers contains "fgm_known" if {
	input.event.fgm_known == true
	input.child.age < 18
}

triggers contains "sexual_offence_told" if {
	input.event.sexual_offence_told == true
	input.child.age < 18
}

triggers contains "absence_return" if {
	input.event.type == "uk.mash.school.absence.returned.v1"
	input.event.return_due == true
}

triggers contains "child_death" if input.event.type in {"uk.mash.health.death.notified.v1", "uk.mash.health.death.retracted.v1"}

# Whoever is asked about a child who has died must answer the review.
triggers contains "child_death" if {
	input.operation == "answer"
	input.child.has_died == true
}

triggers contains "no_objection" if not _is_objected_to

_is_objected_to if input.event.claims.dissent == true

triggers contains "asked_under_16h" if {
	input.operation == "answer"
	input.request.under == "CA2004-16H"
}

triggers contains "asked_under_27" if {
	input.operation == "answer"
	input.request.under == "CA1989-27"
}

triggers contains "public_sender" if input.sender.public_authority == true

# Reception to the eighteenth birthday; a child of unknown age who is on a school's roll counts.
triggers contains "school_age" if {
	input.child.age >= 5
	input.child.age < 18
}

# At four some are in reception, and others still at a nursery: of those neither is a candidate.
triggers contains "school_age" if {
	input.child.age == 4
	input.candidate.kind in {"school", "la_education"}
}

triggers contains "school_age" if {
	input.child.age == -1
	input.child.is_unborn == false
	input.candidate.relation == "school"
}
