# METADATA
# scope: package
# title: What every recipient must do
# description: Every share carries its caveats - fact is kept apart from opinion and allegation, a status holds as at its date, nothing goes further without the sender, and receipt is confirmed in time.
# related_resources:
#   - description: Data Protection Act 2018 section 38
#     ref: https://www.legislation.gov.uk/ukpga/2018/12/section/38
#   - description: Information sharing, advice for practitioners, golden rule 6
#     ref: https://www.gov.uk/government/publications/safeguarding-practitioners-information-sharing-advice
# custom:
#   owner: partnership-dpo
#   effective_from: 2025-04-01
#   codes:
#     - code: caveat.no_onward_sharing
#       kind: [obligation]
#       message: Do not pass this on without the agreement of the agency that sent it, unless the law requires it or somebody is in immediate danger
#     - code: caveat.not_all_fact
#       kind: [obligation]
#       message: Part of this is opinion, allegation or intelligence, and is marked so. Keep the marks when you record it
#     - code: caveat.status_as_at
#       kind: [obligation]
#       message: What is said of a person's status holds as at its date; check before you rely on it
#     - code: receipt.opened
#       kind: [obligation]
#       message: The named role opens this within the time shown
#     - code: caveat.keep_parents_informed_safely
#       kind: [obligation]
#       message: Do not tell the family of this unless the agency named for it has decided that it is safe
package mash.rules.caveats

import data.mash.facts

obligations contains {"code": "caveat.no_onward_sharing", "detail": {}}

obligations contains {"code": "caveat.keep_parents_informed_safely", "detail": {}} if input.operation == "share"

obligations contains {"code": "caveat.not_all_fact", "detail": {}} if {
	some kind in input.event.entry_kinds
	kind in {"opinion", "allegation", "intelligence"}
}

obligations contains {"code": "caveat.status_as_at", "detail": {}} if facts.has_offence

obligations contains {"code": "receipt.opened", "detail": {"clock": input.event.grade.value, "hours": facts.terms.clocks[input.event.grade.value].hours}} if {
	input.operation == "share"
}
