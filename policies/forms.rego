# In what form each part is given. The least that any rule allows for each category and person. A question left open keeps its part back; a cleared one no longer limits; a refused one withholds.
package mash.forms

import data.mash.facts

_rank := {"withhold": 0, "ask": 1, "token": 2, "summary": 3, "give": 4}

_by_rank := ["withhold", "ask", "token", "summary", "give"]

_caps contains cap if some cap in data.mash.rules[_].caps

_limits[key] contains _rank[cap.form] if {
	some cap in _caps
	cap.code == ""
	key := [cap.category, cap.about]
}

_limits[key] contains _rank[cap.form] if {
	some cap in open_questions
	key := [cap.category, cap.about]
}

_limits[key] contains 0 if {
	some cap in _questions
	facts.is_part_refused(cap.code, cap.category)
	key := [cap.category, cap.about]
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

cells contains [part.category, part.about, _by_rank[min(_limits[[part.category, part.about]])]] if {
	some part in facts.parts
}

# What no rule names a form for is withheld.
cells contains [part.category, part.about, "withhold"] if {
	some part in facts.parts
	not _limits[[part.category, part.about]]
}

# By category, then by whom it is about.
listed := [{"category": cell[0], "about": cell[1], "form": cell[2]} | some cell in sort(cells)]

# Questions still worth asking: the part would be given if they were cleared.
asks contains {"code": cap.code, "detail": {"category": cap.category, "about": cap.about}} if {
	some cap in open_questions
	not 0 in _limits[[cap.category, cap.about]]
}

_is_content(cell) if not _goes_along(cell[0])

_goes_along(category) if category in {"event.meta", "event.claim", "id.core", "professional_contact", "notice.existence", "notice.withheld"}

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

gives_something if {
	not has_content
	some cell in cells
	_rank[cell[2]] >= 2
}
