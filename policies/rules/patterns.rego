# METADATA
# scope: package
# title: Small things add up
# description: Counts what is known of the child by kind, agency, urgency and week, without content, against the numbers the agreement sets. Where they are reached, one screening task goes to a person.
# related_resources:
#   - description: Working Together to Safeguard Children, on patterns of low-level concern
#     ref: https://www.gov.uk/government/publications/working-together-to-safeguard-children--2
# custom:
#   owner: mash-manager
#   effective_from: 2025-04-01
#   codes:
#     - code: pattern.three_greens
#       kind: [pattern]
#       message: Three reports of low urgency in three months. Look at them together
#     - code: pattern.absent_missed_and_noticed
#       kind: [pattern]
#       message: Absences from school, a missed appointment and a notice kept by police. Look at them together
package mash.rules.patterns

patterns contains {"code": pattern.code, "detail": {"agreement": agreement_id}} if {
	some agreement_id in _agreements
	some pattern in data.agreements[agreement_id].patterns
	every wanted in pattern.counts {
		_is_reached(wanted, pattern.counts_until)
	}
}

_agreements contains agreement_id if some agreement_id in data.pairs[input.sender.id]

# A row that stands for n events is counted n times, without arithmetic.
_is_reached(wanted, counts_until) if {
	counted := {[index, number] |
		some index, row in input.history
		input.now < counts_until[row.week]
		_fits(wanted.grade, row.grade)
		_fits(wanted.agency_kind, row.agency_kind)
		_fits(wanted.kind, row.kind)
		some number in data.numbers
		number <= row.count
	}
	count(counted) >= wanted.at_least
}

_fits("", _)

_fits(wanted, found) if wanted == found
