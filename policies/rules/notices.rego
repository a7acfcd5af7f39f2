# METADATA
# scope: package
# title: Nobody is told even that something exists, where that is the secret
# description: That another service is involved, or that something is kept back, is itself information with its row in the matrix. For protected people, adoption and sexual health it is given to nobody.
# related_resources:
#   - description: UK GDPR Article 5(1)(c), data minimisation
#     ref: https://www.legislation.gov.uk/eur/2016/679/article/5
# custom:
#   owner: partnership-dpo
#   effective_from: 2025-04-01
#   codes:
#     - code: notice.silent
#       kind: [obligation]
#       visibility: {sender: show, recipient: nothing, mash: nothing, dpo: show}
#       message: Say to nobody that there is anything here
package mash.rules.notices

import data.mash.facts

_silencing := {"protected_person", "adoption", "sexual_health"}

caps contains {"category": part[0], "about": part[1], "form": "withhold", "code": ""} if {
	_is_silent
	some part in facts.notice_parts
}

obligations contains {"code": "notice.silent", "detail": {}} if _is_silent

_is_silent if {
	some restriction in facts.restrictions
	restriction in _silencing
}

_is_silent if "adoption.prior_identity" in facts.categories

_is_silent if "protected_person" in facts.categories

_is_silent if "health.sexual" in facts.categories
