# METADATA
# scope: package
# title: Each recipient gets only what its column of the matrix gives
# description: For every kind of information in the report, by whom it is about, the agreement's matrix says how much this sort of recipient is given. A pair without a row is withheld.
# related_resources:
#   - description: UK GDPR Article 5(1)(c), data minimisation
#     ref: https://www.legislation.gov.uk/eur/2016/679/article/5
#   - description: Caldicott Principle 3
#     ref: https://www.gov.uk/government/publications/the-caldicott-principles
# custom:
#   owner: partnership-dpo
#   effective_from: 2025-04-01
#   codes:
#     - code: minimise.restricted_address
#       kind: [ask]
#       visibility: {sender: show, recipient: ask_the_mash, mash: show, dpo: show}
#       message: A guarded address is given only once a manager has decided
#       would_allow: A manager decides that this recipient needs the address to keep the child safe
#     - code: minimise.sexual_health
#       kind: [ask]
#       visibility: {sender: show, recipient: nothing, mash: show, dpo: show}
#       message: Sexual health information is given only once a Caldicott Guardian has decided
#       would_allow: A Caldicott Guardian decides what bears on the risk
#     - code: minimise.adoption
#       kind: [ask]
#       visibility: {sender: ask_the_mash, recipient: nothing, mash: ask_the_mash, dpo: show}
#       message: An identity from before adoption is given only by the adoption gatekeeper
#       would_allow: The adoption gatekeeper decides
#     - code: minimise.privileged
#       kind: [ask]
#       message: Legally privileged and court material is given only once legal services have decided
#       would_allow: Legal services decide, or the court gives permission
#     - code: minimise.nothing_left
#       kind: [bar]
#       message: Nothing in this report is for this recipient
#       would_allow: A person decides one of the open questions about a part kept back, or the partners change the matrix
package mash.rules.minimise

import data.mash.facts

# A cell of the matrix is {form} or {form: ask, code, then}: ask until its question is cleared, then the form it names.
caps contains {"category": part[0], "about": part[1], "form": "ask", "code": cell.code} if {
	some part in facts.parts
	cell := facts.terms.matrix[facts.column][part[0]][part[1]]
	count(cell.code) > 0
	not facts.is_moved(part)
}

# The most that any rule can leave: a part without a row is withheld, whatever another rule says of it.
default most(_) := "withhold"

most(part) := cell.then if {
	cell := facts.terms.matrix[facts.column][part[0]][part[1]]
	count(cell.code) > 0
	not facts.is_moved(part)
}

most(part) := cell.form if {
	cell := facts.terms.matrix[facts.column][part[0]][part[1]]
	cell.code == ""
	not facts.is_moved(part)
	not facts.is_asked_of_its_holder(part)
}

# What its holder may tell is left to the rule on safe contact.
most(part) := "give" if {
	facts.is_asked_of_its_holder(part)
	not facts.is_moved(part)
}

# The parts that tell a hidden move are left to the rule on new addresses.
most(part) := "give" if facts.is_moved(part)
