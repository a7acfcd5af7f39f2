# METADATA
# scope: package
# title: What may not even leave the agency
# description: Protected people, adoption, sexual health and intelligence under conditions leave no trace outside. A level 1 report stays; of a police one a notice leaves, that there was one.
# related_resources:
#   - description: UK GDPR Article 25, data protection by design
#     ref: https://www.legislation.gov.uk/eur/2016/679/article/25
# custom:
#   owner: partnership-dpo
#   effective_from: 2025-04-01
#   codes:
#     - code: edge.protected_person
#       kind: [bar]
#       forbids: true
#       visibility: {sender: show, recipient: nothing, mash: nothing, dpo: nothing}
#       message: This names a protected person and stays with the agency
#       would_allow: Nothing here; the force's protected persons unit is the only route
#     - code: edge.adoption
#       kind: [bar]
#       forbids: true
#       visibility: {sender: show, recipient: nothing, mash: nothing, dpo: nothing}
#       message: This could link a child's identities from before and after adoption and stays with the agency
#       would_allow: The adoption gatekeeper decides, outside the exchange
#     - code: edge.sexual_health
#       kind: [bar]
#       visibility: {sender: show, recipient: nothing, mash: nothing, dpo: nothing}
#       message: Sexual health information stays with the agency
#       would_allow: The Caldicott Guardian releases what bears on the risk, as a concern of its own
#     - code: edge.intelligence
#       kind: [bar]
#       visibility: {sender: show, recipient: nothing, mash: nothing, dpo: nothing}
#       message: Intelligence under conditions stays with the force
#       would_allow: The intelligence owner releases it under handling code P
#     - code: edge.level_one
#       kind: [bar]
#       message: Level 1 reports without a safeguarding concern stay with the agency
#       would_allow: Report it at a higher level with the reason, or ring the front door
package mash.at_the_edge

import data.mash.facts

_statutory contains {"code": row.code, "detail": {}} if {
	some row in data.law.bars
	row.from <= input.now
	input.now < row.to
	row.restriction in input.event.restrictions
}

_guarded := {
	"adoption": "edge.adoption",
	"sexual_health": "edge.sexual_health",
	"intelligence_conditions": "edge.intelligence",
}

_silent contains reason if some reason in _statutory

_silent contains {"code": _guarded[restriction], "detail": {}} if some restriction in input.event.restrictions

_silent contains {"code": "edge.adoption", "detail": {}} if {
	some pair in input.event.categories
	pair.category == "adoption.prior_identity"
}

_silent contains {"code": "edge.protected_person", "detail": {}} if {
	some pair in input.event.categories
	pair.category == "protected_person"
}

_silent contains {"code": "edge.intelligence", "detail": {}} if {
	some pair in input.event.categories
	pair.category == "police.intel"
	not _is_handling_p
}

_is_handling_p if input.event.handling_code == "P"

_level_one contains {"code": "edge.level_one", "detail": {"level": 1}} if {
	_is_gated
	input.event.level.value == 1
	not facts.is_said_to_be_red
}

_level_one contains {"code": "edge.level_one", "detail": {"grade": "blue"}} if {
	_is_gated
	input.event.grade.value == "blue"
	not facts.is_said_to_be_acute
}

default _is_gated := true

_is_gated := data.catalogue[input.event.type].gated if not _is_due_at_any_level

_is_gated := false if _is_due_at_any_level

# What a duty without a threshold demands leaves at any level.
_is_due_at_any_level if input.event.fgm_known == true

bars := _silent | _level_one

default effect := "keep"

effect := "send" if count(bars) == 0

effect := "notice" if {
	count(_silent) == 0
	count(_level_one) > 0
	input.sender.kind == "police"
}
