# METADATA
# scope: package
# title: Police hear of welfare concerns only where a crime may have been done
# description: At levels 2 and 3 police are told only with a sign of a crime or while a section 47 enquiry runs. What they are told is for keeping the child safe; an investigation needs its own request, and so do the names of friends, callers and other third parties.
# related_resources:
#   - description: Police, Crime, Sentencing and Courts Act 2022 sections 44A to 44E
#     ref: https://www.legislation.gov.uk/ukpga/2022/32/part/2
# custom:
#   owner: partnership-dpo
#   effective_from: 2025-04-01
#   codes:
#     - code: police.no_crime_indicator
#       kind: [bar]
#       message: Nothing here points to a crime, and no section 47 enquiry runs, so police are not told
#       would_allow: The sender marks a possible crime, or a section 47 enquiry starts; then police are considered again
#     - code: police.own_request
#       kind: [obligation]
#       message: This is shared to keep the child safe. A criminal investigation needs its own written request
package mash.rules.police_drift

bars contains {"code": "police.no_crime_indicator", "detail": {"level": input.event.level.value}} if {
	_to_police
	not _has_reason
}

obligations contains {"code": "police.own_request", "detail": {}} if _to_police

# Who else is named in another agency's report, and who told it, is for an investigation to ask.
caps contains object.union(part, {"form": form, "code": ""}) if {
	_to_police
	some part in input.event.categories
	form := {"third_party": "summary", "informant": "withhold"}[part.category]
}

_to_police if {
	input.candidate.kind == "police_mash"
	_comes_from_elsewhere
}

_comes_from_elsewhere if input.sender.kind in {"health", "local_authority", "school", "mash", "probation", "housing", "voluntary"}

_has_reason if input.event.crime_indicator == true

# A duty to tell police is no drift: female genital mutilation that is known.
_has_reason if input.event.fgm_known == true

_has_reason if input.child.section_47.value == true

# Whoever knows of an enquiry or a plan hears that it has ended.
_has_reason if input.event.type in {"uk.mash.local_authority.section_47.ended.v1", "uk.mash.local_authority.protection_plan.ended.v1"}

_has_reason if input.event.level.value == 4

_has_reason if input.candidate.purpose == "case_work"

# An investigation asks with a request of its own, on which a person decides.
_has_reason if input.candidate.purpose == "crime_prevention"
