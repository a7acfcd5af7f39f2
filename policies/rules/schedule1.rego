# METADATA
# scope: package
# title: The Schedule 1 condition is met
# description: A condition for special category or offence data needs to be in force, needs a live appropriate policy document, and, for safeguarding, the reason why consent was not sought. Health care between clinicians needs neither.
# related_resources:
#   - description: Data Protection Act 2018 Schedule 1 paragraphs 18, 36 and 38 to 41
#     ref: https://www.legislation.gov.uk/ukpga/2018/12/schedule/1
# custom:
#   owner: partnership-dpo
#   effective_from: 2025-04-01
#   codes:
#     - code: schedule1.not_in_force
#       kind: [bar]
#       forbids: true
#       message: The Schedule 1 condition is not in force
#       would_allow: Ask your data protection officer for a condition in force
#     - code: schedule1.document_lapsed
#       kind: [ask, bar]
#       message: The sender's appropriate policy document is missing or past its review
#       would_allow: The sender reviews its appropriate policy document, or a manager decides on another condition
#     - code: schedule1.consent_reason
#       kind: [ask]
#       message: Nobody has said why consent was not sought
#       would_allow: Say that consent cannot be given, cannot reasonably be obtained, or that asking would prejudice the child's protection
package mash.rules.schedule1

import data.mash.facts

bars contains {"code": "schedule1.not_in_force", "detail": {"paragraph": facts.condition}} if {
	facts.needs_condition
	not _is_in_force
}

asks contains {"code": "schedule1.document_lapsed", "detail": {"paragraph": facts.condition}} if {
	_lacks_document
	facts.is_urgent
}

bars contains {"code": "schedule1.document_lapsed", "detail": {"paragraph": facts.condition}} if {
	_lacks_document
	not facts.is_urgent
}

asks contains {"code": "schedule1.consent_reason", "detail": {"paragraph": facts.condition}} if {
	facts.needs_condition
	data.law.conditions[facts.condition].consent_reason == true
	not _says_why
}

_is_in_force if facts.in_force(data.law.conditions[facts.condition])

_lacks_document if {
	facts.needs_condition
	data.law.conditions[facts.condition].policy_document == true
	not facts.has_live_document
}

_says_why if count(facts.consent_reason) > 0
