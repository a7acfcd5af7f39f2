# METADATA
# scope: package
# title: Doubt waits for a person
# description: Where the sender says the family or child said no, that telling may do more harm, or that it is unsure, a person decides within the clock. Doubt never delays a red report to the front door; a no does not stop level 4 or a duty.
# related_resources:
#   - description: Information sharing, advice for practitioners, golden rules 3 and 4
#     ref: https://www.gov.uk/government/publications/safeguarding-practitioners-information-sharing-advice
# custom:
#   owner: mash-manager
#   effective_from: 2025-04-01
#   codes:
#     - code: caution.dissent
#       kind: [ask]
#       message: The family or the child said no
#       would_allow: A manager finds that keeping the child safe outweighs it, and the person is told where that is safe
#     - code: caution.more_detrimental
#       kind: [ask]
#       message: The sender thinks that sharing may do the child more harm than not sharing
#       would_allow: A manager weighs both harms and decides
#     - code: caution.unsure
#       kind: [ask]
#       message: The sender is unsure and asks for advice
#       would_allow: A manager or Caldicott Guardian advises
#     - code: caution.record_no
#       kind: [obligation]
#       message: The family or the child said no. Record why it is shared all the same, and tell them where that is safe
package mash.rules.caution

import data.mash.facts

asks contains {"code": "caution.dissent", "detail": {}} if {
	input.event.claims.dissent == true
	not _overrides_a_no
}

asks contains {"code": "caution.more_detrimental", "detail": {}} if input.event.claims.more_detrimental == true

asks contains {"code": "caution.unsure", "detail": {}} if {
	input.event.claims.unsure == true
	not _is_red_to_front_door
}

obligations contains {"code": "caution.record_no", "detail": {}} if input.event.claims.dissent == true

_overrides_a_no if input.event.level.value == 4

_overrides_a_no if facts.has_duty

_overrides_a_no if input.child.section_47.value == true

_is_red_to_front_door if {
	input.event.grade.value == "red"
	input.candidate.kind == "mash_core"
}
