# METADATA
# scope: package
# title: The level of need allows sharing
# description: Level 1 is not shared. Level 2 needs the family's agreement to a service, or a person who steps it up, but for a duty that waits for neither. Levels 3 and 4 proceed. The gate never applies to a child with an open case.
# related_resources:
#   - description: Working Together to Safeguard Children
#     ref: https://www.gov.uk/government/publications/working-together-to-safeguard-children--2
# custom:
#   owner: mash-manager
#   effective_from: 2025-04-01
#   codes:
#     - code: level.one
#       kind: [bar]
#       message: Level 1 reports without a safeguarding concern stay with the agency
#       would_allow: Report it at a higher level with the reason, or ring the front door
#     - code: level.agreement_needed
#       kind: [ask]
#       message: At level 2 the family's agreement to a service is needed
#       would_allow: Record that the family agreed, or the front door steps it up to level 3
#     - code: level.front_door_first
#       kind: [bar]
#       message: At level 2 without the family's agreement only the front door is asked
#       would_allow: The family agrees, or the front door steps it up to level 3
package mash.rules.level_gate

import data.mash.facts

# Where somebody's level and grade contradict each other the graver of the two counts.
bars contains {"code": "level.one", "detail": {"level": 1}} if {
	_applies
	input.event.level.value == 1
	not facts.is_said_to_be_red
}

bars contains {"code": "level.one", "detail": {"grade": "blue"}} if {
	_applies
	input.event.grade.value == "blue"
	not facts.is_said_to_be_acute
}

asks contains {"code": "level.agreement_needed", "detail": {"level": 2}} if {
	_lacks_agreement
	_is_front_door
}

bars contains {"code": "level.front_door_first", "detail": {"level": 2}} if {
	_lacks_agreement
	not _is_front_door
}

_applies if {
	facts.is_gated
	not facts.has_open_case
	not facts.is_due_at_any_level
	not _is_known_harm
}

# What is known to have been done to a child is no matter of levels.
_is_known_harm if input.event.fgm_known == true

_lacks_agreement if {
	_applies
	input.event.level.value == 2
	not _is_agreed
	not facts.is_due_without_agreement
}

_is_agreed if input.event.claims.service_agreement == "agreed"

_is_front_door if input.candidate.kind == "mash_core"
