"""Finds which child an event is about, under the journal's lock."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import combinations

from broker.core.facts import FactKind, KnownChild
from broker.core.identity import (
    Alike,
    Claim,
    Demographics,
    Doubtful,
    Index,
    Joins,
    Link,
    Linked,
    New,
    needs_names,
    resolve,
)
from broker.core.identity_acts import IdentityChange, are_parted
from broker.core.sealing import Sealer, unseal
from broker.core.store_errors import UnknownStepError
from broker.ports.ids import Ids
from broker.ports.journal import Journal
from broker.ports.keys import Keys
from contracts.words import ChildId, Restriction


@dataclass(frozen=True, slots=True)
class Identified:
    """The child an event is about, as known before it; and why that is not certain, if it is not.

    ``known.child`` is the identity record under which the event is kept. ``joins``: two children that must be made one
    first, because the event's checked numbers name both; then nothing else is told yet.
    """

    known: KnownChild
    change: IdentityChange | None
    doubt: Doubtful | None = None
    joins: tuple[KnownChild, KnownChild] | None = None

    @property
    def is_unsure(self) -> bool:
        """Whether a person must say which child it is."""
        return self.doubt is not None or self.known.is_provisional


class Identify:
    """Resolves claims against the journal's index of keyed hashes."""

    def __init__(self, journal: Journal, keys: Keys, ids: Ids, new_child: Callable[[], ChildId]) -> None:
        """Take what it reads from. ``new_child`` gives a child id whose key is durable already."""
        self._journal = journal
        self._keys = keys
        self._ids = ids
        self._new_child = new_child

    def run(self, claim: Claim, *, now: datetime, keeps_names: bool) -> Identified:
        """Find or make the child; the caller holds the transaction.

        ``keeps_names``: false while only relations are known of a child; then no name is stored.
        """
        records = self._journal.linked_children(claim.all_links())
        met: dict[ChildId, KnownChild] = {}
        linked = {link: self._meet(record, met).standing for link, record in records.items()}
        alike = self._alike(claim, met) if needs_names(claim, linked) else ()
        index = Index(
            linked,
            alike,
            firewalled=_standing(met, lambda known: _is_behind_firewall(known, now)),
            provisional=_standing(met, lambda known: known.is_provisional),
            parted=self._parted(claim, linked, met),
        )
        match resolve(claim, index):
            case Linked(child, links):
                known = met[_record_of(claim, child, records, linked)]
                return self._linked(claim, known, links, records, keeps_names=keeps_names)
            case New(links):
                fresh = tuple(link for link in links if link not in linked)
                return self._new(claim, fresh, is_provisional=False, keeps_names=keeps_names)
            case Joins(children):
                return Identified(met[children[0]], None, joins=(met[children[0]], met[children[1]]))
            case Doubtful(child=child) as doubt if child is not None:
                return Identified(met[_record_of(claim, child, records, linked)], None, doubt)
            case Doubtful(links=links) as doubt:
                found = self._new(claim, links, is_provisional=True, keeps_names=keeps_names)
                return replace(found, doubt=doubt)

    def _meet(self, record: ChildId, met: dict[ChildId, KnownChild]) -> KnownChild:
        """What is known of a record, and of the one under which its child is known; both are met from now on."""
        known = met.get(record) or self._stored(record)
        met[record] = known
        if known.standing not in met:
            met[known.standing] = self._stored(known.standing)
        return known

    def _stored(self, record: ChildId) -> KnownChild:
        """What is stored of a record: its own names, sealed under its own key, and the facts of its child."""
        known = self._journal.known_child(record)
        if known is None:
            msg = f"the identity record {record} is not stored; nothing was taken in"
            raise UnknownStepError(msg, code="store.unknown_child", remedy="report this as a defect")
        return known

    def apart(self, claim: Claim, *, taken: tuple[Link, ...], not_its_own: Collection[Link]) -> Identified:
        """A new child, as a person has said. Its agency's record recognises it, and ``taken``, no longer another's.

        ``not_its_own``: ways of recognising that stay with the other child, its numbers among them.
        """
        numbers = claim.demographics.numbers.difference(not_its_own)
        its_own = replace(claim, demographics=replace(claim.demographics, numbers=numbers))
        links = () if claim.provisional_link in taken else (claim.provisional_link,)
        found = self._new(its_own, links, is_provisional=False, keeps_names=True)
        return replace(found, change=replace(found.change, taken=taken) if found.change is not None else None)

    def named_by(self, claims: Sequence[Claim], record: ChildId) -> IdentityChange | None:
        """What a record's child is called by these reports alone, oldest first; nothing where none of them says."""
        told: Demographics | None = None
        for claim in claims:
            told = claim.demographics.over(told)
        if told is None:
            return None
        sealed = Sealer(self._keys.child_key(record), self._ids.random).seal(
            told.content(), about=about_demographics(record)
        )
        hashes = told.name_hashes(self._keys.secret("identity"))
        return IdentityChange(
            child=record,
            is_new=False,
            is_provisional=self._stored(record).is_provisional,
            links=(),
            name_hashes=hashes,
            demographics=sealed,
        )

    def _parted(
        self, claim: Claim, linked: Mapping[Link, ChildId], met: Mapping[ChildId, KnownChild]
    ) -> frozenset[frozenset[ChildId]]:
        """Which of the children that checked numbers, or the agency's own record, name a person has said to be two."""
        named = (*claim.demographics.numbers, claim.agency_link, claim.provisional_link)
        children = sorted({linked[link] for link in named if link in linked})
        return frozenset(
            frozenset({one, other})
            for one, other in combinations(children, 2)
            if are_parted(self._journal.identity_acts(one), met[one].members, met[other].members)
        )

    def _alike(self, claim: Claim, met: dict[ChildId, KnownChild]) -> tuple[Alike, ...]:
        """Children of the same birth date whose names are near, or whom a link names, with every checked number."""
        if not claim.demographics.born:
            return ()
        members = {each for known in met.values() for each in known.members}
        found: dict[ChildId, list[Demographics]] = {}
        for record, sealed in self._journal.namesakes(*claim.name_hashes, among=sorted(members)):
            if sealed:
                content = unseal(self._keys.child_key(record), sealed, about=about_demographics(record))
                demographics = Demographics.read(content)
                is_named = record in members and demographics.born == claim.demographics.born
                if is_named or claim.demographics.resembles(demographics):
                    found.setdefault(self._meet(record, met).standing, []).append(demographics)
        return tuple(
            Alike(child, replace(each, numbers=frozenset().union(*(other.numbers for other in all_of_it))))
            for child, all_of_it in found.items()
            for each in all_of_it
        )

    def _linked(
        self,
        claim: Claim,
        known: KnownChild,
        links: tuple[Link, ...],
        linked: Mapping[Link, ChildId],
        *,
        keeps_names: bool,
    ) -> Identified:
        demographics, hashes = b"", ("", "")
        if keeps_names or known.has_safeguarding_event:
            demographics, hashes = self._sealed_if_news(claim, known)
        fresh = tuple(link for link in links if link not in linked)
        if not fresh and not demographics:
            return Identified(known, None)
        change = IdentityChange(
            child=known.child,
            is_new=False,
            is_provisional=known.is_provisional,
            links=fresh,
            name_hashes=hashes,
            demographics=demographics,
        )
        return Identified(known, change)

    def _sealed_if_news(self, claim: Claim, known: KnownChild) -> tuple[bytes, tuple[str, str]]:
        """The names as last told, with every checked number ever told, and their hashes; nothing where that is kept."""
        key = self._keys.child_key(known.child)
        about = about_demographics(known.child)
        before = Demographics.read(unseal(key, known.demographics, about=about)) if known.demographics else None
        now = claim.demographics.over(before)
        if now == before:
            return b"", ("", "")
        return Sealer(key, self._ids.random).seal(now.content(), about=about), now.name_hashes(
            self._keys.secret("identity")
        )

    def _new(self, claim: Claim, links: tuple[Link, ...], *, is_provisional: bool, keeps_names: bool) -> Identified:
        child = self._new_child()
        known = KnownChild(child, 0, (), has_safeguarding_event=False, is_provisional=is_provisional)
        demographics, hashes = self._sealed_if_news(claim, known) if keeps_names else (b"", ("", ""))
        change = IdentityChange(
            child=child,
            is_new=True,
            is_provisional=is_provisional,
            links=links,
            name_hashes=hashes,
            demographics=demographics,
        )
        return Identified(known, change)


def _record_of(
    claim: Claim, child: ChildId, records: Mapping[Link, ChildId], linked: Mapping[Link, ChildId]
) -> ChildId:
    """The record under which a report is kept: the reporting agency's own, else the one that the surest link names."""
    in_order = (claim.agency_link, claim.provisional_link, *claim.links)
    return next(records[link] for link in in_order if linked.get(link) == child)


def _standing(met: Mapping[ChildId, KnownChild], fits: Callable[[KnownChild], bool]) -> frozenset[ChildId]:
    return frozenset(known.standing for known in met.values() if fits(known))


def _is_behind_firewall(known: KnownChild, now: datetime) -> bool:
    return any(
        fact.kind is FactKind.RESTRICTION and fact.key == Restriction.ADOPTION and fact.holds_at(now)
        for fact in known.facts
    )


def about_demographics(child: ChildId) -> str:
    """What a child's sealed names are bound to."""
    return f"demographics:{child}"
