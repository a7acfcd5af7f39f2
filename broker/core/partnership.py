"""What the agreement and the catalogue tell the exchange, as plain values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from contracts.words import AgencyId, AgencyKind, Grade, Purpose, RecipientId, RecipientKind, RelationKind


class Condition(StrEnum):
    """What may have to hold before whoever stands in a relation is considered."""

    NEWBORN = "newborn"
    """Not yet born, or born within 28 days: until then midwives look after mother and child."""
    UNDER_FIVE = "under_five"
    SCHOOL_AGE = "school_age"
    OPEN_CASE = "open_case"
    SECTION_47 = "section_47"
    CRIME_INDICATOR = "crime_indicator"
    DOMESTIC_ABUSE = "domestic_abuse"
    NO_WORKER = "no_worker"
    """No team that can be told is known to work with the child, or only by what is too old to be relied on."""
    OF_CONCERN = "of_concern"
    """Sender or person say level 3 or 4, the sender flags it, or the child has a case, a plan or an enquiry."""


@dataclass(frozen=True, slots=True)
class RecipientEntry:
    """One recipient in the partnership's directory.

    ``organisations``: the codes by which relations name it (``urn:999001``, ``ods:Y99001``,
    ``la_team:csc-north``). ``contact``: what a token tells people to ask ("Asha Bell" is filled in by
    the child's own worker where known). ``agency``: whose it is. ``role`` opens what comes, ``deputies`` in its place.
    """

    recipient: RecipientId
    name: str
    kind: RecipientKind
    role: str
    organisations: frozenset[str] = frozenset()
    phone: str = ""
    agency: str = ""
    deputies: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OnCover:
    """The team that covers a moment: its name, the role that opens what comes, that role's deputies, and its phone."""

    team: str
    role: str
    deputies: tuple[str, ...]
    phone: str

    def __str__(self) -> str:
        """As people say it: ``emergency duty team, 01632 960101``."""
        return f"{self.team}, {self.phone}"


@dataclass(frozen=True, slots=True)
class AgencyEntry:
    """One source agency in the partnership's directory.

    ``organisation``: its own code where it is a place a child goes to (a school's ``urn:999001``).
    ``silent_after_hours``: how long its feed may be silent before that is named.
    """

    agency: AgencyId
    name: str
    kind: AgencyKind
    sort: str = ""
    organisation: str = ""
    silent_after_hours: int = 24
    does_not_cover: str = ""


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """How one event type is treated unless sender or person say otherwise.

    ``relations``: to whom it may go, by how they stand to the child. ``is_safeguarding``: false for
    events that only tell of a relation. ``brings_location``: it can carry a new place. ``goes_to_those_told``: it ends
    what an earlier report said, and goes to whoever was told of that. ``when``: conditions of
    which all must hold before whoever stands in a relation is considered.
    """

    event_type: str
    title: str
    level: int
    grade: Grade
    purpose: Purpose
    relations: tuple[RelationKind, ...]
    is_safeguarding: bool
    brings_location: bool = False
    goes_to_those_told: bool = False
    purpose_by_relation: Mapping[RelationKind, Purpose] = field(default_factory=dict)
    when: Mapping[RelationKind, tuple[Condition, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Directory:
    """Who is in the partnership.

    ``greatest_age_days``: for how long a fact of each kind (a relation, ``open_case``, ``section_47``,
    ``on_plan``) may be relied on; a kind that is not listed is never relied on. ``not_before_cap_hours``: the longest
    that a planned arrest may hold a share back. ``standing``: who stands in a relation that no event names.
    """

    recipients: Mapping[RecipientId, RecipientEntry]
    agencies: Mapping[AgencyId, AgencyEntry]
    front_door: RecipientId
    police: RecipientId | None = None
    education: RecipientId | None = None
    standing: Mapping[RelationKind, RecipientId] = field(default_factory=dict)
    health_visitor_by_practice: Mapping[str, RecipientId] = field(default_factory=dict)
    greatest_age_days: Mapping[str, int] = field(default_factory=dict)
    not_before_cap_hours: int = 24

    def by_organisation(self, code: str) -> RecipientEntry | None:
        """The recipient that an organisation code names, if any."""
        return next((r for r in self.recipients.values() if code in r.organisations), None)


@dataclass(frozen=True, slots=True)
class LapsedPaper:
    """What an agency's reports rest on and has run out: an agreement, or an agency's own policy document.

    ``cause``: which of the two, as an incident's cause. ``subject``: the id of the agreement or of the agency.
    ``name``: what people call it.
    """

    cause: str
    subject: str
    name: str


@dataclass(frozen=True, slots=True)
class LapsingPapers:
    """Agreements in force and policy documents that all lapse at the start of one day in England, ``within`` days."""

    day: date
    within: int
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RuleText:
    """A rule's words for people: why, and what would allow it. ``forbids``: the law forbids sharing by it.

    ``hidden_from``: the audiences (sender, recipient, mash, dpo) to whom it is not told that it is this reason.
    """

    code: str
    title: str
    message: str
    would_allow: str
    references: tuple[tuple[str, str], ...] = ()
    forbids: bool = False
    hidden_from: frozenset[str] = frozenset()
