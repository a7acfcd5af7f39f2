# What people have decided. Reads approvals as facts, each only as far as its role may decide that question for this recipient.
package mash.facts

_for_this_recipient(approval) if approval.recipient == ""

_for_this_recipient(approval) if approval.recipient == input.candidate.recipient

decided contains {"ask": approval.ask, "scope": approval.scope, "granted": approval.granted, "at": approval.at, "person": approval.person} if {
	some approval in input.approvals
	_for_this_recipient(approval)
	terms.approvals[approval.ask][approval.role]
}

# The latest word stands; at the same second a refusal does.
_overtaken(decision) if {
	some later in decided
	later.ask == decision.ask
	later.scope == decision.scope
	later.at > decision.at
}

_overtaken(decision) if {
	decision.granted == true
	some other in decided
	other.ask == decision.ask
	other.scope == decision.scope
	other.at == decision.at
	other.granted == false
}

standing contains decision if {
	some decision in decided
	not _overtaken(decision)
}

cleared contains decision.ask if {
	some decision in standing
	decision.granted == true
	decision.scope == ""
}

refused contains decision.ask if {
	some decision in standing
	decision.granted == false
	decision.scope == ""
}

cleared_parts contains {"code": decision.ask, "category": decision.scope} if {
	some decision in standing
	decision.granted == true
}

refused_parts contains {"code": decision.ask, "category": decision.scope} if {
	some decision in standing
	decision.granted == false
}

is_part_cleared(code, _) if {
	code in cleared
	not code in refused
}

is_part_cleared(code, category) if {"code": code, "category": category} in cleared_parts

is_part_refused(code, _) if code in refused

is_part_refused(code, category) if {"code": code, "category": category} in refused_parts
