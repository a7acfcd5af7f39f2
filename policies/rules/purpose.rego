# METADATA
# scope: package
# title: The purpose is one the agreement names
# description: Bars a purpose that the agreement does not name for this kind of event and recipient, and quotes why the share is necessary where it does.
# related_resources:
#   - description: UK GDPR Article 5(1)(b), purpose limitation
#     ref: https://www.legislation.gov.uk/eur/2016/679/article/5
# custom:
#   owner: partnership-board
#   effective_from: 2025-04-01
#   codes:
#     - code: purpose.necessary
#       kind: [ground]
#       message: The agreement says why this recipient needs this
#     - code: purpose.not_covered
#       kind: [bar]
#       forbids: true
#       message: The agreement does not name this purpose for this kind of report and recipient
#       would_allow: The partners add the purpose with the reason why it is necessary
#     - code: purpose.incompatible
#       kind: [bar]
#       forbids: true
#       message: This purpose is not compatible with why the information was collected
#       would_allow: Nothing; safeguarding information is never given for this purpose
#     - code: party.processor_only
#       kind: [bar]
#       forbids: true
#       message: The recipient takes part only as a processor and may not receive for itself
#       would_allow: Nothing; a processor acts only on a controller's instructions
package mash.rules.purpose

import data.mash.facts

_incompatible := {"marketing", "immigration_enforcement"}

grounds contains {"code": "purpose.necessary", "detail": {"purpose": input.candidate.purpose}} if _is_covered

bars contains {"code": "purpose.not_covered", "detail": {"purpose": input.candidate.purpose}} if not _is_covered

bars contains {"code": "purpose.incompatible", "detail": {"purpose": purpose}} if some purpose in (_wanted & _incompatible)

bars contains {"code": "party.processor_only", "detail": {}} if _is_processor

obligations contains {"code": "tell.dpo", "detail": {"about": "purpose.incompatible"}} if {
	count(_wanted & _incompatible) > 0
}

obligations contains {"code": "tell.dpo", "detail": {"about": "party.processor_only"}} if _is_processor

_is_covered if count(facts.necessity) > 0

_is_processor if input.candidate.kind == "vendor"

_is_processor if facts.terms.parties[facts.recipient.agency].capacity == "processor"

_wanted contains input.candidate.purpose

_wanted contains input.request.purpose if input.request != null
