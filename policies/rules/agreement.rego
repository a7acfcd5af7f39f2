# METADATA
# scope: package
# title: An agreement in force covers sender and recipient
# description: A lapsed or missing agreement does not bar a live statutory duty. Red and amber wait for a person on their clock; green and blue stay until an agreement starts.
# related_resources:
#   - description: ICO data sharing code of practice
#     ref: https://ico.org.uk/for-organisations/uk-gdpr-guidance-and-resources/data-sharing/data-sharing-a-code-of-practice/
# custom:
#   owner: partnership-board
#   effective_from: 2025-04-01
#   codes:
#     - code: agreement.lapsed
#       kind: [ask, bar]
#       message: The information-sharing agreement is not in force
#       would_allow: The partners renew the agreement, or a manager decides on the statutory route shown
#     - code: agreement.missing
#       kind: [ask, bar]
#       message: No information-sharing agreement covers both agencies
#       would_allow: The agencies sign an agreement, or a manager decides on the statutory route shown
#     - code: agreement.duty_stands
#       kind: [warning]
#       message: The agreement is not in force, but the sender has a statutory duty to share
#     - code: agreement.review_overdue
#       kind: [warning]
#       message: The agreement's review is overdue
#     - code: agreement.covers
#       kind: [ground]
#       message: An agreement in force covers both agencies
#     - code: tell.dpo
#       kind: [obligation]
#       message: The data protection officer has been told
package mash.rules.agreement

import data.mash.facts

grounds contains {"code": "agreement.covers", "detail": {"agreement": facts.covering.id, "version": facts.covering.version}} if facts.is_live

asks contains {"code": _code, "detail": _detail} if {
	not facts.is_live
	not facts.has_duty
	facts.is_urgent
}

bars contains {"code": _code, "detail": _detail} if {
	not facts.is_live
	not facts.has_duty
	not facts.is_urgent
}

warnings contains {"code": "agreement.duty_stands", "detail": {"recipient": input.candidate.recipient, "gateway": facts.gateway.id}} if {
	not facts.is_live
	facts.has_duty
}

warnings contains {"code": "agreement.review_overdue", "detail": {"agreement": facts.covering.id}} if {
	facts.agreement_state == "review_overdue"
}

obligations contains {"code": "tell.dpo", "detail": {"about": _code}} if {
	not facts.is_live
	facts.has_duty
}

default _code := "agreement.lapsed"

_code := "agreement.missing" if facts.agreement_state == "missing"

_detail["state"] := facts.agreement_state

_detail["statutory_route"] := facts.gateway.id
