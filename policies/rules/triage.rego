# METADATA
# scope: package
# title: An open case goes to its worker, not to triage
# description: Where the agreement says so, what concerns a child with an open case goes to the allocated worker and is not put to the front door again. What is red goes to both, and so does a new place of a child who may need to stay hidden; where no worker is known for certain the front door hears as ever.
# related_resources:
#   - description: London continuum of need, on open cases
#     ref: http://mastonline.co.uk/referral-guide/multi-agency-safeguarding-hubs-mash/london-continuum-of-need-brag/
# custom:
#   owner: mash-manager
#   effective_from: 2025-04-01
#   codes:
#     - code: triage.worker_has_the_case
#       kind: [bar]
#       message: The child has an open case here, and its worker is told instead of the front door
#       would_allow: The report is red, tells of a hidden move, or no worker is known for certain
package mash.rules.triage

import data.mash.facts

bars contains {"code": "triage.worker_has_the_case", "detail": {}} if {
	facts.terms.open_cases_bypass_triage == true
	input.operation == "share"
	input.candidate.kind == "mash_core"
	input.event.grade.value in {"amber", "green", "blue"}
	facts.has_open_case
	_worker_is_told
	not facts.tells_of_a_move
	not facts.is_hidden_move
}

# By this very report, and under the same agreement.
_worker_is_told if {
	some other in input.candidates
	other.relation == "allocated_worker"
	other.confidence == "verified"
	data.pairs[input.sender.id][other.recipient] == facts.covering.id
}
