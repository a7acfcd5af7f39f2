# METADATA
# scope: package
# title: The recipient still has to do with the child
# description: A relation that was last vouched for too long ago is unknown, and unknown goes to the front door. Whoever holds the child's old address is still told that it no longer stands.
# related_resources:
#   - description: UK GDPR Article 5(1)(d), accuracy
#     ref: https://www.legislation.gov.uk/eur/2016/679/article/5
# custom:
#   owner: partnership-dpo
#   effective_from: 2025-04-01
#   codes:
#     - code: relation.not_current
#       kind: [bar]
#       message: It is not certain that this recipient still has to do with the child
#       would_allow: The agency that knows confirms the relation; the front door is told meanwhile
package mash.rules.relation

import data.mash.facts

bars contains {"code": "relation.not_current", "detail": {"relation": input.candidate.relation, "confidence": input.candidate.confidence}} if {
	not _is_current
	not _held_the_old_address
	not _has_its_own_rule
}

_is_current if input.candidate.confidence == "verified"

_held_the_old_address if {
	facts.tells_of_a_move
	input.candidate.held_old_address == true
}

# Operation Encompass says by itself what a stale roll means.
_has_its_own_rule if input.candidate.purpose == "encompass_notification"
