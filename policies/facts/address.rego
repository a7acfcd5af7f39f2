# A new place of a child who may need to stay hidden. Who hears of it, and which values tell it.
package mash.facts

default is_hidden_move := false

# The event carries a new place, and places of this child are guarded.
is_hidden_move if {
	_is_guarded
	_carries_a_place
}

# The event itself says that the child has moved, whatever values it holds.
tells_of_a_move if {
	_is_guarded
	data.catalogue[input.event.type].is_move == true
}

tells_of_a_move if {
	_is_guarded
	input.event.new_address == true
	data.catalogue[input.event.type].relocates == true
}

_is_guarded if input.child.address_guarded == true

# What the report says of abuse guards what comes after it, not the place where it happened.
_is_guarded if {
	some restriction in input.event.restrictions
	restriction in {"marac", "restricted_address"}
}

_carries_a_place if input.event.new_address == true

_carries_a_place if data.catalogue[input.event.type].is_move == true

default move_role := "stranger"

move_role := "front_door" if input.candidate.kind == "mash_core"

move_role := "worker" if _works_with_the_child

# Whoever held the old address must know that it no longer stands; whoever rightly asks must be able to make contact.
move_role := "needs_contact" if {
	_needs_contact
	_is_of_a_contacting_kind
	not _works_with_the_child
}

_needs_contact if input.candidate.held_old_address == true

_needs_contact if {
	input.operation == "answer"
	input.candidate.confidence == "verified"
}

_is_of_a_contacting_kind if input.candidate.kind in {"csc_team", "police_mash", "gp", "health_visitor", "school", "nursery", "la_education", "health_safeguarding", "midwifery", "school_nurse", "camhs", "emergency_department"}

# Or is to: the team of the authority that takes over.
_works_with_the_child if {
	input.candidate.kind == "csc_team"
	input.candidate.relation in {"allocated_worker", "receiving_authority"}
}

# The parts that tell the new place: the rule on new addresses decides on them, in place of the matrix.
moved_parts contains pair if {
	is_hidden_move
	some pair in input.event.locating
	pair.category in {"id.address", "id.restricted_address"}
}

is_moved(part) if {"category": part[0], "about": part[1]} in moved_parts

# Where the child's own place stands behind "kept back, contact through" and whoever rightly asks has asked for it by name: its holder may tell it.
is_asked_of_its_holder(part) if {
	input.operation == "answer"
	part[1] == "child"
	part[0] in {"id.address", "id.restricted_address"}
	part[0] in input.request.what
	input.candidate.confidence == "verified"
	_stands_behind_a_token(part)
}

_stands_behind_a_token(part) if {
	is_moved(part)
	move_role == "needs_contact"
}

_stands_behind_a_token(part) if {
	not is_moved(part)
	terms.matrix[column][part[0]][part[1]].form == "token"
}
