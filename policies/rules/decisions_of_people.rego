# METADATA
# scope: package
# title: A person's no is a no
# description: Where a role that may decide a question decided against, the share or that part of it is withheld. Where the law demands the share, somebody else reviews that.
# related_resources:
#   - description: Information sharing, advice for practitioners, golden rule 7
#     ref: https://www.gov.uk/government/publications/safeguarding-practitioners-information-sharing-advice
#   - description: Caldicott Principle 7, the duty to share is as important as the duty to protect
#     ref: https://www.gov.uk/government/publications/the-caldicott-principles
# custom:
#   owner: mash-manager
#   effective_from: 2025-04-01
#   codes:
#     - code: approval.refused
#       kind: [bar]
#       message: A person decided against sharing this
#       would_allow: A manager decides again on new facts
#     - code: review.withheld_under_duty
#       kind: [ask, obligation]
#       message: The law says that this must be shared, and a person decided against it; somebody else looks at that decision
#       would_allow: Whoever reviews it says that withholding does less harm, or asks for a new decision
package mash.rules.decisions_of_people

import data.mash.facts

# Questions about a part keep back that part only; see the forms.
_about_a_part := {"minimise.restricted_address", "minimise.sexual_health", "minimise.adoption", "minimise.privileged", "new_address.worker", "safe_contact.front_door", "safe_contact.worker"}

bars contains {"code": "approval.refused", "detail": {"question": code}} if some code in _noes

_noes contains code if {
	some code in facts.refused
	not code in _about_a_part
	_concerns(code)
	not _is_overturned(code)
}

# Where the reviewer does not agree, the question is open again.
_is_overturned(code) if _reviews_of[code][_].granted == false

# A review is of a no that was said before it, by somebody else.
_reviews_of[code] contains review if {
	some no in facts.standing
	code := no.ask
	[no.scope, no.granted] == ["", false]
	some review in facts.standing
	review.ask == "review.withheld_under_duty"
	no.at <= review.at
	not _is_the_same_person(no, review)
}

_is_the_same_person(no, review) if no.person == review.person

_is_agreed_to(code) if _reviews_of[code][_].granted == true

# To withhold what the law says must be shared takes a second person; once that person has agreed, nothing is left to review.
obligations contains {"code": "review.withheld_under_duty", "detail": {"question": code}} if {
	facts.has_duty
	some code in _noes
	not _is_agreed_to(code)
}

# A no to what was requested is no to that alone: it takes nothing of what is told unasked.
_of_a_request := {"answer.no_grounds", "subject_access.controller_decides", "victim_material.tests"}

_concerns(code) if not code in (_of_a_request | {"review.withheld_under_duty"})

_concerns("answer.no_grounds") if input.operation == "answer"

_concerns("subject_access.controller_decides") if input.operation == "subject_access"

_concerns("victim_material.tests") if input.candidate.purpose == "crime_prevention"
