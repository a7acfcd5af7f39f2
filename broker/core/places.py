"""Where a child can be found: which values tell it, which places are new, and which must be guarded."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from broker.core.facts import Fact, FactKind
from broker.core.hashing import keyed_hash
from broker.core.names import normalised
from contracts.leaves import Leaf
from contracts.words import About, ChildId, DataCategory, Restriction

_INSTANT = timedelta(microseconds=1)
GUARDED_FOR = timedelta(days=366)
"""How long an abuse marker, a MARAC or a guarded address keeps new places back: twelve months."""

GUARDING = frozenset({Restriction.DOMESTIC_ABUSE, Restriction.MARAC, Restriction.RESTRICTED_ADDRESS})
PARENTS = frozenset({"mother", "father", "carer", "partner"})
"""Adults who lived with the child: where one of them no longer does, the other may have moved away with the child."""

MARKER = "marker"
"""The value of a restriction that nobody raised: abuse was reported, and that is remembered for twelve months."""

ADDRESS, OTHER = "address", "other"
"""What sort of place a known place is."""

_NAMING = frozenset(
    {"postcode", "uprn", "code", "name", "practice_code", "site_code", "site_name"}
    | {"place", "destination", "receiving_authority"}
)
"""The last step of a path whose value names a place; lines of an address do too."""

_WHERE_THE_CHILD_BELONGS = frozenset(
    {"address", "practice", "practice_code", "establishment", "destination", "receiving_authority"}
)
"""Parts of a payload that tell where a child lives or is registered; an incident's scene or a hospital is neither."""


@dataclass(frozen=True, slots=True)
class Located:
    """The leaves of an event, with those that must be guarded under the category of a guarded address.

    ``has_moved``: the event names a place where the child now belongs that is new, or is known as guarded.
    ``is_guarded``: places are kept back. ``places``: keyed hash and sort of each place of which no earlier report told.
    """

    leaves: tuple[Leaf, ...]
    is_guarded: bool
    has_moved: bool
    places: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Seen:
    """When an event occurred, and since when new places are kept back from it, if they are.

    Which place was known first is told by when things occurred, never by the order in which reports of them came.
    """

    at: datetime
    guarded_since: datetime | None


def guarded_since(
    facts: Sequence[Fact], restrictions: Sequence[Restriction], *, at: datetime, now: datetime
) -> datetime | None:
    """Since when places new to what occurred ``at`` are kept back at ``now``; none where they are not.

    An abuse marker, a MARAC or a guarded address stands, or stood within twelve months; or a parent was left behind
    within them. A report of abuse keeps back what comes after it, not the address at which it happened nor what was
    told before, and so does a separation; a restricted address keeps back whatever tells it.
    """
    found = [at] if not GUARDING.isdisjoint(restrictions) else []
    for fact in facts:
        if has_left_lately(fact, now) and fact.until is not None and fact.until <= at:
            found.append(fact.until)
        if fact.kind is not FactKind.RESTRICTION or fact.key not in GUARDING or not stood_lately(fact, now):
            continue
        since = fact.since or fact.as_at
        if fact.key == Restriction.RESTRICTED_ADDRESS:
            found.append(since)
        elif since < at:
            found.append(since + _INSTANT)
    return min(found, default=None)


def has_left_lately(fact: Fact, now: datetime) -> bool:
    """Whether a parent ceased to live with the child within twelve months."""
    if fact.kind is not FactKind.ADULT or fact.value not in PARENTS or fact.until is None:
        return False
    return timedelta(0) <= now - fact.until <= GUARDED_FOR


def stood_lately(fact: Fact, now: datetime) -> bool:
    """Whether a restriction stands, or was last seen or ended within twelve months."""
    if fact.value == MARKER:
        return now - fact.as_at <= GUARDED_FOR
    return fact.until is None or now - fact.until <= GUARDED_FOR


def locate(
    leaves: Sequence[Leaf],
    facts: Sequence[Fact],
    seen: Seen,
    *,
    child: ChildId,
    secret: bytes,
    records: Sequence[ChildId] = (),
) -> Located:
    """Find the places an event names and put what must be guarded under ``id.restricted_address``.

    While places are guarded, a place of which nobody told before the guarding began is guarded; and where the address
    itself is restricted, so is every address. A first address is no move, unless places are guarded already.
    ``secret`` keys the hashes of places, each of which belongs to one identity record: ``child`` is that of the event,
    ``records`` are all of the child's.
    """
    is_guarded = seen.guarded_since is not None
    hashes = {
        leaf.path: keyed_hash(secret, "place", child, normalised(str(leaf.value)))
        for leaf in leaves
        if leaf.locates and _names_a_place(leaf)
    }
    if not hashes:
        return Located(tuple(leaves), is_guarded=is_guarded, has_moved=False, places=())
    own = {fact.key: fact for fact in facts if fact.kind is FactKind.LOCATION}
    known = own | _known_elsewhere(leaves, hashes, own, [each for each in records if each != child], secret)
    first = {place: min(_first(known.get(place), seen.at), seen.at) for place in hashes.values()}
    begin = seen.guarded_since or seen.at
    fresh = {_block(path) for path, place in hashes.items() if first[place] >= begin}
    places = {
        place: ADDRESS if _block(path) == ADDRESS else OTHER
        for path, place in hashes.items()
        if place not in own or _first(own[place], seen.at) > seen.at
    }
    others = {_block(leaf.path) for leaf in leaves if leaf.path in hashes and leaf.about is not About.CHILD}
    moved = (fresh & _WHERE_THE_CHILD_BELONGS) - others
    if not is_guarded:
        had_address = any(fact.value == ADDRESS and _first(fact, seen.at) < seen.at for fact in known.values())
        has_moved = bool(moved) and (had_address or moved != {ADDRESS})
        return Located(tuple(leaves), is_guarded=False, has_moved=has_moved, places=tuple(places.items()))
    address_itself = _is_address_restricted(facts)
    kept = tuple(_guard(leaf, fresh, address_itself=address_itself) for leaf in leaves)
    return Located(kept, is_guarded=True, has_moved=bool(moved), places=tuple(places.items()))


def _known_elsewhere(
    leaves: Sequence[Leaf],
    hashes: Mapping[str, str],
    facts: Mapping[str, Fact],
    records: Sequence[ChildId],
    secret: bytes,
) -> dict[str, Fact]:
    """Places of this event, by their hash here, as the record of the child knows them that did first."""
    found: dict[str, Fact] = {}
    for leaf in leaves if records else ():
        place = hashes.get(leaf.path)
        if place is None:
            continue
        names = (keyed_hash(secret, "place", record, normalised(str(leaf.value))) for record in records)
        known = [facts[name] for name in (place, *names) if name in facts]
        if known:
            found[place] = min(known, key=lambda fact: fact.since or fact.as_at)
    return found


def _first(known: Fact | None, at: datetime) -> datetime:
    """When a place was first told of; a place that is not known, with this event."""
    return at if known is None else known.since or known.as_at


def _guard(leaf: Leaf, fresh: set[str], *, address_itself: bool) -> Leaf:
    if not leaf.locates or leaf.category is DataCategory.ID_RESTRICTED_ADDRESS:
        return leaf
    is_address = leaf.category is DataCategory.ID_ADDRESS and address_itself
    follows = _block(leaf.path) in fresh or (not _names_a_place(leaf) and "." not in leaf.path and bool(fresh))
    if not (is_address or follows):
        return leaf
    return leaf._replace(category=DataCategory.ID_RESTRICTED_ADDRESS)


def _is_address_restricted(facts: Sequence[Fact]) -> bool:
    return any(
        fact.kind is FactKind.RESTRICTION and fact.key == Restriction.RESTRICTED_ADDRESS and fact.until is None
        for fact in facts
    )


def _names_a_place(leaf: Leaf) -> bool:
    steps = leaf.path.split(".")
    return steps[-1] in _NAMING or (len(steps) > 1 and steps[-2] == "lines")


def _block(path: str) -> str:
    """The part of the payload a path lies in; one address or one organisation is one block."""
    return path.split(".", 1)[0]
