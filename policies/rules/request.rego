# METADATA
# scope: package
# title: An answer has a request behind it
# description: Information asked for is given only to who asked, for a stated purpose and ground. Linking, correcting and answering a person's own request for their record have their own deciders.
# related_resources:
#   - description: Children Act 2004 section 16H
#     ref: https://www.legislation.gov.uk/ukpga/2004/31/section/16H
#   - description: UK GDPR Articles 15 and 16
#     ref: https://www.legislation.gov.uk/eur/2016/679/article/15
# custom:
#   owner: partnership-dpo
#   effective_from: 2025-04-01
#   codes:
#     - code: answer.requested
#       kind: [ground]
#       message: The recipient asked for this, with a purpose and a ground
#     - code: answer.no_request
#       kind: [bar]
#       message: Nobody asked for this
#       would_allow: The recipient asks, with purpose and ground
#     - code: answer.no_grounds
#       kind: [ask]
#       message: The request does not say on what ground
#       would_allow: The asker states the ground, or a manager decides
#     - code: answer.no_enquiry
#       kind: [ask]
#       message: The request is for a section 47 enquiry, and none is known to run
#       would_allow: The council says that an enquiry has started, or a manager decides
#     - code: link.adoption_firewall
#       kind: [bar]
#       forbids: true
#       visibility: {sender: ask_the_mash, recipient: nothing, mash: ask_the_mash, dpo: show}
#       message: Records from before and after an adoption are never linked
#       would_allow: The adoption gatekeeper alone may bridge them, outside the exchange
#     - code: subject_access.controller_decides
#       kind: [ask]
#       message: The agencies that hold the originals decide what a person may have of their record
#       would_allow: Each source agency answers, with any exemption tested record by record
#     - code: subject_access.one_month
#       kind: [obligation]
#       message: The person has a right to an answer within one month. Test every exemption record by record, and say which was used
package mash.rules.request

import data.mash.facts

grounds contains {"code": "answer.requested", "detail": {"role": input.request.role}} if {
	_is_answer
	count(input.request.grounds) > 0
}

bars contains {"code": "answer.no_request", "detail": {}} if {
	_is_answer
	not input.request.by
}

asks contains {"code": "answer.no_grounds", "detail": {}} if {
	_is_answer
	input.request.by
	count(input.request.grounds) == 0
}

# Asked about the request alone: a person's yes to it answers for all that is held.
# The council, and police with it, may ask before anybody has told that their enquiry runs.
asks contains {"code": "answer.no_enquiry", "detail": {}} if {
	_is_answer
	input.event.type == "uk.mash.mash.information.requested.v1"
	input.candidate.purpose == "child_protection_enquiry"
	not _is_enquired_into
	not input.candidate.kind in {"mash_core", "csc_team", "police_mash"}
}

_is_enquired_into if input.child.section_47.value == true

caps contains {"category": pair.category, "about": pair.about, "form": "withhold", "code": ""} if {
	_is_answer
	count(input.request.what) > 0
	some pair in input.event.categories
	not pair.category in input.request.what
	not _always_goes_along(pair.category)
}

bars contains {"code": "link.adoption_firewall", "detail": {}} if {
	input.operation == "link"
	"adoption" in facts.restrictions
}

asks contains {"code": "subject_access.controller_decides", "detail": {}} if input.operation == "subject_access"

obligations contains {"code": "subject_access.one_month", "detail": {}} if input.operation == "subject_access"

_is_answer if input.operation == "answer"

_always_goes_along("id.core")

_always_goes_along("event.meta")

_always_goes_along("professional_contact")
