# METADATA
# scope: package
# title: From the eighteenth birthday a person decides
# description: What protects children covers those under 18, and adults only where they are at risk. Where the child has turned 18 a person looks first. What was told before is still corrected, and a child's death is still reviewed.
# related_resources:
#   - description: Data Protection Act 2018 Schedule 1 paragraph 18
#     ref: https://www.legislation.gov.uk/ukpga/2018/12/schedule/1
#   - description: UK GDPR Annex 1 paragraph 6
#     ref: https://www.legislation.gov.uk/ukpga/2025/18/section/70
# custom:
#   owner: mash-manager
#   effective_from: 2025-04-01
#   codes:
#     - code: grown_up.at_risk
#       kind: [ask]
#       message: The child has turned 18, and nobody has said that this adult is at risk
#       would_allow: A manager confirms that this is an adult at risk, or another's protection, or tells adult social care
package mash.rules.grown_up

asks contains {"code": "grown_up.at_risk", "detail": {}} if {
	input.operation in {"share", "answer"}
	input.child.age >= 18
	_is_for_children
}

_is_for_children if input.candidate.purpose in {"safeguarding", "child_protection_enquiry", "encompass_notification", "early_help"}
