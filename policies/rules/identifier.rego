# METADATA
# scope: package
# title: The child's number goes along
# description: Where a partnership has switched the duty on, whoever must bear the child's NHS number on what is passed on is told so. Nothing waits for a number that is not known, and what would harm the child more bears none.
# related_resources:
#   - description: Children Act 2004 section 16LC
#     ref: https://www.legislation.gov.uk/ukpga/2004/31/section/16LC
# custom:
#   owner: partnership-dpo
#   effective_from: 2026-06-01
#   codes:
#     - code: identifier.bear
#       kind: [obligation]
#       message: Bear the child's NHS number on what you record and pass on about this child; where it is not known, do not wait for it
package mash.rules.identifier

import data.mash.facts

obligations contains {"code": "identifier.bear", "detail": {"law": row.id}} if {
	some row in data.law.identifiers
	facts.in_force(row)
	facts.is_switched_on(row)
	row.senders[input.sender.kind]
	row.recipients[input.candidate.kind]
	not _is_more_detrimental
}

_is_more_detrimental if input.event.claims.more_detrimental == true
