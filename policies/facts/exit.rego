# How law enforcement data leaves Part 3 of the Act. Who leaves it, and by which exit in force.
package mash.facts

leaves_part3 if {
	input.sender.competent_authority == true
	not _stays_in_part3
}

_stays_in_part3 if input.candidate.kind in {"police_mash", "probation", "youth_justice"}

part3_exits := [row.id |
	some row in data.law.part3_exits
	in_force(row)
	row.purposes[input.candidate.purpose]
	fits_party(row.senders, input.sender.kind)
	fits_exit(row)
]

# An exit that a duty opens stands on the facts of that duty.
fits_exit(row) if row.duty == ""

fits_exit(row) if row.duty == gateway.id

part3_exit := part3_exits[0]
