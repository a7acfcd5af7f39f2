# METADATA
# scope: package
# title: A condition covers offence data
# description: Bars convictions, allegations and proceedings unless the sender holds them under official authority or a Schedule 1 condition with its extension is in force.
# related_resources:
#   - description: UK GDPR Article 10
#     ref: https://www.legislation.gov.uk/eur/2016/679/article/10
# custom:
#   owner: partnership-dpo
#   effective_from: 2025-04-01
#   codes:
#     - code: offence_data.no_condition
#       kind: [bar]
#       forbids: true
#       message: No condition in force covers the offence data in this report
#       would_allow: Name the Schedule 1 condition, or ask your data protection officer
package mash.rules.offence_data

import data.mash.facts

bars contains {"code": "offence_data.no_condition", "detail": {}} if {
	facts.has_offence
	not _is_met
}

_is_met if facts.article10 == "official_authority"

_is_met if {
	facts.article10 == "schedule1"
	facts.in_force(data.law.conditions["36"])
	facts.in_force(data.law.conditions[facts.condition])
}
