# What lifts the duty of confidence. Statute, public interest, consent or shared care, whichever comes first.
package mash.facts

default confidentiality_route := ""

confidentiality_route := "not_confidential" if not has_confidential

confidentiality_route := "statute" if {
	has_confidential
	has_duty
}

confidentiality_route := "statute" if {
	has_confidential
	not has_duty
	input.sender.kind in {"local_authority", "mash"}
}

confidentiality_route := "policing_purpose" if {
	has_confidential
	not has_duty
	input.sender.kind == "police"
}

confidentiality_route := "implied_consent" if {
	is_between_carers
	not has_duty
}

confidentiality_route := "public_interest" if {
	may_weigh_public_interest
	is_weighed
}

confidentiality_route := "consent" if {
	may_weigh_public_interest
	not is_weighed
	input.event.claims.service_agreement == "agreed"
	_is_for_the_service
}

# Who agrees to be helped agrees that those who help know, and to nothing else.
_is_for_the_service if input.candidate.purpose in {"early_help", "safeguarding", "direct_care", "case_work"}

is_between_carers if {
	has_confidential
	input.sender.kind == "health"
	input.candidate.kind in {"gp", "health_visitor", "midwifery", "school_nurse", "camhs", "emergency_department"}
}

may_weigh_public_interest if {
	has_confidential
	not has_duty
	not is_between_carers
	input.sender.kind in {"health", "school", "voluntary", "housing", "probation"}
}

is_weighed if {
	is_safeguarding
	is_grave
}

# What a view holds was weighed when it was released.
is_weighed if input.operation == "read"

is_grave if input.event.level.value >= 3

is_grave if has_open_case
