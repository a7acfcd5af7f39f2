"""Who is considered for an event, by how they stand to the child; and who is not, and why."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from broker.core.facts import Fact, FactKind
from broker.core.partnership import CatalogueEntry, Condition, Directory, RecipientEntry
from contracts.words import Purpose, RecipientId, RecipientKind, RelationKind

VERIFIED, STALE, UNKNOWN = "verified", "stale", "unknown"


@dataclass(frozen=True, slots=True)
class Candidate:
    """One recipient under consideration.

    ``as_at``: when the relation was last vouched for; none for a standing one. ``confidence``: verified, or stale
    where the fact is older than the agreement relies on.
    """

    entry: RecipientEntry
    relation: RelationKind
    purpose: Purpose
    as_at: datetime | None = None
    confidence: str = VERIFIED
    held_old_address: bool = False

    @property
    def recipient(self) -> RecipientId:
        """Who it is."""
        return self.entry.recipient


@dataclass(frozen=True, slots=True)
class Considered:
    """Every candidate, each once, and (relation, reason) of each relation that gave none."""

    candidates: tuple[Candidate, ...]
    not_considered: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """What bears on who is considered.

    ``before``: the child's facts before this event; ``facts``: with what it teaches. ``age``: whole years, -1
    unknown. ``holds``: conditions that hold.
    """

    entry: CatalogueEntry
    directory: Directory
    before: Sequence[Fact]
    facts: Sequence[Fact]
    now: datetime
    holds: frozenset[Condition]
    requested_by: RecipientId | None = None


def consider(standing: Standing) -> Considered:
    """Find the candidates of an event by the catalogue's relations."""
    found: dict[RecipientId, Candidate] = {}
    missed: list[tuple[str, str]] = []
    for relation in standing.entry.relations:
        unmet = [c for c in standing.entry.when.get(relation, ()) if c not in standing.holds]
        if unmet:
            missed.append((relation, f"condition.{unmet[0]}"))
            continue
        before = len(found)
        reason = "unknown"
        for candidate in _of_relation(standing, relation):
            if isinstance(candidate, str):
                reason = candidate
            elif candidate.recipient in found:
                reason = "considered_already"
            else:
                found[candidate.recipient] = candidate
        if len(found) == before:
            missed.append((relation, reason))
    return Considered(tuple(found.values()), tuple(missed))


_BY_ITS_RELATION = {
    RecipientKind.SCHOOL: RelationKind.SCHOOL,
    RecipientKind.NURSERY: RelationKind.NURSERY,
    RecipientKind.GP: RelationKind.GP,
    RecipientKind.HEALTH_VISITOR: RelationKind.HEALTH_VISITOR,
    RecipientKind.MIDWIFERY: RelationKind.MIDWIFERY,
}
_AT_AN_AGE = {
    RelationKind.HOME_EDUCATION: (Condition.SCHOOL_AGE, "not_of_school_age"),
    RelationKind.MIDWIFERY: (Condition.NEWBORN, "not_newborn"),
}
"""Who stands for every child of some age, and why not for the others."""
_ALWAYS_FOLLOWS = frozenset({RelationKind.FRONT_DOOR, RelationKind.ALLOCATED_WORKER, RelationKind.POLICE})

STRANGER = RecipientId("not-in-directory")
"""Who asks for information and is in no directory."""
_STRANGER = RecipientEntry(STRANGER, "not in the directory", RecipientKind.OTHER, "not-in-directory")


def front_door_only(standing: Standing, why: str) -> Considered:
    """Consider nobody but the front door."""
    door = standing.directory.recipients[standing.directory.front_door]
    purpose = _purpose(standing, RelationKind.FRONT_DOOR)
    others = tuple((r, why) for r in standing.entry.relations if r is not RelationKind.FRONT_DOOR)
    return Considered((Candidate(door, RelationKind.FRONT_DOOR, purpose),), others)


def nobody(entry: CatalogueEntry, why: str) -> Considered:
    """Consider nobody at all."""
    return Considered((), tuple((relation, why) for relation in entry.relations))


def requested(standing: Standing, asker: RecipientId, purpose: Purpose) -> Considered:
    """Consider nobody but who asked, for the purpose it stated; whoever is in no directory as a stranger.

    A stranger is asked about too, so that the refusal is decided, recorded and told; by a name that says nothing,
    for what stood in the request may be anything. A school, nursery, practice or health visitor has to do with the
    children on its own roll or list, however long ago that was vouched for, midwives with those who are not yet born or
    just were. They ask about no other, but pass on what a person asks of their own record.
    """
    entry = standing.directory.recipients.get(asker, _STRANGER)
    relation = None if purpose is Purpose.SUBJECT_ACCESS else _BY_ITS_RELATION.get(entry.kind)
    if relation is None:
        return Considered((Candidate(entry, RelationKind.REQUESTED, purpose, standing.now),), ())
    known = [each for each in _of_relation(standing, relation) if isinstance(each, Candidate)]
    own = max((each.as_at or standing.now for each in known if each.recipient == asker), default=None)
    confidence = UNKNOWN if own is None else VERIFIED
    return Considered((Candidate(entry, RelationKind.REQUESTED, purpose, own, confidence),), ())


def only_told(standing: Standing, considered: Considered, told: frozenset[RecipientId]) -> Considered:
    """Of what follows a report: whoever was told of it, however related now, and those who see to the child anyway."""
    kept = [
        replace(each, confidence=VERIFIED) if each.recipient in told else each
        for each in considered.candidates
        if each.recipient in told or each.relation in _ALWAYS_FOLLOWS
    ]
    heard = {each.recipient for each in kept}
    missed = [(each.relation, "was_not_told") for each in considered.candidates if each.recipient not in heard]
    others = told - {each.recipient for each in considered.candidates}
    purpose = _purpose(standing, RelationKind.NONE)
    added = [
        Candidate(standing.directory.recipients[each], RelationKind.NONE, purpose, standing.now)
        for each in sorted(others)
        if each in standing.directory.recipients
    ]
    return Considered((*kept, *added), (*considered.not_considered, *missed))


def with_old_address(considered: Considered, holders: frozenset[RecipientId]) -> Considered:
    """Mark who holds the address that the child has left."""
    marked = tuple(replace(c, held_old_address=c.recipient in holders) for c in considered.candidates)
    return replace(considered, candidates=marked)


def _of_relation(standing: Standing, relation: RelationKind) -> Iterator[Candidate | str]:
    match relation:
        case RelationKind.FRONT_DOOR | RelationKind.POLICE | RelationKind.HOME_AUTHORITY | RelationKind.REQUESTED:
            yield from _standing(standing, relation)
        case RelationKind.HEALTH_SAFEGUARDING | RelationKind.CHILD_DEATH_PANEL:
            yield from _standing(standing, relation)
        case RelationKind.HOME_EDUCATION | RelationKind.MIDWIFERY:
            yield from _at_an_age(standing, relation)
        case RelationKind.HEALTH_VISITOR:
            yield from _health_visitor(standing)
        case RelationKind.SCHOOL | RelationKind.NURSERY | RelationKind.GP:
            yield from _related(standing, relation)
        case RelationKind.ALLOCATED_WORKER | RelationKind.RECEIVING_AUTHORITY:
            yield from _related(standing, relation)
        case RelationKind.NONE:
            return


def _standing(standing: Standing, relation: RelationKind) -> Iterator[Candidate | str]:
    directory = standing.directory
    recipient = {
        **directory.standing,
        RelationKind.FRONT_DOOR: directory.front_door,
        RelationKind.POLICE: directory.police,
        RelationKind.HOME_AUTHORITY: directory.education,
        RelationKind.HOME_EDUCATION: directory.education,
        RelationKind.REQUESTED: standing.requested_by,
    }.get(relation)
    entry = directory.recipients.get(recipient) if recipient is not None else None
    if entry is None:
        yield "not_in_directory"
        return
    yield Candidate(entry, relation, _purpose(standing, relation))


def _at_an_age(standing: Standing, relation: RelationKind) -> Iterator[Candidate | str]:
    condition, otherwise = _AT_AN_AGE[relation]
    if condition in standing.holds:
        yield from _standing(standing, relation)
    else:
        yield otherwise


def _related(standing: Standing, relation: RelationKind) -> Iterator[Candidate | str]:
    for fact in _relations(standing, relation):
        entry = holder_of(standing.directory, fact.value)
        if entry is None:
            yield "not_in_directory"
            continue
        confidence = _confidence(standing, relation, fact)
        yield Candidate(entry, relation, _purpose(standing, relation), fact.as_at, confidence)


def _health_visitor(standing: Standing) -> Iterator[Candidate | str]:
    for fact in _relations(standing, RelationKind.GP):
        visitor = standing.directory.health_visitor_by_practice.get(fact.value)
        entry = standing.directory.recipients.get(visitor) if visitor is not None else None
        if entry is None:
            yield "not_in_directory"
            continue
        relation = RelationKind.HEALTH_VISITOR
        confidence = _confidence(standing, relation, fact)
        yield Candidate(entry, relation, _purpose(standing, relation), fact.as_at, confidence)


def _relations(standing: Standing, relation: RelationKind) -> Iterator[Fact]:
    """Relations that hold now, and those that this very event ended: they hold what was known until now."""
    prefix = f"{relation}:"
    held = {f.key for f in standing.before if f.kind is FactKind.RELATION and f.holds_at(standing.now)}
    for fact in standing.facts:
        if fact.kind is FactKind.RELATION and fact.key.startswith(prefix):
            begun = fact.since is None or fact.since <= standing.now
            if fact.holds_at(standing.now) or (fact.key in held and begun):
                yield fact


def _confidence(standing: Standing, relation: RelationKind, fact: Fact) -> str:
    days = standing.directory.greatest_age_days.get(relation)
    if days is None:
        return UNKNOWN
    return VERIFIED if (standing.now - fact.as_at).total_seconds() <= days * 86_400 else STALE


def holder_of(directory: Directory, code: str) -> RecipientEntry | None:
    """Whom the code of an organisation or team names, if anybody in the directory."""
    return directory.by_organisation(code) or directory.recipients.get(RecipientId(code.partition(":")[2]))


def _purpose(standing: Standing, relation: RelationKind) -> Purpose:
    return standing.entry.purpose_by_relation.get(relation, standing.entry.purpose)
