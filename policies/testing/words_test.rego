# The contract's words, so that a rule can be tried on every one that it does not name.
package mash.testing

recipient_kinds := {
	"mash_core", "csc_team", "police_mash", "gp", "health_visitor", "school", "nursery", "la_education",
	"health_safeguarding", "midwifery", "school_nurse", "camhs", "emergency_department", "probation",
	"youth_justice", "housing", "adult_social_care", "domestic_abuse_advocate", "early_help",
	"child_death_panel", "analyst", "voluntary", "vendor", "other",
}

purposes := {
	"safeguarding", "child_protection_enquiry", "early_help", "encompass_notification", "direct_care",
	"crime_prevention", "child_death_review", "case_work", "marketing", "immigration_enforcement",
	"subject_access", "analysis",
}

data_categories := {
	"id.core", "id.address", "id.restricted_address", "health.physical", "health.mental", "health.sexual",
	"health.substance", "police.incident", "police.intel", "crime.conviction", "crime.allegation",
	"third_party", "informant", "adoption.prior_identity", "protected_person", "immigration", "edu.attendance",
	"edu.send", "edu.concern", "edu.exclusion", "sc.status", "sc.narrative", "legal.privileged",
	"court.restricted", "child_voice", "professional_contact", "equality.ethnicity", "equality.religion",
	"equality.disability", "event.meta", "event.claim", "relation.household", "notice.existence",
	"notice.withheld",
}
