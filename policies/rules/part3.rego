# METADATA
# scope: package
# title: Police data leave Part 3 only where authorised by law
# description: Information held for a law enforcement purpose goes to a body outside policing only if a law authorises it; the first of two legs, before a lawful basis under UK GDPR.
# related_resources:
#   - description: Data Protection Act 2018 section 36(4)
#     ref: https://www.legislation.gov.uk/ukpga/2018/12/section/36
# custom:
#   owner: police-dpo
#   effective_from: 2025-04-01
#   codes:
#     - code: part3.no_exit
#       kind: [bar]
#       forbids: true
#       message: No law authorises police to give this for a purpose outside law enforcement
#       would_allow: Name the statute or the policing purpose that authorises it
#     - code: part3.authorised
#       kind: [ground]
#       message: A law authorises police to share this outside law enforcement
package mash.rules.part3

import data.mash.facts

grounds contains {"code": "part3.authorised", "detail": {"exit": facts.part3_exit}} if facts.leaves_part3

bars contains {"code": "part3.no_exit", "detail": {"purpose": input.candidate.purpose}} if {
	facts.leaves_part3
	not facts.part3_exit
}
