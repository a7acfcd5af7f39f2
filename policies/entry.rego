# METADATA
# scope: package
# title: The two questions the policy answers
# description: "verdict: one decision per candidate, all in one evaluation. edge: whether a report may leave its agency."
package mash

_answers := [answer |
	some candidate in input.candidates
	answer := data.mash.decide.answer with input.candidate as candidate
]

# METADATA
# entrypoint: true
verdict := {
	"decisions": [answer.decision | some answer in _answers],
	"warnings": sort({warning | some answer in _answers; some warning in answer.warnings}),
	"patterns": sort(data.mash.rules.patterns.patterns),
}

# METADATA
# entrypoint: true
edge := {"effect": data.mash.at_the_edge.effect, "bars": sort(data.mash.at_the_edge.bars)}
