# METADATA
# scope: package
# title: The duty of confidence is lifted
# description: Confidential information needs its own route, apart from data protection law - statute, public interest in keeping a child safe, consent, or care given by both.
# related_resources:
#   - description: GMC, protecting children and young people
#     ref: https://www.gmc-uk.org/professional-standards/professional-standards-for-doctors/protecting-children-and-young-people
# custom:
#   owner: caldicott-guardian
#   effective_from: 2025-04-01
#   codes:
#     - code: confidentiality.no_route
#       kind: [ask]
#       message: This is confidential and nothing yet lifts the duty of confidence
#       would_allow: The family agrees, or a Caldicott Guardian or manager finds that the public interest in keeping the child safe outweighs it
package mash.rules.confidentiality

import data.mash.facts

asks contains {"code": "confidentiality.no_route", "detail": {}} if not _has_route

_has_route if count(facts.confidentiality_route) > 0
