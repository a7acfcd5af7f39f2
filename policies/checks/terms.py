"""Whether dates, clocks, purposes, matrix and approvals are as the law and practice want them."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase
from itertools import pairwise

from contracts.words import DataCategory, Grade, RelationKind
from policies.checks.expected import expected
from policies.checks.finding import Location, Point
from policies.engine import Agreement, Catalogue
from policies.engine.document import COLUMNS, family
from policies.engine.explanations import RuleTexts
from policies.engine.law import Law
from policies.engine.papers import papers, warned_within

_FACTS = frozenset({*RelationKind, "open_case", "section_47", "on_plan"} - {RelationKind.NONE})
_ASKED_OF_ITS_KEEPER = "link.adoption_firewall"
"""A bar whose keeper is asked, all the same, whether two records are of one child."""
_LONGEST_RED_HOURS = 24
_LONGEST_CAP_HOURS = 72


@dataclass(frozen=True, slots=True)
class Known:
    """What an agreement may refer to: the law, the event catalogue, the codes of the rules."""

    law: Law
    catalogue: Catalogue
    texts: RuleTexts


def points_of_terms(agreement: Agreement, known: Known, today: date) -> Iterator[Point]:
    """Everything about when it holds, what for, how much, and who decides."""
    yield from _dates(agreement, today)
    yield from _clocks(agreement)
    yield from _switches(agreement, known)
    yield from _approvals(agreement, known)
    yield from _purposes(agreement, known)
    yield from _matrix(agreement)
    for fact in sorted(set(agreement.greatest_age_days) - _FACTS):
        yield Point(("greatest_age_days", fact), f"{fact} is no fact that has an age", _one_of(_FACTS))
    ageless = sorted(_FACTS - set(agreement.greatest_age_days))
    if ageless:
        what = f"without a greatest age, these always count as unknown: {', '.join(ageless)}"
        yield Point(("greatest_age_days",), what, "add them, in days", expected("greatest_age_days"), "warning")


def _dates(agreement: Agreement, today: date) -> Iterator[Point]:
    if agreement.valid_to <= agreement.valid_from:
        yield Point(("valid_to",), "it ends before it begins", "correct one of the two days", expected("valid_to"))
    if not agreement.valid_from < agreement.review_due <= agreement.valid_to:
        what = "the review does not fall between the days on which it begins and ends"
        yield Point(("review_due",), what, "choose a day between them", expected("review_due"))
    ends = [(each.at, f"{each.name}: it lapses on", each.lapses) for each in papers(agreement)]
    for at, what, day in (*ends, (("review_due",), "its review is due on", agreement.review_due)):
        left = (day - today).days
        if warned_within(left) is not None:
            when = f"in {left} days" if left > 0 else "today" if left == 0 else f"{-left} days ago"
            yield Point(at, f"{what} {day}, {when}", "have its owner see to it now", expected(str(at[-1])), "warning")


def _clocks(agreement: Agreement) -> Iterator[Point]:
    red = agreement.clocks.get(Grade.RED)
    if red is not None and (red.runs != "any_time" or red.hours > _LONGEST_RED_HOURS):
        what = f"what is red waits up to {red.hours} hours that run in {red.runs}"
        mend = f"let red run any_time, for {_LONGEST_RED_HOURS} hours at most: danger does not wait for office hours"
        yield Point(("clocks", "red"), what, mend, expected("clocks"))
    for graver, milder in pairwise(each for each in Grade if each in agreement.clocks):
        if agreement.clocks[graver].hours > agreement.clocks[milder].hours:
            what = f"{graver} waits longer than {milder}"
            yield Point(("clocks", graver), what, "give the graver one the shorter time", expected("clocks"))
    if not agreement.working_hours and any(clock.runs == "working_hours" for clock in agreement.clocks.values()):
        what = "clocks run in working hours, and there are none"
        yield Point(("working_hours",), what, "write the office's hours", expected("clocks"))
    if not 1 <= agreement.not_before_cap_hours <= _LONGEST_CAP_HOURS:
        what = f"a planned arrest may hold a share back for {agreement.not_before_cap_hours} hours"
        yield Point(("not_before_cap_hours",), what, f"write 1 to {_LONGEST_CAP_HOURS}", expected("clocks"))


def _switches(agreement: Agreement, known: Known) -> Iterator[Point]:
    switches = {row.switch for row in known.law.gateways} | {row.switch for row in known.law.identifiers}
    switches.discard("")
    for name in sorted(set(agreement.switches) - switches):
        yield Point(("switches", name), f"no law has the switch {name}", _one_of(switches))
    for name in sorted(switches - set(agreement.switches)):
        what = f"{name} is not switched, so it counts as not commenced"
        yield Point(("switches",), what, f"write {name}: off, or on once it is commenced", "", "warning")


def _approvals(agreement: Agreement, known: Known) -> Iterator[Point]:
    codes = {text.code: text for text in known.texts.codes}
    for code, roles in agreement.approvals.items():
        at, text = ("approvals", code), codes.get(code)
        if text is None:
            yield Point(at, f"no rule asks {code}", "correct the code; docs/reference/rules.md lists them")
        elif "ask" not in text.kind and code != _ASKED_OF_ITS_KEEPER:
            what = f"{code} is a bar: {text.message[:1].lower()}{text.message[1:]}. Nobody may lift it"
            yield Point(at, what, "take it out", _BARS)
        elif not roles:
            yield Point(
                at, f"no role may decide {code}", "name at least one role, or take it out", expected("approvals")
            )
    asked = {text.code for text in known.texts.codes if "ask" in text.kind}
    unasked = sorted(asked - set(agreement.approvals))
    if unasked:
        what = f"nobody may decide these, so what they hold back stays held back: {', '.join(unasked)}"
        yield Point(("approvals",), what, "name the roles that may", expected("approvals"), "warning")


def _purposes(agreement: Agreement, known: Known) -> Iterator[Point]:
    families = {family(event.type) for event in known.catalogue.events}
    needed: set[str] = set()
    for number, terms in enumerate(agreement.purposes):
        for index, necessity in enumerate(terms.necessity):
            at: Location = ("purposes", number, "necessity", index, "events")
            for position, each in enumerate(necessity.events):
                if not any(fnmatchcase(name, each) for name in families):
                    what = f"{each} is no family of events"
                    yield Point((*at, position), what, "correct it; docs/reference/rules.md lists them", _NEEDED)
            needed |= {str(kind) for kind in necessity.recipients}
    for purpose in (each for each, times in Counter(t.purpose for t in agreement.purposes).items() if times > 1):
        yield Point(("purposes",), f"the purpose {purpose} is written twice", "put the two together", _NEEDED)
    for number, entry in enumerate(agreement.recipients):
        if entry.kind not in needed and entry.column != "none":
            what = f"no purpose says why a {entry.kind} needs anything, so {entry.id} is told nothing"
            yield Point(("recipients", number, "kind"), what, "add a sentence under a purpose", _NEEDED, "warning")


def _matrix(agreement: Agreement) -> Iterator[Point]:
    listed = Counter((row.category, about) for row in agreement.matrix for about in row.about)
    for category, about in (pair for pair, times in listed.items() if times > 1):
        last = max(n for n, row in enumerate(agreement.matrix) if row.category == category and about in row.about)
        what = f"{category} about {about} is written twice"
        yield Point(("matrix", last), what, "take one of the two out", expected("matrix"))
    limited = ((number, row) for number, row in enumerate(agreement.matrix) if row.category in _LIMITS)
    for number, row in limited:
        forms, law = _LIMITS[row.category]
        for column in COLUMNS:
            written = str(getattr(row, column)).partition(" ")[0]
            if written not in forms and (row.category, column) not in _ITS_OWN:
                what = f"{row.category} would be given to {column} without a person: {written}"
                yield Point(("matrix", number, column), what, f"write {' or '.join(sorted(forms))}", law)
    rowless = sorted(set(DataCategory) - {row.category for row in agreement.matrix})
    if rowless:
        what = f"these have no row, so they are withheld from everybody: {', '.join(rowless)}"
        yield Point(("matrix",), what, "add a row for what somebody needs", expected("matrix"), "warning")


def _one_of(words: frozenset[str] | set[str]) -> str:
    return f"write one of {', '.join(sorted(map(str, words)))}" if words else "take it out"


_NEEDED = expected("purposes")
_BARS = "What the law forbids, no approval allows"
_WITHHELD = frozenset({"withhold"})
_A_PERSON = frozenset({"withhold", "ask"})
_LIMITS: Mapping[DataCategory, tuple[frozenset[str], str]] = {
    DataCategory.PROTECTED_PERSON: (_WITHHELD, "Serious Organised Crime and Police Act 2005 sections 86 to 89"),
    DataCategory.ADOPTION_PRIOR_IDENTITY: (_A_PERSON, "Adoption and Children Act 2002 sections 56 to 65"),
    DataCategory.HEALTH_SEXUAL: (_A_PERSON, "Common law duty of confidentiality; Caldicott principles 6 and 7"),
    DataCategory.LEGAL_PRIVILEGED: (_A_PERSON, "Legal professional privilege: its owner alone may waive it"),
    DataCategory.COURT_RESTRICTED: (_A_PERSON, "Family Procedure Rules 2010 Part 12 and Practice Direction 12G"),
    DataCategory.ID_RESTRICTED_ADDRESS: (frozenset({"withhold", "ask", "token"}), "UK GDPR Article 5(1)(f): security"),
    DataCategory.INFORMANT: (_WITHHELD, "Common law: an informant is not named"),
}
"""How far a category may go by the matrix alone, and why."""
_ITS_OWN = frozenset({(DataCategory.INFORMANT, "police_mash")})
"""Who holds it anyway."""
