"""A safeguarding note as a concern: its category, the child's released words, and roles; nothing else leaves."""

from collections.abc import Iterator
from typing import Literal, cast

from adapters.kit.fields import Fields
from adapters.kit.grading import level, urgency
from contracts.events.school import SchoolConcernRecorded
from contracts.payload import Child, Claims, Entry, InformFamily, Organisation, Person, Times
from contracts.words import About, DataCategory, EntryKind, PersonRole

CATEGORIES = frozenset(
    {
        "neglect", "physical_abuse", "emotional_abuse", "sexual_abuse", "domestic_abuse", "child_on_child_abuse",
        "criminal_exploitation", "sexual_exploitation", "fgm", "forced_marriage", "radicalisation", "online_safety",
        "self_harm", "mental_health", "missing_education", "attendance", "bereavement", "young_carer", "other",
    }
)  # fmt: skip
_CRIMES = frozenset(
    {
        "physical_abuse", "sexual_abuse", "domestic_abuse", "criminal_exploitation", "sexual_exploitation", "fgm",
        "forced_marriage",
    }
)  # fmt: skip
_LINKED = {
    "friend": (PersonRole.FRIEND, About.THIRD_PARTY),
    "sibling": (PersonRole.SIBLING, About.OTHER_CHILD),
    "witness": (PersonRole.WITNESS, About.THIRD_PARTY),
}
_NOT_SOUGHT = frozenset({"cannot_be_given", "cannot_reasonably_be_obtained", "would_prejudice_protection"})
_AGREEMENTS = frozenset({"agreed", "declined", "not_asked"})
_STAY_AT_SCHOOL = frozenset({"child_words.not_released"})

NotSought = Literal["cannot_be_given", "cannot_reasonably_be_obtained", "would_prejudice_protection"]
Agreement = Literal["agreed", "declined", "not_asked"]
Decision = Literal["not_decided", "told", "not_told", "deferred"]


def concern(native: Fields, *, child: Child, times: Times, place: Organisation) -> SchoolConcernRecorded:
    """The event of one safeguarding note. ``summary`` and ``content`` are never read."""
    category = _category(native)
    crime = native.yes("isCrime")
    claims = _claims(native)
    words = _words(native)
    people = (*_linked(native), *_lead(native))
    return SchoolConcernRecorded(
        child=child,
        times=times,
        people=people,
        level=level(native, "needLevel"),
        grade=urgency(native, "urgency"),
        claims=claims,
        inform_family=_family(native),
        entries=words,
        establishment=place,
        concern=category,
        author_role=native.line("authorRole"),
        is_crime=category in _CRIMES if crime is None else crime,
        quality_flags=tuple(flag for flag in native.flags.all() if flag not in _STAY_AT_SCHOOL),
    )


def _category(native: Fields) -> str:
    """The category as one of ours: what a school typed freely could hold anything."""
    code = native.code("category")
    if code in CATEGORIES:
        return code
    native.flags.add("category.unknown" if code else "category.missing")
    return "other"


def _words(native: Fields) -> tuple[Entry, ...]:
    """The child's own words, only where the designated lead released them."""
    said = []
    for words in native.each("childWords"):
        text = words.free_text("words", "text")
        if text is None:
            continue
        if words.yes("releasedByDesignatedLead") is not True:
            native.flags.add("child_words.not_released")
            continue
        said.append(Entry(kind=EntryKind.CHILD_WORDS, category=DataCategory.CHILD_VOICE, about=About.CHILD, text=text))
    return tuple(said)


def _linked(native: Fields) -> Iterator[Person]:
    for link in native.each("linkedStudents"):
        role, about = _LINKED.get(link.code("role"), (PersonRole.OTHER_CHILD, About.THIRD_PARTY))
        student = link.one("student")
        person = student.one("person") if student.one("person").native else student
        surname = person.line("legalLastName", "surname", "lastName") if about is About.THIRD_PARTY else None
        forenames = person.line("legalFirstName", "forenames", "firstName")
        yield Person(role=role, about=about, forenames=forenames, surname=surname)


def _lead(native: Fields) -> Iterator[Person]:
    lead = native.one("designatedLead")
    if lead.native:
        yield Person(
            role=PersonRole.DESIGNATED_LEAD,
            about=About.PROFESSIONAL,
            forenames=lead.line("forenames", "firstName"),
            surname=lead.line("surname", "lastName", "name"),
            phone=lead.line("phone"),
        )


def _claims(native: Fields) -> Claims:
    """What the school says of the law; believing that consent is needed is told as a flag, and bars nothing."""
    agreement = _one_of(native, "familyAgreement", _AGREEMENTS)
    if native.yes("believesConsentNeeded"):
        native.flags.add("claims.consent_believed_needed")
        agreement = agreement or "not_asked"
    return Claims(
        service_agreement=cast("Agreement | None", agreement),
        dissent=agreement == "declined" or native.yes("familyObjects") is True,
        more_detrimental=native.yes("askingWouldIncreaseRisk") is True,
        unsure=native.yes("unsure") is True,
        consent_not_sought=cast("NotSought | None", _one_of(native, "consentNotSought", _NOT_SOUGHT)),
        necessity=native.free_text("whyShare"),
    )


def _family(native: Fields) -> InformFamily:
    told = native.yes("familyTold")
    decision: Decision = "not_decided"
    if told is not None:
        decision = "told" if told else "not_told"
    return InformFamily(decision=decision)


def _one_of(native: Fields, name: str, allowed: frozenset[str]) -> str | None:
    code = native.code(name)
    if code and code not in allowed:
        native.flags.add("code.unknown")
        return None
    return code or None
