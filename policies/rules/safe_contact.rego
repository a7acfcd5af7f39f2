# METADATA
# scope: package
# title: Only who holds a kept-back address tells it
# description: Whoever was told "kept back, contact through" and needs the address itself asks for it by a request. The allocated worker decides, or the front door where no case is open. Until then, and after a no, it stays whom to ask.
# related_resources:
#   - description: Domestic Abuse Act 2021 statutory guidance
#     ref: https://www.gov.uk/government/publications/domestic-abuse-act-2021
#   - description: UK GDPR Article 5(1)(c), data minimisation
#     ref: https://www.legislation.gov.uk/eur/2016/679/article/5
# custom:
#   owner: mash-manager
#   effective_from: 2025-04-01
#   codes:
#     - code: safe_contact.worker
#       kind: [ask]
#       visibility: {sender: ask_the_mash, recipient: show, mash: show, dpo: show}
#       message: The address is kept back. The child's worker decides whether whoever asks for it may have it
#       would_allow: The allocated worker decides that this recipient needs the address, and keeps it safe
#     - code: safe_contact.front_door
#       kind: [ask]
#       visibility: {sender: ask_the_mash, recipient: show, mash: show, dpo: show}
#       message: The address is kept back. The front door decides whether whoever asks for it may have it
#       would_allow: The front door decides that this recipient needs the address, and keeps it safe
#     - code: safe_contact.keep_safe
#       kind: [obligation]
#       message: You asked for this address, and it was told to you alone. Do not write it on any shared record, and let nobody else learn it
package mash.rules.safe_contact

import data.mash.facts

_asked_for contains part if {
	some part in facts.parts
	facts.is_asked_of_its_holder(part)
}

caps contains {"category": part[0], "about": part[1], "form": "token", "code": _holder} if {
	some part in _asked_for
	not facts.is_part_refused(_holder, part[0])
}

# A no leaves what was there: whom to ask.
caps contains {"category": part[0], "about": part[1], "form": "token", "code": ""} if {
	some part in _asked_for
	facts.is_part_refused(_holder, part[0])
}

obligations contains {"code": "safe_contact.keep_safe", "detail": {}} if {
	some part in _asked_for
	facts.is_part_cleared(_holder, part[0])
	not facts.is_part_refused(_holder, part[0])
}

default _holder := "safe_contact.front_door"

_holder := "safe_contact.worker" if input.child.open_case.value == true
