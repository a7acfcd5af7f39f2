# METADATA
# scope: package
# title: What an investigation asks for about a victim passes a person's tests
# description: A police request for information about a victim is written, follows a reasonable line of enquiry, and is necessary and proportionate. A person applies these tests to each thing asked for; a whole file never goes.
# related_resources:
#   - description: Police, Crime, Sentencing and Courts Act 2022 sections 44A to 44E, in force 12 January 2026
#     ref: https://www.legislation.gov.uk/ukpga/2022/32/part/2
# custom:
#   owner: partnership-dpo
#   effective_from: 2026-01-12
#   codes:
#     - code: victim_material.tests
#       kind: [ask]
#       message: Police ask for this as evidence. A person must find that the request is a reasonable line of enquiry, necessary and proportionate
#       would_allow: A manager or Caldicott Guardian finds that the request meets the tests, and gives what the enquiry needs and no more
#     - code: victim_material.tell_the_victim
#       kind: [obligation]
#       message: The victim is told that this was asked for, unless that is not practicable or would put somebody at risk
package mash.rules.victim_material

asks contains {"code": "victim_material.tests", "detail": {}} if _is_asked_as_evidence

obligations contains {"code": "victim_material.tell_the_victim", "detail": {}} if _is_asked_as_evidence

_is_asked_as_evidence if {
	input.candidate.kind == "police_mash"
	input.candidate.purpose == "crime_prevention"
	_is_anothers
}

_is_anothers if input.sender.kind in {"health", "local_authority", "school", "mash", "probation", "housing", "voluntary"}
