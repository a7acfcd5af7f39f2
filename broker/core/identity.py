"""Which child an event is about, by keys that agree; where they do not, a person decides."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from broker.core.hashing import keyed_hash
from broker.core.names import first_of, normalised, within_two_edits
from contracts.canonical import canonical, read_json_object
from contracts.envelope import Envelope
from contracts.events.health import DemographicsChanged
from contracts.payload import Payload, Person
from contracts.words import About, CheckResult, ChildId, IdentifierKind, PersonRole, Sex

Link = tuple[str, str]
"""One way of recognising a child: its kind, and a hash keyed under the exchange's identity secret."""

NHS, UPN, AGENCY, UNBORN = "nhs_number", "upn", "agency", "unborn"
BY_NAME = ("name_postcode", "name_school", "name_parent")
BEHIND_FIREWALL = "identity.firewall"
"""Why it is doubtful who a report is about: keys name a child whom an adoption protects."""
NAME = "name"
"""Name and birth date alone: never enough to link, but enough to ask a person."""

CERTAIN = frozenset({NHS, UPN, AGENCY, UNBORN})
PAIR = 2
PROVISIONAL = "provisional"
"""Links a doubtful child's later events to the same provisional child; it never joins a known one."""

_CHECKED = frozenset({CheckResult.PASSED, CheckResult.TRACED})
_TOLD = frozenset({Sex.FEMALE, Sex.MALE})
_PARENTS = frozenset({PersonRole.MOTHER, PersonRole.FATHER, PersonRole.PARENT, PersonRole.CARER})


@dataclass(frozen=True, slots=True)
class Demographics:
    """A child's name, birth date and sex as they are compared, and the hashes of its checked numbers.

    ``sex``: empty where it is not known.
    """

    surname: str
    forename: str
    born: str
    numbers: frozenset[Link]
    sex: str = ""

    def content(self) -> bytes:
        """As it is sealed."""
        return canonical(
            {
                "surname": self.surname,
                "forename": self.forename,
                "born": self.born,
                "sex": self.sex,
                "numbers": sorted(list(link) for link in self.numbers),
            }
        )

    @classmethod
    def read(cls, content: bytes) -> "Demographics":
        """Read back what ``content`` wrote."""
        row = read_json_object(content)
        numbers = frozenset((str(kind), str(value)) for kind, value in row["numbers"])
        return cls(row["surname"], row["forename"], row["born"], numbers, row["sex"])

    def over(self, before: "Demographics | None") -> "Demographics":
        """What is known once this was told after ``before``: a name that was not told stays, numbers add up."""
        if before is None:
            return self
        return Demographics(
            self.surname or before.surname,
            self.forename or before.forename,
            self.born or before.born,
            self.numbers | before.numbers,
            self.sex or before.sex,
        )

    def conflicts_with(self, other: "Demographics") -> bool:
        """Whether both have a checked number of one kind, and none in common."""
        for kind in (NHS, UPN):
            mine = {link for link in self.numbers if link[0] == kind}
            theirs = {link for link in other.numbers if link[0] == kind}
            if mine and theirs and mine.isdisjoint(theirs):
                return True
        return False

    def name_hashes(self, secret: bytes) -> tuple[str, str]:
        """Birth date with surname and with forename, keyed; who `resembles` this has one of the two. Empty: no date."""
        if not self.born:
            return "", ""
        return (
            keyed_hash(secret, "born_surname", self.born, self.surname),
            keyed_hash(secret, "born_forename", self.born, self.forename),
        )

    def differs_from(self, other: "Demographics") -> bool:
        """Whether birth date, sex or forename says that these are two children, twins for instance.

        What is not known of one of them says nothing.
        """
        return (
            (bool(self.born and other.born) and self.born != other.born)
            or (bool(self.sex and other.sex) and self.sex != other.sex)
            or (bool(self.forename and other.forename) and not within_two_edits(self.forename, other.forename))
        )

    def resembles(self, other: "Demographics") -> bool:
        """Whether the birth date is the same, one name is too, and the other is within two edits."""
        if not self.born or self.born != other.born:
            return False
        same_surname = self.surname == other.surname
        same_forename = self.forename == other.forename
        return (same_surname and within_two_edits(self.forename, other.forename)) or (
            same_forename and within_two_edits(self.surname, other.surname)
        )


@dataclass(frozen=True, slots=True)
class Claim:
    """Whom an event says it is about. ``links``: every way of recognising the child, surest first.

    ``name_hashes``: those of its demographics.
    """

    demographics: Demographics
    links: tuple[Link, ...]
    agency_link: Link
    provisional_link: Link
    name_hashes: tuple[str, str] = ("", "")

    def all_links(self) -> tuple[Link, ...]:
        """Every link to look up."""
        return (*self.links, self.agency_link, self.provisional_link)


@dataclass(frozen=True, slots=True)
class Alike:
    """A known child that has the event's birth date or one of its weaker links."""

    child: ChildId
    demographics: Demographics


@dataclass(frozen=True, slots=True)
class Linked:
    """The event is about a known child; ``links`` are further ways of recognising it from now on."""

    child: ChildId
    links: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class New:
    """The event is about a child not known before."""

    links: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class Doubtful:
    """It is not certain which child it is. ``child``: the provisional child of an earlier doubt, if any.

    ``candidates``: children that it may be; empty where even that must not be said. ``why``: a code.
    """

    candidates: tuple[ChildId, ...]
    why: str
    links: tuple[Link, ...]
    child: ChildId | None = None


@dataclass(frozen=True, slots=True)
class Joins:
    """Two checked numbers of one report mean two known children, and nothing says that these are two."""

    children: tuple[ChildId, ChildId]


Resolved = Linked | New | Doubtful | Joins


@dataclass(frozen=True, slots=True)
class Index:
    """What the journal knows about a claim: whom each link means, who is alike, and who must never be linked.

    ``provisional``: children of whom no person has said yet who they are. ``parted``: pairs that a person has said are
    two children.
    """

    linked: Mapping[Link, ChildId]
    alike: Sequence[Alike] = ()
    firewalled: frozenset[ChildId] = field(default_factory=frozenset)
    provisional: frozenset[ChildId] = field(default_factory=frozenset)
    parted: frozenset[frozenset[ChildId]] = field(default_factory=frozenset)

    def decided(self, claim: Claim) -> ChildId | None:
        """The child that a person has said the reporting agency's record is of, where one has."""
        child = self.linked.get(claim.provisional_link)
        return None if child in self.provisional else child


def claim(envelope: Envelope, payload: Payload, *, secret: bytes, school: str = "") -> Claim:
    """Say whom an event claims to be about. ``school``: code of the school that sent it, where one did."""
    child = payload.child
    born = child.birth_date.isoformat() if child.birth_date else ""
    surname, forename = normalised(child.surname), first_of(child.forenames)
    numbers = tuple(_numbers(payload, born, secret))
    links = [*numbers, *_name_links(payload, (surname, forename, born), secret, school)]
    if not born and child.expected_date is not None:
        links.extend(_unborn_links(payload, child.expected_date, surname, secret))
    demographics = Demographics(
        surname, forename, born, frozenset(numbers), child.sex.value if child.sex in _TOLD else ""
    )
    return Claim(
        demographics,
        tuple(links),
        agency_link(secret, envelope.agency, envelope.subject),
        (PROVISIONAL, keyed_hash(secret, PROVISIONAL, envelope.agency, envelope.subject)),
        demographics.name_hashes(secret),
    )


def agency_link(secret: bytes, agency: str, subject: str) -> Link:
    """The link by which an agency's own, hashed, id of a child is known."""
    return (AGENCY, keyed_hash(secret, AGENCY, agency, subject))


def needs_names(claim: Claim, linked: Mapping[Link, ChildId]) -> bool:
    """Whether names must be compared: no certain link, several, or one that a checked number might contradict."""
    certain = {linked[link] for link in (*claim.links, claim.agency_link) if link[0] in CERTAIN and link in linked}
    if len(certain) != 1:
        return True
    only_by_agency = not any(link in linked for link in claim.links if link[0] in CERTAIN)
    return only_by_agency and bool(claim.demographics.numbers)


def resolve(claim: Claim, index: Index) -> Resolved:
    """Find the child by keys that agree, or say why a person must.

    Checked NHS number or UPN with birth date, the agency's own id, or expected date and mother are certain. Name
    and birth date with postcode, school or parent are enough where one child has them and no number contradicts.
    A child behind the adoption firewall is found by its own agency's id alone. Once a person has said of whom an
    agency's record is, later reports from it are about that child. Two checked numbers that mean two children join
    them, unless something says that these are two.
    """
    return _by_decision(claim, index) or _by_keys(claim, index) or _by_name(claim, index)


def _by_decision(claim: Claim, index: Index) -> Resolved | None:
    decided = index.decided(claim)
    if decided is None:
        return None
    certain = [child for child in _children(claim, index, CERTAIN) if child != decided]
    if others := [child for child in certain if frozenset({child, decided}) not in index.parted]:
        return _doubt(claim, index, (*others, decided), why="identity.links_disagree")
    return Linked(decided, _fresh(claim, index, decided))


def _by_keys(claim: Claim, index: Index) -> Resolved | None:
    certain = _children(claim, index, CERTAIN)
    if len(certain) > 1:
        return _several(claim, index, certain)
    return _by_certain_link(claim, index, certain[0]) if certain else None


def _by_name(claim: Claim, index: Index) -> Resolved:
    named = _children(claim, index, frozenset(BY_NAME))
    if len(named) > 1:
        return _doubt(claim, index, named, why="identity.several_fit")
    similar = _similar(claim, index)
    if len(named) == 1 and not _is_contradicted(claim, index, named[0]):
        if named[0] in index.firewalled:
            return _doubt(claim, index, (), why=BEHIND_FIREWALL)
        return Linked(named[0], _fresh(claim, index, named[0]))
    if similar:
        return _doubt(claim, index, similar, why="identity.similar")
    if not claim.demographics.born and not any(link[0] == UNBORN for link in claim.links):
        return _doubt(claim, index, (), why="identity.no_birth_date")
    return New((*claim.links, claim.agency_link))


def _several(claim: Claim, index: Index, children: Sequence[ChildId]) -> Resolved:
    """Several children that certain links name: joined by two checked numbers, else for a person."""
    if not index.firewalled.isdisjoint(children):
        return _doubt(claim, index, (), why=BEHIND_FIREWALL)
    by_number = {index.linked[link] for link in claim.demographics.numbers if link in index.linked}
    pair = frozenset(children)
    if len(children) != PAIR or by_number != pair or pair in index.parted:
        return _doubt(claim, index, children, why="identity.links_disagree")
    known = [each.demographics for each in index.alike if each.child in pair]
    told = (*known, claim.demographics)
    differ = any(one.differs_from(other) for one in told for other in told)
    if differ or any(claim.demographics.conflicts_with(each) for each in known):
        return _doubt(claim, index, children, why="identity.links_disagree")
    return Joins((children[0], children[1]))


def _by_certain_link(claim: Claim, index: Index, child: ChildId) -> Resolved:
    by_agency = claim.agency_link in index.linked
    if child in index.firewalled and not by_agency:
        return _doubt(claim, index, (), why=BEHIND_FIREWALL)
    only_by_agency = by_agency and not any(link in index.linked for link in claim.links if link[0] in CERTAIN)
    if only_by_agency and _is_contradicted(claim, index, child):
        return _doubt(claim, index, (child,), why="identity.number_contradicts")
    return Linked(child, _fresh(claim, index, child))


def _children(claim: Claim, index: Index, kinds: frozenset[str]) -> tuple[ChildId, ...]:
    links = (*claim.links, claim.agency_link)
    return tuple(dict.fromkeys(index.linked[link] for link in links if link[0] in kinds and link in index.linked))


def _similar(claim: Claim, index: Index) -> tuple[ChildId, ...]:
    similar = [
        alike.child
        for alike in index.alike
        if claim.demographics.resembles(alike.demographics)
        and not claim.demographics.conflicts_with(alike.demographics)
    ]
    namesakes = _children(claim, index, frozenset({NAME}))
    similar.extend(child for child in namesakes if not _is_contradicted(claim, index, child))
    return tuple(child for child in dict.fromkeys(similar) if child not in index.firewalled)


def _is_contradicted(claim: Claim, index: Index, child: ChildId) -> bool:
    return any(alike.child == child and claim.demographics.conflicts_with(alike.demographics) for alike in index.alike)


def _fresh(claim: Claim, index: Index, child: ChildId) -> tuple[Link, ...]:
    """Further ways of recognising a child; one behind the adoption firewall gets none, a doubtful one only numbers."""
    if child in index.firewalled:
        return ()
    found = _of_doubtful(claim) if child in index.provisional else (*claim.links, claim.agency_link)
    return tuple(link for link in found if link not in index.linked)


def _of_doubtful(claim: Claim) -> tuple[Link, ...]:
    """What recognises a child of whom it is not certain who it is: its agency's record, and its own checked numbers."""
    return (claim.provisional_link, *(link for link in claim.links if link in claim.demographics.numbers))


def _doubt(claim: Claim, index: Index, candidates: Sequence[ChildId], *, why: str) -> Doubtful:
    known = index.linked.get(claim.provisional_link)
    links = tuple(link for link in _of_doubtful(claim) if link not in index.linked)
    if known is not None and known not in index.provisional:
        known = None
    return Doubtful(tuple(c for c in candidates if c not in index.firewalled), why, links, known)


def _numbers(payload: Payload, born: str, secret: bytes) -> list[Link]:
    if not born:
        return []
    found: list[Link] = []
    for identifier in payload.child.identifiers:
        if identifier.check not in _CHECKED:
            continue
        match identifier.kind:
            case IdentifierKind.NHS_NUMBER:
                found.append((NHS, keyed_hash(secret, NHS, normalised(identifier.value), born)))
            case IdentifierKind.UPN:
                found.append((UPN, keyed_hash(secret, UPN, normalised(identifier.value), born)))
            case IdentifierKind.LA_CHILD_ID | IdentifierKind.LOCAL:
                pass
    if isinstance(payload, DemographicsChanged):
        found.extend((NHS, keyed_hash(secret, NHS, normalised(old), born)) for old in payload.superseded)
    return found


def _name_links(payload: Payload, who: tuple[str, str, str], secret: bytes, school: str) -> list[Link]:
    if not all(who):
        return []
    found: list[Link] = []
    if payload.address is not None and payload.address.postcode and payload.address.about is About.CHILD:
        found.append((BY_NAME[0], keyed_hash(secret, BY_NAME[0], *who, normalised(payload.address.postcode))))
    if school:
        found.append((BY_NAME[1], keyed_hash(secret, BY_NAME[1], *who, school)))
    found.extend(
        (BY_NAME[2], keyed_hash(secret, BY_NAME[2], *who, *_known_as(parent)))
        for parent in payload.people
        if parent.role in _PARENTS and parent.surname and parent.birth_date
    )
    found.append((NAME, keyed_hash(secret, NAME, *who)))
    return found


def _unborn_links(payload: Payload, expected: date, surname: str, secret: bytes) -> list[Link]:
    mother = next((p for p in payload.people if p.role is PersonRole.MOTHER and p.surname), None)
    known_as = _known_as(mother) if mother is not None else (surname, "", "")
    if not known_as[0]:
        return []
    return [(UNBORN, keyed_hash(secret, UNBORN, expected.isoformat(), *known_as))]


def _known_as(person: Person) -> tuple[str, str, str]:
    born = person.birth_date.isoformat() if person.birth_date else ""
    return (normalised(person.surname), first_of(person.forenames), born)
