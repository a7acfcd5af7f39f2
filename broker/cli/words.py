"""People's words for the terms the exchange uses inside."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from contracts.words import Cause

if TYPE_CHECKING:
    from contracts.verdict import Basis

LONDON = ZoneInfo("Europe/London")

NOT_A_REFERRAL = "This does not replace a referral. In immediate danger ring 999."

EFFECTS = {"share": "shared", "withhold": "not shared", "ask": "decision needed"}

FORMS = {
    "give": "given",
    "summary": "key facts only",
    "token": "kept back, with whom to contact",
    "withhold": "kept back",
    "ask": "kept back until a person decides",
}

CATEGORIES = {
    "id.core": "name and identifiers",
    "id.address": "address",
    "id.restricted_address": "guarded address",
    "health.physical": "physical health",
    "health.mental": "mental health",
    "health.sexual": "sexual health",
    "health.substance": "alcohol and drugs",
    "police.incident": "police incident",
    "police.intel": "police intelligence",
    "crime.conviction": "convictions",
    "crime.allegation": "allegations of crime",
    "third_party": "other people's names",
    "informant": "who told us",
    "adoption.prior_identity": "identity before adoption",
    "protected_person": "protected person",
    "immigration": "immigration",
    "edu.attendance": "attendance and roll",
    "edu.send": "special educational needs",
    "edu.concern": "school's concern",
    "edu.exclusion": "exclusion",
    "sc.status": "social care status",
    "sc.narrative": "social care account",
    "legal.privileged": "legal advice",
    "court.restricted": "court papers",
    "child_voice": "the child's own words",
    "professional_contact": "professionals' contacts",
    "equality.ethnicity": "ethnicity",
    "equality.religion": "religion",
    "equality.disability": "disability",
    "event.meta": "times, urgency and need",
    "event.claim": "what the sender claimed",
    "relation.household": "household",
    "notice.existence": "that another service is involved",
    "notice.withheld": "that something is kept back",
}

SORTS = {
    "fact": "fact",
    "opinion": "opinion",
    "allegation": "allegation",
    "intelligence": "intelligence",
    "child_words": "child's words",
}

ABOUT = {
    "child": "the child",
    "other_child": "another child",
    "adult": "an adult",
    "third_party": "somebody else",
    "informant": "who told us",
    "professional": "a professional",
}

IDENTIFIERS = {
    "nhs_number": "NHS number",
    "upn": "UPN",
    "la_child_id": "council's number",
    "local": "sender's own number",
}

NOT_CONSIDERED = {
    "unknown": "none is known for this child",
    "identity_unsure": "it is not certain which child this is",
    "not_in_directory": "it is not in the directory",
    "not_newborn": "only before a birth and for four weeks after it",
    "not_of_school_age": "only for a child of school age",
    "considered_already": "considered in another relation",
    "was_not_told": "it was not told of what this ends",
    "condition.newborn": "only before a birth and for four weeks after it",
    "condition.under_five": "only for a child under five",
    "condition.school_age": "only for a child of school age",
    "condition.open_case": "only with an open case",
    "condition.section_47": "only while a section 47 enquiry runs",
    "condition.crime_indicator": "only where something points to a crime",
    "condition.domestic_abuse": "only after domestic abuse",
    "condition.no_worker": "only where no team works with the child",
    "condition.of_concern": "only from level 3 on, or with an open case",
}

ALLOWED_BY_ANSWER = {
    "identity.unsure": (
        "{recipient} gets the report, marked as not certain whose it is, to compare the details",
        "{recipient} does not get the report",
    ),
    "new_address.worker": ("{recipient} gets the new address", "the new address stays kept back from {recipient}"),
    "safe_contact.worker": ("{recipient} gets the address", "{recipient} is told whom to ask, as before"),
    "safe_contact.front_door": ("{recipient} gets the address", "{recipient} is told whom to ask, as before"),
    "review.withheld_under_duty": (
        "{recipient} is not told, although the law says must: two people have said so",
        "the question is open again for whoever decided it",
    ),
    "nursery.manager_decides": ("{recipient} is told, as far as its part allows", "{recipient} is not told"),
}
"""What yes and no would do, by the code of the question."""

CAPITALS = {"mash": "MASH", "gp": "GP", "csc": "CSC", "nhs": "NHS", "la": "LA", "hv": "HV", "send": "SEND"}


GROUNDS: Mapping[str, str] = {
    "retention_over": "the retention period is over",
    "no_longer_necessary": "no longer necessary for what it was collected for",
    "consent_withdrawn": "consent was withdrawn, and there is no other basis",
    "objection_upheld": "an objection was upheld",
    "processed_unlawfully": "it was processed unlawfully",
    "legal_obligation": "a legal obligation, such as a court's order",
}
"""Why a child's record must be erased, in words."""

CAUSES: Mapping[Cause, str] = {
    Cause.CORRECTED: "Corrected by whoever reported it: what was told before no longer applies.",
    Cause.WITHDRAWN: "Withdrawn by whoever reported it: disregard.",
    Cause.DIFFERENT_CHILD: "This was about a different child: disregard.",
    Cause.NO_LONGER_LAWFUL: "This may no longer be shared with you: do not use it.",
    Cause.RELATION_ENDED: "Closed: the child is no longer with you.",
    Cause.ADDRESS_RECALLED: "The address is recalled: destroy what you hold of it and pass it on to nobody.",
    Cause.ERASED: "Erased: everything about one child is destroyed here; destroy what you copied elsewhere.",
    Cause.REPORT_ERASED: "Erased: this report is destroyed here; destroy what you copied elsewhere.",
}
"""What a reader is told where something told earlier is corrected, retracted, or given no longer."""


def law(basis: "Basis") -> str:
    """A basis in the words of the law: ``Art 6(1)(e), Art 9(2)(g), CA2004 s.11``."""
    parts = [
        basis.art6 and f"Art 6(1)({basis.art6})",
        basis.art9 and f"Art 9(2)({basis.art9})",
        basis.art10 and f"Art 10 ({basis.art10.replace('_', ' ')})",
        basis.schedule1 and f"Schedule 1 para {basis.schedule1}",
        basis.gateway and basis.gateway.replace("-", " s.", 1),
    ]
    return ", ".join(part for part in parts if part)


def moment(value: datetime | str) -> str:
    """A time as people in England read it: ``Sun 8 Mar 2026 22:50``; a day alone where only the day is known."""
    at = datetime.fromisoformat(value) if isinstance(value, str) else value
    local = at.astimezone(LONDON)
    shown = f"{local:%a} {local.day} {local:%b %Y}"
    return shown if local.time() == local.min.time() else f"{shown} {local:%H:%M}"


def day(value: str) -> str:
    """A day as people read it: ``8 Mar 2026``; anything else as it is."""
    try:
        found = date.fromisoformat(value)
    except ValueError:
        return value
    return f"{found.day} {found:%b %Y}"


def plain_words(term: str) -> str:
    """A term of the exchange as words: ``mash_practitioner`` reads ``MASH practitioner``."""
    return " ".join(CAPITALS.get(word, word) for word in term.replace("_", " ").replace("@", " at ").split())


def event_title(event_type: str) -> str:
    """An event type in words: ``Emergency attendance recorded``."""
    words = plain_words(" ".join(event_type.split(".")[3:5]))
    return words[:1].upper() + words[1:]


def cell(category: str, about: str) -> str:
    """One cell of the matrix in words."""
    name = CATEGORIES.get(category, category)
    is_said = about == "child" or category in {"third_party", "informant"}
    return name if is_said else f"{name} of {ABOUT.get(about, about)}"


def count(number: int, one: str, many: str = "") -> str:
    """A figure with its noun: ``1 report``, ``2 reports``."""
    return f"{number} {one if number == 1 else many or f'{one}s'}"


def sentence(parts: Iterable[str]) -> str:
    """Several names in one line: ``a, b and c``."""
    *most, last = list(parts) or [""]
    return f"{', '.join(most)} and {last}" if most else last
