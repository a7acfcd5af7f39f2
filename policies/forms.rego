# In what form each part is given. The least that any rule allows for each category and person. A question left open keeps its part back; a cleared one no longer limits; a refused one withholds.
package mash.forms

import data.mash.facts
import data.mash.rules.minimise

_rank := {"withhold": 0, "ask": 1, "token": 2, "summary": 3, "give": 4}

_by_rank := ["withhold", "ask", "token", "summary", "give"]

_caps contains cap if some cap in data.mash.rules[_].caps

# Whatever lowers a part below what the matrix gives.
_limits[[cap.category, cap.about]] contains _rank[cap.form] if {
	some cap in _caps
	cap.code == ""
}

_limits[[cap.category, cap.about]] contains _rank[cap.form] if some cap in open_questions

_limits[[cap.category, cap.about]] contains 0 if {
	some cap in _questions
	facts.is_part_refused(cap.code, cap.category)
}

_questions contains cap if {
	some cap in _caps
	count(cap.code) > 0
}

open_questions contains cap if {
	some cap in _questions
	not facts.is_part_cleared(cap.code, cap.category)
	not facts.is_part_refused(cap.code, cap.category)
}

_form(part) := minimise.most(part) if not _limits[part]

_form(part) := _by_rank[min(_limits[part] | {_rank[minimise.most(part)]})] if _limits[part]

# By category, then by whom it is about.
cells := [[part[0], part[1], _form(part)] | some part in sort(facts.parts)]

listed := [{"category": cell[0], "about": cell[1], "form": cell[2]} | some cell in cells]

# Questions still worth asking: the part would be given if they were cleared.
asks contains {"code": cap.code, "detail": {"category": cap.category, "about": cap.about}} if {
	some cap in open_questions
	minimise.most([cap.category, cap.about]) in {"token", "summary", "give"}
	not 0 in _limits[[cap.category, cap.about]]
}

_is_content(cell) if not _goes_along(cell[0])

_goes_along(category) if category in {"event.meta", "event.claim", "id.core", "id.address", "id.restricted_address", "professional_contact", "notice.existence", "notice.withheld"}

has_content if {
	some cell in cells
	_is_content(cell)
}

gives_something if {
	some cell in cells
	_rank[cell[2]] >= 2
	_is_content(cell)
}

# A view that is opened holds what was released before; the question need not list it again.
gives_something if {
	input.operation == "read"
	count(input.event.categories) == 0
}

# A request is answered from what is held; it need hold nothing itself for whoever asks.
gives_something if {
	input.operation == "answer"
	input.event.type == "uk.mash.mash.information.requested.v1"
}

# Whoever needs only to make contact is told whom to ask, whatever else the report holds.
gives_something if {
	facts.tells_of_a_move
	facts.move_role == "needs_contact"
	some cell in cells
	cell[2] == "token"
}

# That a child has died is told, whatever else is kept back.
gives_something if data.catalogue[input.event.type].is_news == true

gives_something if {
	not has_content
	some cell in cells
	_rank[cell[2]] >= 2
}
