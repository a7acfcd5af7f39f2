# A small law and catalogue for the rules' own tests.
package mash.testing

always := {"from": 0, "to": 9007199254740991, "judged_at": "sharing"}

law := {
	"article6": [
		object.union(always, {"id": "c", "controllers": {"public": true, "private": true}, "needs": "duty"}),
		object.union(always, {"id": "e", "controllers": {"public": true}, "needs": ""}),
		object.union(always, {"id": "ea", "controllers": {"private": true}, "needs": "", "from": 1500}),
		object.union(always, {"id": "d", "controllers": {"private": true}, "needs": "red"}),
	],
	"article9": [
		object.union(always, {"id": "h", "senders": {"health": true}, "recipients": {"gp": true}}),
		object.union(always, {"id": "j", "senders": {}, "recipients": {"analyst": true}}),
		object.union(always, {"id": "g", "senders": {}, "recipients": {}}),
	],
	"conditions": {
		"18": object.union(always, {"policy_document": true, "consent_reason": true}),
		"2": object.union(always, {"policy_document": false, "consent_reason": false}),
		"4": object.union(always, {"policy_document": false, "consent_reason": false}),
		"36": object.union(always, {"policy_document": false, "consent_reason": false}),
	},
	"special": {"health.physical": true},
	"offence": {"crime.allegation": true},
	"confidential": {"health.physical": true},
	"official": {"police": true},
	"part3_exits": [
		object.union(always, {"id": "a-duty", "duty": "a-duty", "senders": {}, "purposes": {"safeguarding": true}}),
		object.union(always, {"id": "policing", "duty": "", "senders": {"police": true}, "purposes": {"safeguarding": true}}),
		object.union(always, {"id": "probation", "duty": "", "senders": {"probation": true}, "purposes": {"safeguarding": true}}),
	],
	"gateways": {"school": {"mash_core": {"safeguarding": [
		object.union(always, {"id": "a-duty", "effect": "requires", "switch": "", "sorts": {}, "triggers": ["section_47"], "at_any_level": false}),
		object.union(always, {"id": "not-commenced", "effect": "requires", "switch": "new", "sorts": {}, "triggers": [], "at_any_level": false}),
		object.union(always, {"id": "for-colleges", "effect": "permits", "switch": "", "sorts": {"college": true}, "triggers": [], "at_any_level": false}),
		object.union(always, {"id": "a-power", "effect": "permits", "switch": "", "sorts": {"academy": true}, "triggers": [], "at_any_level": false}),
	]}}},
	"identifiers": [object.union(always, {"id": "a-number", "switch": "new", "senders": {"school": true}, "recipients": {"mash_core": true}})],
	"bars": [object.union(always, {"code": "protected_person.never", "restriction": "protected_person", "lasts": true})],
}

catalogue := {
	"uk.mash.school.concern.recorded.v1": {"gated": true, "domestic_abuse": false, "relocates": false},
	"uk.mash.health.gp_registration.changed.v1": {"gated": false, "domestic_abuse": false, "relocates": true, "is_move": true},
	"uk.mash.police.domestic_incident.notified.v1": {"gated": true, "domestic_abuse": true, "relocates": false},
}
