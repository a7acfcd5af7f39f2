# METADATA
# scope: package
# title: A nursery is told once a manager decides
# description: The duty to tell schools of domestic abuse covers reception to 17. A nursery, or a school where the child is younger, may be told, but a manager decides each time; then it is treated as a school's safeguarding lead.
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
#     - code: nursery.before_reception
#       kind: [ask]
#       message: The child is not yet in reception, so a manager decides whether this school is told
#       would_allow: A manager decides that the school's safeguarding lead needs to know
package mash.rules.nursery

import data.mash.facts

asks contains {"code": "nursery.manager_decides", "detail": {}} if {
	input.operation == "share"
	input.candidate.kind == "nursery"
	not _held_the_old_address
	not _follows_what_it_was_told
}

# Of that a manager has decided before.
_follows_what_it_was_told if data.catalogue[input.event.type].goes_to_those_told == true

# Before reception a school stands as a nursery does.
asks contains {"code": "nursery.before_reception", "detail": {}} if {
	input.operation == "share"
	input.candidate.kind == "school"
	input.candidate.purpose == "encompass_notification"
	input.child.age in {0, 1, 2, 3}
}

_held_the_old_address if {
	facts.tells_of_a_move
	input.candidate.held_old_address == true
}
