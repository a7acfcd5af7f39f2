"""Values that no later text about a child may give away: guarded addresses, informants' and third parties' names."""

from collections.abc import Callable, Sequence

from broker.core.content import Known, known_values
from broker.core.facts import Fact, FactKind
from broker.core.hashing import keyed_hash
from broker.core.learn import Lesson
from broker.core.sealing import unseal
from contracts.leaves import Leaf
from contracts.words import About, ChildId, DataCategory

_GUARDED = frozenset({DataCategory.ID_RESTRICTED_ADDRESS, DataCategory.INFORMANT, DataCategory.THIRD_PARTY})


def guarded_facts(lesson: Lesson, leaves: Sequence[Leaf]) -> tuple[Fact, ...]:
    """Remember, sealed, each guarded value of an event that is not remembered yet."""
    found = {each.text: each for each in known_values(leaf for leaf in leaves if leaf.category in _GUARDED)}
    if not found:
        return ()
    known = {fact.key for fact in lesson.known if fact.kind is FactKind.GUARDED}
    facts = []
    for text, each in found.items():
        key = keyed_hash(lesson.secret, "guarded", lesson.child, text)
        if key not in known:
            sealed = lesson.sealer.seal(text.encode(), about=_about(lesson.child, key))
            category, about = each.cell
            facts.append(lesson.fact(FactKind.GUARDED, key=key, value=f"{category}|{about}", sealed=sealed))
    return tuple(facts)


def guarded_values(facts: Sequence[Fact], key_of: Callable[[ChildId], bytes]) -> tuple[Known, ...]:
    """The guarded values of a child, opened, for looking through texts. ``key_of``: the key of an identity record."""
    return tuple(_known(fact, key_of(fact.child)) for fact in facts if fact.kind is FactKind.GUARDED)


def _known(fact: Fact, key: bytes) -> Known:
    category, _, about = fact.value.partition("|")
    text = unseal(key, fact.sealed, about=_about(fact.child, fact.key)).decode()
    return Known(text, (DataCategory(category), About(about)), is_earlier=True)


def _about(child: ChildId, key: str) -> str:
    return f"guarded:{child}:{key}"
