"""What every safeguarding event carries: the child, the people, the address and the typed entries."""

from datetime import date, datetime
from typing import Annotated, Any, ClassVar, Literal, Self, TypeVar

from pydantic import ConfigDict, Field, JsonValue, model_validator

from contracts.base import Category, CategoryFrom, Instant, Model
from contracts.words import (
    About,
    CheckResult,
    DataCategory,
    EntryKind,
    GivenBy,
    Grade,
    IdentifierKind,
    PersonRole,
    RecipientKind,
    Restriction,
    Sex,
)

Meta = Category(DataCategory.EVENT_META, key_fact=True)
Place = Category(DataCategory.EVENT_META, key_fact=True, locates=True)
Claim = Category(DataCategory.EVENT_CLAIM)
IdCore = Category(DataCategory.ID_CORE, key_fact=True)
Line = Annotated[str, Field(min_length=1, max_length=500)]
Text = Annotated[str, Field(min_length=1, max_length=20_000)]


class Identifier(Model):
    """One identifier of the child, with the result of its check digit or trace."""

    kind: Annotated[IdentifierKind, IdCore]
    value: Annotated[Line, IdCore]
    check: Annotated[CheckResult, IdCore]


class Child(Model):
    """The child an event is about. An unborn child has an expected date and its mother's name instead."""

    forenames: Annotated[Line | None, IdCore] = None
    surname: Annotated[Line | None, IdCore] = None
    birth_date: Annotated[date | None, IdCore] = None
    expected_date: Annotated[date | None, IdCore] = None
    sex: Annotated[Sex, IdCore] = Sex.UNKNOWN
    ethnicity: Annotated[Line | None, Category(DataCategory.EQUALITY_ETHNICITY)] = None
    disabilities: Annotated[tuple[Line, ...], Category(DataCategory.EQUALITY_DISABILITY)] = ()
    identifiers: tuple[Identifier, ...] = ()


class Address(Model):
    """Where someone lives. ``category`` is ``id.restricted_address`` where it must be guarded."""

    about_field: ClassVar[str] = "about"
    category: Annotated[
        Literal[DataCategory.ID_ADDRESS, DataCategory.ID_RESTRICTED_ADDRESS],
        CategoryFrom("category", locates=True),
    ] = DataCategory.ID_ADDRESS
    about: Annotated[About, CategoryFrom("category", locates=True)] = About.CHILD
    lines: Annotated[tuple[Line, ...], CategoryFrom("category", locates=True)] = ()
    postcode: Annotated[Line | None, CategoryFrom("category", locates=True)] = None
    uprn: Annotated[Line | None, CategoryFrom("category", locates=True)] = None
    is_new: Annotated[bool, CategoryFrom("category", locates=True)] = False


_SET_BY_ABOUT = (About.INFORMANT, About.THIRD_PARTY)


def _category_of_person(fields: dict[str, Any]) -> DataCategory:
    return {
        About.INFORMANT: DataCategory.INFORMANT,
        About.THIRD_PARTY: DataCategory.THIRD_PARTY,
        About.PROFESSIONAL: DataCategory.PROFESSIONAL_CONTACT,
    }.get(fields.get("about", About.ADULT), DataCategory.ID_CORE)


def _when(field: str, value: str, then: str, forced: str) -> dict[str, JsonValue]:
    """A rule in JSON Schema: where ``field`` is ``value``, ``then``, if it is there, is ``forced``."""
    return {
        "if": {"required": [field], "properties": {field: {"const": value}}},
        "then": {"properties": {then: {"const": forced}}},
    }


_PERSON_RULES: dict[str, JsonValue] = {
    "allOf": [
        _when("role", "informant", "about", "informant"),
        _when("about", "informant", "category", "informant"),
        _when("about", "third_party", "category", "third_party"),
    ]
}


class Person(Model):
    """Another person, as a role with only what bears on this child.

    ``category`` follows from whom it is about: an informant is never anything but ``informant``.
    """

    model_config = ConfigDict(json_schema_extra=_PERSON_RULES)
    about_field: ClassVar[str] = "about"
    role: Annotated[PersonRole, CategoryFrom("category", key_fact=True)]
    about: Annotated[About, CategoryFrom("category", key_fact=True)]
    category: Annotated[DataCategory, CategoryFrom("category", key_fact=True)] = Field(
        default_factory=_category_of_person
    )
    forenames: Annotated[Line | None, CategoryFrom("category")] = None
    surname: Annotated[Line | None, CategoryFrom("category")] = None
    birth_date: Annotated[date | None, CategoryFrom("category")] = None
    sex: Annotated[Sex | None, CategoryFrom("category")] = None
    phone: Annotated[Line | None, CategoryFrom("category")] = None
    organisation: Annotated[Line | None, CategoryFrom("category")] = None
    child_reference: Annotated[Line | None, CategoryFrom("category")] = None
    status: Annotated[Line | None, CategoryFrom("category")] = None
    status_as_at: Annotated[date | None, CategoryFrom("category")] = None

    @model_validator(mode="after")
    def _an_informant_stays_one(self) -> Self:
        if self.role is PersonRole.INFORMANT and self.about is not About.INFORMANT:
            msg = "a person in the role of informant is about informant"
            raise ValueError(msg)
        if self.about in _SET_BY_ABOUT and self.category is not _category_of_person({"about": self.about}):
            msg = "an informant's and a third party's category follow from whom they are"
            raise ValueError(msg)
        return self


class ReleaseText(Model):
    """Text the sender wrote for one kind of recipient to read."""

    audience: Annotated[RecipientKind, Claim]
    text: Annotated[Text, Claim]


_ENTRY_RULES: dict[str, JsonValue] = {
    "anyOf": [
        {"required": ["code"], "properties": {"code": {"type": "string"}}},
        {"required": ["text"], "properties": {"text": {"type": "string"}}},
    ],
    "allOf": [
        _when("kind", "child_words", "category", "child_voice"),
        _when("category", "child_voice", "kind", "child_words"),
    ],
}
"""What the validators of an entry check, told to other people's tools."""


_GUARDED_IN_ITS_OWN_WAY = frozenset(
    {
        DataCategory.PROTECTED_PERSON,
        DataCategory.ADOPTION_PRIOR_IDENTITY,
        DataCategory.HEALTH_SEXUAL,
        DataCategory.LEGAL_PRIVILEGED,
        DataCategory.COURT_RESTRICTED,
        DataCategory.INFORMANT,
        DataCategory.THIRD_PARTY,
        DataCategory.ID_RESTRICTED_ADDRESS,
        DataCategory.CHILD_VOICE,
    }
)
"""Categories that rules of their own guard, at least as strictly as intelligence."""


class Entry(Model):
    """One typed statement: what was seen, thought, alleged, gathered, or said by the child.

    ``code`` is the coded key fact; ``text`` is free text, which only the MASH core and the
    allocated team read unless the sender released a text for that audience.
    """

    model_config = ConfigDict(json_schema_extra=_ENTRY_RULES)
    about_field: ClassVar[str] = "about"
    kind: Annotated[EntryKind, CategoryFrom("category", key_fact=True)]
    category: Annotated[DataCategory, CategoryFrom("category", key_fact=True)]
    about: Annotated[About, CategoryFrom("category", key_fact=True)] = About.CHILD
    code: Annotated[Line | None, CategoryFrom("category", key_fact=True)] = None
    text: Annotated[Text | None, CategoryFrom("category", free_text=True)] = None
    said_by: Annotated[PersonRole | None, CategoryFrom("category", key_fact=True)] = None
    reliability: Annotated[Line | None, CategoryFrom("category")] = None
    handling_code: Annotated[Literal["P", "C"] | None, CategoryFrom("category")] = None
    status: Annotated[Line | None, CategoryFrom("category")] = None
    status_as_at: Annotated[date | None, CategoryFrom("category")] = None
    released: tuple[ReleaseText, ...] = ()

    @model_validator(mode="after")
    def _says_something_of_its_kind(self) -> Self:
        if self.code is None and self.text is None:
            msg = "an entry needs a code or a text"
            raise ValueError(msg)
        if (self.kind is EntryKind.CHILD_WORDS) != (self.category is DataCategory.CHILD_VOICE):
            msg = "the child's words, and only they, have category child_voice"
            raise ValueError(msg)
        return self

    @model_validator(mode="after")
    def _is_guarded_as_intelligence(self) -> Self:
        """Intelligence that its sender took for a report of a crime, or for less, is guarded as what it is."""
        if _is_intelligence(self) and self.category not in _GUARDED_IN_ITS_OWN_WAY:
            self.__dict__["category"] = DataCategory.POLICE_INTEL
        return self


class Level(Model):
    """The level of need, 1 to 4, and who set it."""

    value: Annotated[int, Field(ge=1, le=4), Meta]
    given_by: Annotated[GivenBy, Meta] = GivenBy.SENDER


class Urgency(Model):
    """The grade, and who set it."""

    value: Annotated[Grade, Meta]
    given_by: Annotated[GivenBy, Meta] = GivenBy.SENDER


class Times(Model):
    """When it happened, when the agency recorded it, when the adapter read it.

    ``not_before`` delays a share that would warn of a planned arrest; the agreement caps it,
    counted from when the exchange received the report.
    """

    occurred: Annotated[Instant, Meta]
    recorded: Annotated[Instant | None, Meta] = None
    observed: Annotated[Instant | None, Claim] = None
    not_before: Annotated[Instant | None, Claim] = None

    @property
    def vouched(self) -> datetime:
        """The moment for which the source vouches: when it recorded it, was read, or it occurred."""
        return self.recorded or self.observed or self.occurred


class Claims(Model):
    """What the sender says of the law and of the family's position. Never released to anyone."""

    art6: Annotated[Line | None, Claim] = None
    art9: Annotated[Line | None, Claim] = None
    art10: Annotated[Line | None, Claim] = None
    schedule1: Annotated[Line | None, Claim] = None
    gateway: Annotated[Line | None, Claim] = None
    part3_exit: Annotated[Line | None, Claim] = None
    service_agreement: Annotated[Literal["agreed", "declined", "not_asked"] | None, Claim] = None
    dissent: Annotated[bool, Claim] = False
    more_detrimental: Annotated[bool, Claim] = False
    unsure: Annotated[bool, Claim] = False
    consent_not_sought: Annotated[
        Literal["cannot_be_given", "cannot_reasonably_be_obtained", "would_prejudice_protection"] | None, Claim
    ] = None
    necessity: Annotated[Text | None, Claim] = None


class InformFamily(Model):
    """Whether the family has been told, and which one agency decides it."""

    decision: Annotated[Literal["not_decided", "told", "not_told", "deferred"], Meta] = "not_decided"
    decided_by: Annotated[Line | None, Meta] = None
    reason: Annotated[
        Literal["risk_of_harm", "prejudice_to_investigation", "dangerous_delay", "risk_to_evidence"] | None, Meta
    ] = None


class Organisation(Model):
    """A place a child goes to, by its code in a named scheme (ODS, URN, DfE number); it tells where the child is."""

    scheme: Annotated[Literal["ods", "urn", "dfe", "local"], Meta]
    code: Annotated[Line, Place]
    name: Annotated[Line | None, Place] = None


class Team(Model):
    """A team of the authority that holds the case."""

    code: Annotated[Line, Category(DataCategory.PROFESSIONAL_CONTACT, key_fact=True)]
    name: Annotated[Line | None, Category(DataCategory.PROFESSIONAL_CONTACT, key_fact=True)] = None


class Payload(Model):
    """The part common to every event about a child."""

    event_type: ClassVar[str]
    child: Child
    times: Times
    people: tuple[Person, ...] = ()
    address: Address | None = None
    level: Level | None = None
    grade: Urgency | None = None
    restrictions: Annotated[tuple[Restriction, ...], Claim] = ()
    quality_flags: Annotated[tuple[Line, ...], Meta] = ()
    claims: Claims = Claims()
    inform_family: InformFamily = InformFamily()
    entries: tuple[Entry, ...] = ()


P = TypeVar("P", bound=Payload)


def handling_code(payload: Payload) -> str:
    """The code under which a report's intelligence travels: that of its strictest part, C, then none, then P."""
    codes = {_code(entry) for entry in payload.entries if _is_intelligence(entry)}
    return next((code for code in ("C", "", "P") if code in codes), "")


def without_bound_intelligence(payload: P) -> P | None:
    """The report without the intelligence that is not free to travel; none where nothing else is said in it."""
    free = tuple(entry for entry in payload.entries if not _is_intelligence(entry) or _code(entry) == "P")
    if len(free) == len(payload.entries):
        return payload
    return payload.model_copy(update={"entries": free}) if free else None


def _is_intelligence(entry: Entry) -> bool:
    is_named = entry.kind is EntryKind.INTELLIGENCE or entry.category is DataCategory.POLICE_INTEL
    return is_named or entry.handling_code is not None


def _code(entry: Entry) -> str:
    return entry.handling_code or ""
