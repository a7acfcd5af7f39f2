# METADATA
# scope: package
# title: A nursery is told once a manager decides
# description: The duty to tell schools of domestic abuse covers reception to 17. A nursery may be told, but a manager decides each time; then it is treated as a school's safeguarding lead.
# related_resources:
#   - description: Information sharing duty, Operation Encompass
#     ref: https://www.gov.uk/government/publications/information-sharing-duty-operation-encompass
# custom:
#   owner: mash-manager
#   effective_from: 2025-04-01
#   codes:
#     - code: nursery.manager_decides
#       kind: [ask]
#       message: A manager decides whether the nursery is told
#       would_allow: A manager decides that the nursery's safeguarding lead needs to know
package mash.rules.nursery

asks contains {"code": "nursery.manager_decides", "detail": {}} if {
	input.operation == "share"
	input.candidate.kind == "nursery"
	not _held_the_old_address
}

_held_the_old_address if input.candidate.held_old_address == true
