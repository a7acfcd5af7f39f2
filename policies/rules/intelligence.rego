# METADATA
# scope: package
# title: Intelligence travels by its handling code
# description: Code P goes to police whole and to the hub as key facts. Code C, and intelligence without a code, waits for the intelligence owner; nobody else learns of it.
# related_resources:
#   - description: College of Policing, intelligence report handling codes
#     ref: https://www.college.police.uk/app/intelligence-management
# custom:
#   owner: intelligence-owner
#   effective_from: 2025-04-01
#   codes:
#     - code: intelligence.conditions
#       kind: [ask]
#       visibility: {sender: show, recipient: nothing, mash: ask_the_mash, dpo: show}
#       message: This intelligence may be shared only under conditions
#       would_allow: The intelligence owner releases it with its conditions
package mash.rules.intelligence

import data.mash.facts

caps contains {"category": "police.intel", "about": pair.about, "form": "ask", "code": "intelligence.conditions"} if {
	some pair in input.event.categories
	pair.category == "police.intel"
	not _is_free
	not _is_police
}

asks contains {"code": "intelligence.conditions", "detail": {}} if {
	"intelligence_conditions" in input.event.restrictions
	not _is_police
}

# Intelligence that stands under another category cannot be kept apart from the rest.
asks contains {"code": "intelligence.conditions", "detail": {}} if {
	"intelligence" in input.event.entry_kinds
	not "police.intel" in facts.categories
	not _is_free
	not _is_police
}

_is_free if {
	input.event.handling_code == "P"
	not "intelligence_conditions" in facts.restrictions
}

_is_police if input.candidate.kind == "police_mash"
