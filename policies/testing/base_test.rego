# A question about one candidate that every rule lets pass, for the rules' own tests to change.
package mash.testing

claims := {
	"art6": "", "art9": "", "art10": "", "schedule1": "", "gateway": "", "part3_exit": "",
	"service_agreement": "", "dissent": false, "more_detrimental": false, "unsure": false,
	"consent_not_sought": "", "necessity": false,
}

event := {
	"type": "uk.mash.school.concern.recorded.v1",
	"agency": "a-school",
	"occurred_at": 1000,
	"level": {"value": 3, "given_by": "sender"},
	"grade": {"value": "amber", "given_by": "sender"},
	"categories": [{"category": "event.meta", "about": "child"}, {"category": "sc.status", "about": "child"}],
	"locating": [],
	"restrictions": [],
	"entry_kinds": [],
	"handling_code": "",
	"reliability": "",
	"crime_indicator": false,
	"fgm_known": false,
	"sexual_offence_told": false,
	"return_due": true,
	"new_address": false,
	"not_before": 0,
	"claims": claims,
	"encompass": {"both_parties_16_or_over": true, "party_works_at": [], "suspects_child_elsewhere": false},
	"quality_flags": [],
	"identity_unsure": false,
}

child := {
	"age": 9,
	"is_unborn": false,
	"has_died": false,
	"open_case": {"value": false, "as_at": 0},
	"section_47": {"value": false, "as_at": 0},
	"on_plan": {"value": false, "as_at": 0},
	"home_educated": {"value": false, "as_at": 0},
	"restrictions": [],
	"address_guarded": false,
	"processing_restricted": false,
}

sender := {
	"id": "a-school",
	"kind": "school",
	"sort": "academy",
	"public_authority": true,
	"competent_authority": false,
	"policy_documents": [{"condition": "18", "review_due": 5000}],
}

candidate := {
	"recipient": "hub",
	"kind": "mash_core",
	"role": "mash_practitioner",
	"purpose": "safeguarding",
	"relation": "front_door",
	"relation_as_at": 900,
	"confidence": "verified",
	"held_old_address": false,
}

question := {
	"operation": "share",
	"now": 2000,
	"event": event,
	"request": null,
	"actor": null,
	"child": child,
	"history": [],
	"sender": sender,
	"approvals": [],
	"candidates": [candidate],
	"candidate": candidate,
}

# The base question with changes laid over it, key by key.
but(changes) := object.union(question, changes)

codes(reasons) := {reason.code | some reason in reasons}

agreement := {
	"id": "an-agreement",
	"version": "1",
	"state": "active",
	"valid_from": 0,
	"review_due": 8000,
	"valid_to": 9000,
	"switches": {},
	"open_cases_bypass_triage": false,
	"parties": {"a-school": {"capacity": "controller"}, "a-hub": {"capacity": "joint_controller"}},
	"recipients": {"hub": {"agency": "a-hub", "kind": "mash_core", "column": "mash_core", "roles": {"mash_practitioner": true}}},
	"columns": {"mash_core": true},
	"matrix": {"mash_core": {
		"event.meta": {"child": {"form": "give", "code": "", "then": ""}},
		"id.address": {"child": {"form": "give", "code": "", "then": ""}},
		"sc.status": {"child": {"form": "summary", "code": "", "then": ""}},
		"health.sexual": {"child": {"form": "ask", "code": "minimise.sexual_health", "then": "summary"}},
	}},
	"free_text": {"mash_core": true},
	"clocks": {"red": {"hours": 4}, "amber": {"hours": 24}, "green": {"hours": 72}, "blue": {"hours": 120}},
	"approvals": {"caution.unsure": {"mash_manager": true}, "minimise.sexual_health": {"caldicott_guardian": true}},
	"purposes": {"safeguarding": {
		"consent_not_sought": "cannot_reasonably_be_obtained",
		"necessity": {"uk.mash.school.concern.recorded.v1": {"mash_core": "The hub must know."}},
	}},
}

pairs := {"a-school": {"hub": "an-agreement"}}

agreements := {"an-agreement": agreement}

recipients := {"hub": "an-agreement"}
