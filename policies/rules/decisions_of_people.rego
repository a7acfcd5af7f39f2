# METADATA
# scope: package
# title: A person's no is a no
# description: Where a role that may decide a question decided against, the share or that part of it is withheld.
# related_resources:
#   - description: Information sharing, advice for practitioners, golden rule 7
#     ref: https://www.gov.uk/government/publications/safeguarding-practitioners-information-sharing-advice
# custom:
#   owner: mash-manager
#   effective_from: 2025-04-01
#   codes:
#     - code: approval.refused
#       kind: [bar]
#       message: A person decided against sharing this
#       would_allow: A manager decides again on new facts
package mash.rules.decisions_of_people

import data.mash.facts

# Questions about a part keep back that part only; see the forms.
_about_a_part := {"minimise.restricted_address", "minimise.sexual_health", "minimise.adoption", "minimise.privileged", "new_address.worker"}

bars contains {"code": "approval.refused", "detail": {"question": code}} if {
	some code in facts.refused
	not code in _about_a_part
	_concerns(code)
}

# A no to what was requested is no to that alone: it takes nothing of what is told unasked.
_of_a_request := {"answer.no_grounds", "subject_access.controller_decides", "victim_material.tests"}

_concerns(code) if not code in _of_a_request

_concerns("answer.no_grounds") if input.operation == "answer"

_concerns("subject_access.controller_decides") if input.operation == "subject_access"

_concerns("victim_material.tests") if input.candidate.purpose == "crime_prevention"
