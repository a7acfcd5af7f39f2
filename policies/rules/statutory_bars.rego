# METADATA
# scope: package
# title: What statute forbids, and what one named person must decide
# description: A protected person, gender recognition, fertility or intercept material is never shared. Adoption, court orders, sexual health and a hold wait for the one role that may decide. A protected person is one in whatever is said of them; the others are on the report that bears them. Where a court order stands about the child, every share says so.
# related_resources:
#   - description: Gender Recognition Act 2004 section 22
#     ref: https://www.legislation.gov.uk/ukpga/2004/7/section/22
#   - description: Serious Organised Crime and Police Act 2005 section 86
#     ref: https://www.legislation.gov.uk/ukpga/2005/15/section/86
# custom:
#   owner: partnership-dpo
#   effective_from: 2025-04-01
#   codes:
#     - code: protected_person.never
#       kind: [bar]
#       forbids: true
#       visibility: {sender: nothing, recipient: nothing, mash: nothing, dpo: nothing}
#       message: The law forbids sharing this
#       would_allow: Nothing here; the force's protected persons unit is the only route
#     - code: gender_recognition.protected
#       kind: [bar]
#       forbids: true
#       visibility: {sender: ask_the_mash, recipient: nothing, mash: ask_the_mash, dpo: show}
#       message: The law forbids disclosing a gender recognition history
#       would_allow: An exemption in section 22(4) of the Gender Recognition Act 2004, confirmed by legal services
#     - code: statutory_bar.stands
#       kind: [bar]
#       forbids: true
#       visibility: {sender: ask_the_mash, recipient: nothing, mash: ask_the_mash, dpo: show}
#       message: A statute forbids disclosing this material
#       would_allow: Legal services confirm that the statute does not apply
#     - code: adoption.gatekeeper
#       kind: [ask]
#       visibility: {sender: ask_the_mash, recipient: nothing, mash: ask_the_mash, dpo: show}
#       message: An adoption gatekeeper must decide
#       would_allow: The adoption gatekeeper confirms that nothing links the earlier identity
#     - code: court.permission_needed
#       kind: [ask]
#       message: A court order limits what may be shared
#       would_allow: Legal services confirm that the order, or the court's permission, allows it
#     - code: court.order_stands
#       kind: [obligation]
#       message: A court order about this child limits what may be said; ask legal services before anything of this is passed on
#     - code: sexual_health.caldicott
#       kind: [ask]
#       visibility: {sender: show, recipient: nothing, mash: show, dpo: show}
#       message: A Caldicott Guardian must decide on sexual health information
#       would_allow: The Caldicott Guardian approves; only what bears on the risk is then given
#     - code: hold.stands
#       kind: [ask]
#       message: A hold stands on this record
#       would_allow: The data protection officer lifts the hold, or says that sharing is for another's protection
package mash.rules.statutory_bars

import data.mash.facts

bars contains {"code": row.code, "detail": {}} if {
	some row in data.law.bars
	facts.in_force(row)
	_stands(row)
}

_stands(row) if row.restriction in input.event.restrictions

# A person is protected in whatever is said of them; other bars are on what one report holds.
_stands(row) if {
	row.lasts == true
	some marker in input.child.restrictions
	marker.restriction == row.restriction
}

asks contains {"code": "adoption.gatekeeper", "detail": {}} if "adoption" in input.event.restrictions

asks contains {"code": "court.permission_needed", "detail": {}} if "court_order" in input.event.restrictions

asks contains {"code": "sexual_health.caldicott", "detail": {}} if "sexual_health" in input.event.restrictions

asks contains {"code": "hold.stands", "detail": {}} if "hold" in input.event.restrictions

# An order about the child limits what is passed on of anything; what a report says of its own is asked about above.
obligations contains {"code": "court.order_stands", "detail": {}} if {
	some marker in input.child.restrictions
	marker.restriction == "court_order"
}
