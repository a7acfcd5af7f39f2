# METADATA
# scope: package
# title: Analysis needs nobody's name
# description: Whoever analyses how the partnership works is given what was recorded as codes, under a name of its own for each child, and never who anybody is or where they live. Of who reported it is told what kind of agency that is, and of when it was the day.
# related_resources:
#   - description: UK GDPR Articles 5(1)(c) and 89(1)
#     ref: https://www.legislation.gov.uk/eur/2016/679/article/89
#   - description: Working Together to Safeguard Children, on data for joint analysis
#     ref: https://www.gov.uk/government/publications/working-together-to-safeguard-children--2
# custom:
#   owner: partnership-dpo
#   effective_from: 2025-04-01
#   codes:
#     - code: analysis.no_names
#       kind: [obligation]
#       message: Work with these records as they are; do not try to find out who anybody is
#     - code: analysis.small_numbers
#       kind: [obligation]
#       message: Show no count under five, alone or by subtraction
package mash.rules.analysis

import data.mash.facts

obligations contains {"code": code, "detail": {}} if {
	facts.is_for_analysis
	some code in ["analysis.no_names", "analysis.small_numbers"]
}

caps contains {"category": part.category, "about": part.about, "form": "withhold", "code": ""} if {
	facts.is_for_analysis
	some part in input.event.categories
	_tells_who(part)
}

caps contains {"category": part.category, "about": part.about, "form": "summary", "code": ""} if {
	facts.is_for_analysis
	some part in input.event.categories
}

_tells_who(part) if part.category in {"id.core", "id.address", "id.restricted_address", "professional_contact", "third_party", "informant", "adoption.prior_identity", "relation.household", "child_voice", "event.meta"}

_tells_who(part) if part.about != "child"
