"""Finds which child an event is about, under the journal's lock."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from broker.core.facts import FactKind, KnownChild
from broker.core.identity import (
    Alike,
    Claim,
    Demographics,
    Doubtful,
    Index,
    Link,
    Linked,
    New,
    needs_names,
    resolve,
)
from broker.core.outcome import IdentityChange
from broker.core.sealing import Sealer, unseal
from broker.ports.ids import Ids
from broker.ports.journal import Journal
from broker.ports.keys import Keys
from contracts.words import ChildId, Restriction


@dataclass(frozen=True, slots=True)
class Identified:
    """The child an event is about, as known before it; and why that is not certain, if it is not."""

    known: KnownChild
    change: IdentityChange | None
    doubt: Doubtful | None = None

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
        linked = self._journal.linked_children(claim.all_links())
        met: dict[ChildId, KnownChild] = {}
        alike = self._alike(claim, frozenset(linked.values())) if needs_names(claim, linked) else ()
        firewalled = self._firewalled({*linked.values(), *(each.child for each in alike)}, met, now)
        resolved = resolve(claim, Index(linked, alike, firewalled))
        match resolved:
            case Linked(child, links):
                return self._linked(claim, met[child], links, linked, keeps_names=keeps_names)
            case New(links):
                fresh = tuple(link for link in links if link not in linked)
                return self._new(claim, fresh, is_provisional=False, keeps_names=keeps_names)
            case Doubtful(child=child) if child is not None:
                return Identified(met[child], None, resolved)
            case Doubtful(links=links):
                found = self._new(claim, links, is_provisional=True, keeps_names=keeps_names)
                return replace(found, doubt=resolved)

    def _alike(self, claim: Claim, linked: frozenset[ChildId]) -> tuple[Alike, ...]:
        """Children of the same birth date whose names are near, or whom a link names."""
        if not claim.birth_hash:
            return ()
        found = []
        for child, sealed in self._journal.same_birth(claim.birth_hash):
            if sealed:
                content = unseal(self._keys.child_key(child), sealed, about=about_demographics(child))
                demographics = Demographics.read(content)
                if child in linked or claim.demographics.resembles(demographics):
                    found.append(Alike(child, demographics))
        return tuple(found)

    def _firewalled(
        self, children: Iterable[ChildId], met: dict[ChildId, KnownChild], now: datetime
    ) -> frozenset[ChildId]:
        behind = set()
        for child in children:
            known = self._journal.known_child(child)
            if known is None:
                continue
            met[child] = known
            if any(
                fact.kind is FactKind.RESTRICTION and fact.key == Restriction.ADOPTION and fact.holds_at(now)
                for fact in known.facts
            ):
                behind.add(child)
        return frozenset(behind)

    def _linked(
        self,
        claim: Claim,
        known: KnownChild,
        links: tuple[Link, ...],
        linked: Mapping[Link, ChildId],
        *,
        keeps_names: bool,
    ) -> Identified:
        demographics = b""
        if keeps_names or known.has_safeguarding_event:
            demographics = self._sealed_if_news(claim, known)
        fresh = tuple(link for link in links if link not in linked)
        if not fresh and not demographics:
            return Identified(known, None)
        change = IdentityChange(
            child=known.child,
            is_new=False,
            is_provisional=known.is_provisional,
            links=fresh,
            birth_hash=claim.birth_hash if demographics else "",
            demographics=demographics,
        )
        return Identified(known, change)

    def _sealed_if_news(self, claim: Claim, known: KnownChild) -> bytes:
        """The names as last told, with every checked number ever told; nothing where that is what is kept."""
        key = self._keys.child_key(known.child)
        about = about_demographics(known.child)
        before = Demographics.read(unseal(key, known.demographics, about=about)) if known.demographics else None
        now = claim.demographics.over(before)
        return b"" if now == before else Sealer(key, self._ids.random).seal(now.content(), about=about)

    def _new(self, claim: Claim, links: tuple[Link, ...], *, is_provisional: bool, keeps_names: bool) -> Identified:
        child = self._new_child()
        known = KnownChild(child, 0, (), has_safeguarding_event=False, is_provisional=is_provisional)
        change = IdentityChange(
            child=child,
            is_new=True,
            is_provisional=is_provisional,
            links=links,
            birth_hash=claim.birth_hash,
            demographics=self._sealed_if_news(claim, known) if keeps_names else b"",
        )
        return Identified(known, change)


def about_demographics(child: ChildId) -> str:
    """What a child's sealed names are bound to."""
    return f"demographics:{child}"
