# METADATA
# scope: package
# title: A condition covers special category data
# description: Bars a share that holds health, ethnicity, belief or similar data where no Article 9 condition in force fits sender and recipient.
# related_resources:
#   - description: UK GDPR Article 9
#     ref: https://www.legislation.gov.uk/eur/2016/679/article/9
# custom:
#   owner: partnership-dpo
#   effective_from: 2025-04-01
#   codes:
#     - code: special_category.no_condition
#       kind: [bar]
#       forbids: true
#       message: No condition in force covers the special category data in this report
#       would_allow: Name the condition in Article 9(2), or ask your data protection officer
package mash.rules.special_category

import data.mash.facts

bars contains {"code": "special_category.no_condition", "detail": {}} if {
	facts.has_special
	not facts.article9
}
