# METADATA
# scope: package
# title: A statute lets this sender tell this recipient
# description: Bars a share for which no statutory gateway in force is addressed to sender and recipient for this purpose. A gateway that requires sharing makes it a duty.
# related_resources:
#   - description: Children Act 2004 sections 10, 11 and 16E
#     ref: https://www.legislation.gov.uk/ukpga/2004/31/section/11
#   - description: Children Act 1989 section 47
#     ref: https://www.legislation.gov.uk/ukpga/1989/41/section/47
# custom:
#   owner: partnership-dpo
#   effective_from: 2025-04-01
#   codes:
#     - code: gateway.permits
#       kind: [ground]
#       message: A statute lets this sender tell this recipient
#     - code: gateway.requires
#       kind: [ground]
#       message: A statute requires this sender to tell this recipient
#     - code: gateway.none
#       kind: [bar]
#       forbids: true
#       message: No statute in force lets this sender tell this recipient for this purpose
#       would_allow: Name the statute, or ask your data protection officer
package mash.rules.gateway

import data.mash.facts

grounds contains {"code": "gateway.permits", "detail": {"gateway": facts.gateway.id}} if facts.gateway.effect == "permits"

grounds contains {"code": "gateway.requires", "detail": {"gateway": facts.gateway.id}} if facts.gateway.effect == "requires"

bars contains {"code": "gateway.none", "detail": {}} if not facts.gateway.id
