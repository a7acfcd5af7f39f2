# METADATA
# scope: package
# title: A lawful basis fits this kind of controller on this date
# description: Derives the Article 6 basis from what the sender is and when it shares. A wrong claim is reported with the right basis; only where none fits is the share barred.
# related_resources:
#   - description: UK GDPR Article 6
#     ref: https://www.legislation.gov.uk/eur/2016/679/article/6
#   - description: Data (Use and Access) Act 2025 section 70
#     ref: https://www.legislation.gov.uk/ukpga/2025/18/section/70
# custom:
#   owner: partnership-dpo
#   effective_from: 2025-04-01
#   codes:
#     - code: lawful_basis.fits
#       kind: [ground]
#       message: A lawful basis in force fits this sender
#     - code: lawful_basis.none_fits
#       kind: [bar]
#       forbids: true
#       message: No lawful basis in force fits this sender and purpose
#       would_allow: Name the statutory function, or ask your data protection officer
#     - code: lawful_basis.claim_invalid
#       kind: [warning]
#       message: The lawful basis you named is not open to your kind of organisation; the right one has been recorded
#     - code: lawful_basis.consent_not_needed
#       kind: [warning]
#       message: You do not need consent to share information to keep a child safe; the right basis has been recorded
package mash.rules.lawful_basis

import data.mash.facts

grounds contains {"code": "lawful_basis.fits", "detail": {"article6": facts.article6}} if facts.article6

bars contains {"code": "lawful_basis.none_fits", "detail": {"sender": input.sender.kind}} if not facts.article6

warnings contains {"code": "lawful_basis.claim_invalid", "detail": {"claimed": _claimed, "right": facts.article6}} if {
	count(_claimed) > 0
	facts.article6
	not _claimed in facts.articles6
	not _is_consent
}

warnings contains {"code": "lawful_basis.consent_not_needed", "detail": {"claimed": "a", "right": facts.article6}} if {
	_is_consent
	facts.article6
}

_is_consent if _claimed == "a"

# The sender believes that it needs permission, whether or not it names a basis.
_is_consent if "claims.consent_believed_needed" in input.event.quality_flags

# "6(1)(ea)", "UK GDPR Article 6(1)(e)", "Art 6(1)(e)" and "e" name the same thing.
_claimed := trim_suffix(trim_prefix(_number, "6(1)("), ")")

_number := trim_prefix(trim_prefix(trim_prefix(_written, "article "), "art. "), "art ")

_written := trim_prefix(lower(trim_space(input.event.claims.art6)), "uk gdpr ")
