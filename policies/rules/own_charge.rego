# METADATA
# scope: package
# title: A child's own charge goes to youth justice and the council
# description: What a child is charged with or convicted of is for the hub, children's social care, police and youth justice. A school learns of it only where a person decides so; nobody else does.
# related_resources:
#   - description: Youth justice service guidance on sharing information
#     ref: https://www.gov.uk/government/publications/youth-justice-service-governance-and-leadership
# custom:
#   owner: mash-manager
#   effective_from: 2025-04-01
#   codes:
#     - code: own_charge.person_decides
#       kind: [ask]
#       visibility: {sender: show, recipient: nothing, mash: show, dpo: show}
#       message: A person decides whether the school learns of the child's own charge
#       would_allow: A manager decides that the school needs to know to keep the child or others safe
package mash.rules.own_charge

caps contains object.union(part, {"form": "ask", "code": "own_charge.person_decides"}) if {
	some part in _parts
	_is_school
}

caps contains object.union(part, {"form": "withhold", "code": ""}) if {
	some part in _parts
	not _may_learn_of_it
}

_parts contains part if {
	some part in input.event.categories
	part.category in {"crime.conviction", "crime.allegation"}
	part.about == "child"
}

_is_school if input.candidate.kind == "school"

_may_learn_of_it if input.candidate.kind in {"mash_core", "csc_team", "police_mash", "youth_justice", "school"}
