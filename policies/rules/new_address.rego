# METADATA
# scope: package
# title: A new address stays with those who keep the child safe
# description: Where abuse, a MARAC or a guarded address stood within 12 months, or one parent did not move, the front door is given the new address and everything that locates the child. The allocated worker, and whoever held the old address, get "kept back, contact through". Nobody else hears of it.
# related_resources:
#   - description: Domestic Abuse Act 2021 statutory guidance
#     ref: https://www.gov.uk/government/publications/domestic-abuse-act-2021
# custom:
#   owner: mash-manager
#   effective_from: 2025-04-01
#   codes:
#     - code: new_address.not_told
#       kind: [bar]
#       visibility: {sender: ask_the_mash, recipient: nothing, mash: show, dpo: show}
#       message: The child has moved and may need to stay hidden, so this recipient does not hear of it
#       would_allow: A manager decides that this recipient needs to know where the child is
#     - code: new_address.worker
#       kind: [ask]
#       visibility: {sender: ask_the_mash, recipient: show, mash: show, dpo: show}
#       message: The new address is kept back until a person has checked who could learn it
#       would_allow: The front door checks that the address is safe with the allocated worker
#     - code: new_address.keep_safe
#       kind: [obligation]
#       message: Do not give this address to anyone, write it on any shared record or let a parent see it
package mash.rules.new_address

import data.mash.facts

bars contains {"code": "new_address.not_told", "detail": {}} if {
	facts.tells_of_a_move
	facts.move_role == "stranger"
}

# For each part that tells the place: the form, and the question that still limits it.
_forms := {
	"front_door": [{"form": "give", "code": ""}],
	"worker": [{"form": "give", "code": ""}, {"form": "token", "code": "new_address.worker"}],
	"needs_contact": [{"form": "token", "code": ""}],
	"stranger": [{"form": "withhold", "code": ""}],
}

caps contains object.union(pair, form) if {
	some pair in facts.moved_parts
	not facts.is_asked_of_its_holder([pair.category, pair.about])
	some form in _forms[facts.move_role]
}

# Any other part that tells the place, such as a school's name, follows the same roles but is never raised.
caps contains object.union(pair, form) if {
	facts.is_hidden_move
	some pair in input.event.locating
	not pair in facts.moved_parts
	some form in _forms[facts.move_role]
}

# Whoever needs only to make contact learns whom to ask, and nothing else of the move.
caps contains {"category": pair.category, "about": pair.about, "form": "withhold", "code": ""} if {
	facts.tells_of_a_move
	facts.move_role == "needs_contact"
	some pair in input.event.categories
	not pair in input.event.locating
	not pair.category in _needed_to_make_contact
}

_needed_to_make_contact := {"id.core", "event.meta", "professional_contact"}

obligations contains {"code": "new_address.keep_safe", "detail": {}} if {
	facts.is_hidden_move
	facts.move_role in {"front_door", "worker", "needs_contact"}
}
