# METADATA
# scope: package
# title: A school is told of domestic abuse before its next day
# description: Operation Encompass - the school on whose current roll the child is hears before that day starts, in key facts only. Where the roll is stale, or a party works at the school, education safeguarding at the council hears instead. A party under 16 or a suspect's child elsewhere stops the automatic notice. A nursery that is told hears the same cautions.
# related_resources:
#   - description: Domestic Abuse Act 2021 section 49A
#     ref: https://www.legislation.gov.uk/ukpga/2021/17/part/5
#   - description: Information sharing duty, Operation Encompass
#     ref: https://www.gov.uk/government/publications/information-sharing-duty-operation-encompass
# custom:
#   owner: police-encompass-lead
#   effective_from: 2025-11-07
#   codes:
#     - code: encompass.roll_not_current
#       kind: [bar]
#       message: It is not certain that the child is still at this school
#       would_allow: The school confirms that the child is on its roll; the council's education safeguarding is told meanwhile
#     - code: encompass.party_works_there
#       kind: [bar]
#       visibility: {sender: show, recipient: nothing, mash: show, dpo: show}
#       message: A party to the incident works at this school
#       would_allow: Tell the alternate named in the directory, by phone; the council's education safeguarding is told meanwhile
#     - code: encompass.school_is_told
#       kind: [bar]
#       message: The child's own school is told, so the council's education safeguarding is not
#       would_allow: The child is home educated, has no current school, or a party works at it
#     - code: encompass.age_of_parties
#       kind: [ask]
#       message: It is not certain that both parties are 16 or over
#       would_allow: A manager confirms the ages, or decides that the school should know
#     - code: encompass.suspects_child_elsewhere
#       kind: [ask]
#       message: The child is the suspect's and lives in another household
#       would_allow: A manager decides whether this school should know
#     - code: encompass.do_not_question
#       kind: [obligation]
#       message: Do not question the child about this
#     - code: encompass.do_not_contact_home
#       kind: [obligation]
#       message: Do not contact the child's home about this
#     - code: encompass.not_in_main_file
#       kind: [obligation]
#       message: Keep this in the safeguarding file, not in the main pupil file
#     - code: encompass.open_before_school
#       kind: [obligation]
#       message: The named role opens this 45 minutes before the school day, else the deputy does, else the front door rings
package mash.rules.encompass

bars contains {"code": "encompass.roll_not_current", "detail": {"confidence": input.candidate.confidence}} if {
	_to_school
	not _is_on_roll
}

bars contains {"code": "encompass.party_works_there", "detail": {}} if {
	_to_a_setting
	input.candidate.recipient in input.event.encompass.party_works_at
}

bars contains {"code": "encompass.school_is_told", "detail": {}} if {
	_to_council
	not _needs_council
}

asks contains {"code": "encompass.age_of_parties", "detail": {}} if {
	_applies
	not _are_grown
}

asks contains {"code": "encompass.suspects_child_elsewhere", "detail": {}} if {
	_applies
	input.event.encompass.suspects_child_elsewhere == true
}

obligations contains {"code": code, "detail": {}} if {
	_is_about_abuse
	some code in ["encompass.do_not_question", "encompass.do_not_contact_home", "encompass.not_in_main_file"]
}

obligations contains {"code": "encompass.open_before_school", "detail": {"minutes": 45}} if _to_school

_applies if input.candidate.purpose == "encompass_notification"

_to_school if {
	_applies
	input.candidate.kind == "school"
}

# A nursery hears of it for the child's safety, with the same cautions.
_to_nursery if {
	input.candidate.kind == "nursery"
	data.catalogue[input.event.type].domestic_abuse == true
}

_to_a_setting if _to_school

_to_a_setting if _to_nursery

_is_about_abuse if _applies

_is_about_abuse if _to_nursery

_to_council if {
	_applies
	input.candidate.kind == "la_education"
}

_is_on_roll if input.candidate.confidence == "verified"

_are_grown if input.event.encompass.both_parties_16_or_over == true

_needs_council if input.child.home_educated.value == true

_needs_council if not _has_current_school

_has_current_school if {
	some other in input.candidates
	other.kind == "school"
	other.confidence == "verified"
	not other.recipient in input.event.encompass.party_works_at
}
