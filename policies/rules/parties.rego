# METADATA
# scope: package
# title: The recipient and its role are parties
# description: Bars a recipient that is in no agreement's directory, under another kind than the directory says, or in a role that has not signed.
# related_resources:
#   - description: Caldicott Principle 4, access on a strict need-to-know basis
#     ref: https://www.gov.uk/government/publications/the-caldicott-principles
# custom:
#   owner: partnership-board
#   effective_from: 2025-04-01
#   codes:
#     - code: party.recipient_unknown
#       kind: [bar]
#       forbids: true
#       message: The recipient is in no agreement's directory
#       would_allow: The organisation joins the agreement, or a person decides on another route outside the exchange
#     - code: party.kind_differs
#       kind: [bar]
#       forbids: true
#       message: The recipient is not what the directory says it is
#       would_allow: Correct the directory
#     - code: party.role_not_named
#       kind: [bar]
#       forbids: true
#       message: The recipient's role is not named in the agreement
#       would_allow: Address a role that the agreement names, or the partners add this one
#     - code: party.not_theirs
#       kind: [bar]
#       forbids: true
#       message: The request names a place of another agency as the one that asks
#       would_allow: The agency whose place it is asks itself
#     - code: party.no_column
#       kind: [bar]
#       message: The agreement gives this kind of recipient nothing
#       would_allow: The partners decide what this kind of recipient may be given
package mash.rules.parties

import data.mash.facts

bars contains {"code": "party.recipient_unknown", "detail": {}} if not data.recipients[input.candidate.recipient]

bars contains {"code": "party.kind_differs", "detail": {"kind": facts.recipient.kind}} if {
	data.recipients[input.candidate.recipient]
	not _is_of_its_kind
}

bars contains {"code": "party.role_not_named", "detail": {"role": input.candidate.role}} if {
	data.recipients[input.candidate.recipient]
	not facts.recipient.roles[input.candidate.role]
}

# The role that a request names, besides the one that opens what comes of it.
bars contains {"code": "party.role_not_named", "detail": {"role": ""}} if {
	data.recipients[input.candidate.recipient]
	input.request.role
	not facts.recipient.roles[input.request.role]
}

bars contains {"code": "party.not_theirs", "detail": {}} if {
	input.event.type == "uk.mash.mash.information.requested.v1"
	data.recipients[input.candidate.recipient]
	not _is_theirs
}

bars contains {"code": "party.no_column", "detail": {"kind": input.candidate.kind}} if {
	data.recipients[input.candidate.recipient]
	not facts.terms.columns[facts.column]
}

_is_theirs if facts.recipient.agency == input.sender.id

_is_of_its_kind if facts.recipient.kind == input.candidate.kind
