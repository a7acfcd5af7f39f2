# METADATA
# scope: package
# title: A restricted record is kept, and used only where the law says
# description: While the processing of a child's record is restricted, nothing of it is shared or shown but under a duty, in a section 47 enquiry, or where a child is in danger now; else the data protection officer decides.
# related_resources:
#   - description: UK GDPR Article 18, right to restriction of processing
#     ref: https://www.legislation.gov.uk/eur/2016/679/article/18
# custom:
#   owner: partnership-dpo
#   effective_from: 2025-04-01
#   codes:
#     - code: processing.restricted
#       kind: [ask]
#       message: The use of this child's record is restricted
#       would_allow: The data protection officer finds consent, a legal claim, another person's rights or an important public interest
#     - code: processing.only_for_this
#       kind: [obligation]
#       message: The use of this child's record is restricted. Use this for the purpose named here and for nothing else
package mash.rules.processing

import data.mash.facts

asks contains {"code": "processing.restricted", "detail": {}} if {
	_is_restricted
	not _law_allows
}

obligations contains {"code": "processing.only_for_this", "detail": {}} if _is_restricted

_is_restricted if input.child.processing_restricted == true

_law_allows if facts.has_duty

_law_allows if input.event.grade.value == "red"

_law_allows if input.child.section_47.value == true

_law_allows if input.operation == "subject_access"
