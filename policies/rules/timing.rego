# METADATA
# scope: package
# title: A planned arrest is not warned of
# description: Until the time the force named, only police and the front door hear; everyone else waits for a person or for that time.
# related_resources:
#   - description: Data Protection Act 2018 Schedule 2 paragraph 2, crime
#     ref: https://www.legislation.gov.uk/ukpga/2018/12/schedule/2
# custom:
#   owner: police-mash
#   effective_from: 2025-04-01
#   codes:
#     - code: timing.planned_arrest
#       kind: [ask]
#       visibility: {sender: show, recipient: nothing, mash: show, dpo: show}
#       message: Sharing now would warn of a planned arrest
#       would_allow: The time the force named has come, or a manager decides with the force
package mash.rules.timing

asks contains {"code": "timing.planned_arrest", "detail": {}} if {
	input.now < input.event.not_before
	not _may_know
}

_may_know if input.candidate.kind in {"police_mash", "mash_core"}
