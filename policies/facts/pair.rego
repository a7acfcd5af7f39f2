# Who tells whom, and under which terms. Finds the agreement that covers sender and recipient, and the terms that apply between them.
package mash.facts

# The agreement that both have signed. Undefined where there is none.
covering := data.agreements[data.pairs[input.sender.id][input.candidate.recipient]]

is_covered if covering.id

# Forms, clocks and deciding roles: the covering agreement's, else those of the agreement that lists the recipient.
default terms := {"id": "", "columns": {}, "matrix": {}, "free_text": {}, "clocks": {}, "approvals": {}, "switches": {}}

terms := covering

terms := data.agreements[data.recipients[input.candidate.recipient]] if not is_covered

recipient := terms.recipients[input.candidate.recipient]

default column := "none"

column := recipient.column

default agreement_state := "missing"

agreement_state := covering.state if covering.state in {"draft", "proposed", "signed", "suspended", "terminated"}

agreement_state := "not_started" if {
	covering.state == "active"
	input.now < covering.valid_from
}

agreement_state := "expired" if {
	covering.state == "active"
	input.now >= covering.valid_to
}

agreement_state := "review_overdue" if {
	covering.state == "active"
	input.now >= covering.valid_from
	input.now < covering.valid_to
	input.now >= covering.review_due
}

agreement_state := "active" if {
	covering.state == "active"
	input.now >= covering.valid_from
	input.now < covering.valid_to
	input.now < covering.review_due
}

is_live if agreement_state in {"active", "review_overdue"}

default necessity := ""

necessity := terms.purposes[input.candidate.purpose].necessity[input.event.type][input.candidate.kind]

default consent_reason := ""

consent_reason := input.event.claims.consent_not_sought if count(input.event.claims.consent_not_sought) > 0

consent_reason := terms.purposes[input.candidate.purpose].consent_not_sought if {
	input.event.claims.consent_not_sought == ""
}
