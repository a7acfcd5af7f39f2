# What a share stands on. The law that was derived, and the agreement that covers both.
package mash.basis

import data.mash.facts

of_share["art6"] := facts.article6

of_share["art9"] := facts.article9 if facts.has_special

of_share["art10"] := facts.article10 if facts.has_offence

of_share["schedule1"] := facts.condition if facts.needs_condition

of_share["gateway"] := facts.gateway.id

of_share["part3_exit"] := facts.part3_exit if facts.leaves_part3

of_share["confidentiality_route"] := facts.confidentiality_route if facts.has_confidential

default of_pair := {"id": "", "version": "", "state": "missing"}

of_pair := {"id": facts.covering.id, "version": facts.covering.version, "state": facts.agreement_state}
