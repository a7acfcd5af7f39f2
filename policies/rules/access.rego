# METADATA
# scope: package
# title: A record is opened only by those assigned to it
# description: Opening a child's view is asked and recorded like a share. Without an assigned case it is refused, and the senior information risk owner and the data protection officer hear of it.
# related_resources:
#   - description: Caldicott Principle 4
#     ref: https://www.gov.uk/government/publications/the-caldicott-principles
#   - description: Data Protection Act 2018 section 170
#     ref: https://www.legislation.gov.uk/ukpga/2018/12/section/170
# custom:
#   owner: partnership-siro
#   effective_from: 2025-04-01
#   codes:
#     - code: access.assigned
#       kind: [ground]
#       message: This child's case is assigned to you or to your organisation
#     - code: access.not_assigned
#       kind: [bar]
#       forbids: true
#       message: This child's case is not assigned to you
#       would_allow: A relation of your organisation to the child, a report that you are told of, or an answer to your request
#     - code: access.nobody_named
#       kind: [bar]
#       forbids: true
#       message: Nobody is named as opening this record
#       would_allow: Sign in as yourself, in a role you hold
#     - code: tell.siro
#       kind: [obligation]
#       message: The senior information risk owner has been told
package mash.rules.access

grounds contains {"code": "access.assigned", "detail": {"role": input.actor.role}} if {
	_is_read
	input.actor.assigned == true
}

bars contains {"code": "access.not_assigned", "detail": {"role": input.actor.role}} if {
	_is_read
	input.actor.person
	not _is_assigned
}

bars contains {"code": "access.nobody_named", "detail": {}} if {
	_is_read
	not input.actor.person
}

obligations contains {"code": code, "detail": {"about": "access.not_assigned"}} if {
	_is_read
	not _is_assigned
	some code in ["tell.siro", "tell.dpo"]
}

_is_read if input.operation == "read"

_is_assigned if input.actor.assigned == true
