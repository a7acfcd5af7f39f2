# METADATA
# scope: package
# title: The child is known for certain
# description: Where it is not sure which child a report is about, nothing goes into any child's view. A red report still reaches the front door, marked so.
# related_resources:
#   - description: UK GDPR Article 5(1)(d), accuracy
#     ref: https://www.legislation.gov.uk/eur/2016/679/article/5
# custom:
#   owner: partnership-dpo
#   effective_from: 2025-04-01
#   codes:
#     - code: identity.unsure
#       kind: [ask]
#       message: It is not certain which child this report is about
#       would_allow: A person compares the details and says whether this is the same child
#     - code: identity.front_door_only
#       kind: [bar]
#       message: It is not certain which child this is, so only the front door is told
#       would_allow: A person says which child this is; everyone else is then considered
#     - code: identity.unmatched
#       kind: [obligation]
#       message: This report is not matched to a child. Check who it is about before you act on it or add it to any record
package mash.rules.identity

asks contains {"code": "identity.unsure", "detail": {}} if {
	input.event.identity_unsure == true
	not _is_red
}

bars contains {"code": "identity.front_door_only", "detail": {}} if {
	input.event.identity_unsure == true
	_is_red
	not _is_front_door
}

obligations contains {"code": "identity.unmatched", "detail": {}} if input.event.identity_unsure == true

_is_red if input.event.grade.value == "red"

_is_front_door if input.candidate.kind == "mash_core"
