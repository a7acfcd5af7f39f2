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

_guarding := {"domestic_abuse", "marac", "restricted_address"}

bars contains {"code": "new_address.not_told", "detail": {}} if {
	_applies
	not _hears
}

caps contains {"category": pair.category, "about": pair.about, "form": "token", "code": "new_address.worker"} if {
	_applies
	_is_worker
	some pair in input.event.locating
}

caps contains {"category": pair.category, "about": pair.about, "form": "token", "code": ""} if {
	_applies
	_held_the_old_address
	some pair in input.event.locating
}

# Whoever gets only the token learns nothing else of the move.
caps contains {"category": pair.category, "about": pair.about, "form": "withhold", "code": ""} if {
	_applies
	_held_the_old_address
	some pair in input.event.categories
	not pair in input.event.locating
	not _needed_to_contact(pair.category)
}

obligations contains {"code": "new_address.keep_safe", "detail": {}} if {
	_applies
	_hears
}

_applies if {
	_locates_anew
	_is_guarded
}

_locates_anew if input.event.new_address == true

_locates_anew if data.catalogue[input.event.type].relocates == true

_is_guarded if input.child.address_guarded == true

_is_guarded if {
	some restriction in input.event.restrictions
	restriction in _guarding
}

_hears if _is_front_door

_hears if _is_worker

_hears if _held_the_old_address

_is_front_door if input.candidate.kind == "mash_core"

_is_worker if input.candidate.relation == "allocated_worker"

_held_the_old_address if {
	input.candidate.held_old_address == true
	not _is_front_door
	not _is_worker
}

_needed_to_contact("id.core")

_needed_to_contact("event.meta")

_needed_to_contact("professional_contact")
