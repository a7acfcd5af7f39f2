"""What an event holds, prepared once for every recipient: leaves, released texts, and values no text may give away."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from broker.core.names import normalised
from contracts.leaves import Leaf
from contracts.payload import Payload
from contracts.words import About, DataCategory, RecipientKind

CellKey = tuple[DataCategory, About]

_TELLING = frozenset({"forenames", "surname", "phone", "child_reference", "lines", "postcode", "uprn"})
_PATHS_KEPT = 10_000
_SHORTEST = 3
"""Letters: a shorter name or number is not looked for in texts."""


class Known(NamedTuple):
    """A value that no text may give away to whoever is not given the value itself.

    ``is_earlier``: it was told in an earlier event and is in this one only if a text holds it.
    """

    text: str
    cell: CellKey
    key_fact: bool = False
    is_earlier: bool = False


class Part(NamedTuple):
    """One leaf with the texts the sender wrote for its audiences, and which known values stand in each text.

    ``cell``: its category about its sort of person. ``block``: its path up to its last place in a list, where it has
    one, and ``rest`` what follows. ``holds``, and the last part of each released text, are indexes into the content's
    known values.
    """

    leaf: Leaf
    cell: CellKey
    block: str = ""
    rest: str = ""
    holds: tuple[int, ...] = ()
    released: tuple[tuple[RecipientKind, str, tuple[int, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class Content:
    """An event's parts in the order of its fields, and the values that its texts may not give away.

    ``cells``: each category about each sort of person that the event holds, in order.
    """

    parts: tuple[Part, ...]
    known: tuple[Known, ...]
    cells: tuple[CellKey, ...]


def content_of(payload: Payload, leaves: Sequence[Leaf], also_known: Sequence[Known] = ()) -> Content:
    """Prepare an event. ``also_known``: restricted values of the child from earlier events."""
    known = tuple(dict.fromkeys([*known_values(leaves), *also_known]))
    parts = []
    for leaf in leaves:
        if leaf.category is DataCategory.EVENT_CLAIM:
            continue
        released = _released(payload, leaf.path, known) if leaf.free_text else ()
        holds = _holding(leaf.value, known) if isinstance(leaf.value, str) and _is_text(leaf) else ()
        parts.append(Part(leaf, (leaf.category, leaf.about), *_place(leaf.path), holds, released))
    cells = sorted({part.cell for part in parts})
    return Content(tuple(parts), known, tuple(cells))


@lru_cache(maxsize=_PATHS_KEPT)
def _place(path: str) -> tuple[str, str]:
    """A path up to its last place in a list, and what follows; the first is empty where there is none."""
    steps = path.split(".")
    last = max((at for at, step in enumerate(steps) if step.isdigit()), default=-1)
    block = ".".join(steps[: last + 1])
    return block, path[len(block) :] if block else ""


def known_values(leaves: Iterable[Leaf]) -> Iterable[Known]:
    """Names, numbers and places in an event, as they would stand in a text."""
    for leaf in leaves:
        steps = leaf.path.split(".")
        is_telling = steps[-1] in _TELLING or (len(steps) > 1 and steps[-2] in _TELLING)
        if is_telling or (leaf.locates and steps[-1] in {"place", "site_name", "name", "destination"}):
            for text in _ways_of_writing(steps[-1], str(leaf.value)):
                yield Known(text, (leaf.category, leaf.about), leaf.key_fact)


def _ways_of_writing(step: str, value: str) -> Iterable[str]:
    """Whole, and each word of a name on its own; an address line also without its number."""
    whole = normalised(value)
    words = [word for word in (normalised(part) for part in value.replace("-", " ").split()) if word]
    if step in {"forenames", "surname"}:
        found = [whole, *words]
    else:
        found = [whole, "".join(word for word in words if not word[:1].isdigit())]
    return [text for text in dict.fromkeys(found) if len(text) >= _SHORTEST]


def _is_text(leaf: Leaf) -> bool:
    return leaf.free_text or (isinstance(leaf.value, str) and " " in leaf.value.strip())


def _holding(text: str, known: Sequence[Known]) -> tuple[int, ...]:
    words = [word for word in map(normalised, text.replace("-", " ").split()) if word]
    joined = "".join(words)
    found = [index for index, each in enumerate(known) if each.text in joined]
    if not found:
        return ()
    starts = _starts(words)
    return tuple(index for index in found if _stands_in(known[index].text, joined, starts))


def _starts(words: Sequence[str]) -> dict[int, None]:
    """Where words begin and end in the joined text."""
    edges = {0: None}
    place = 0
    for word in words:
        place += len(word)
        edges[place] = None
    return edges


def _stands_in(text: str, joined: str, edges: dict[int, None]) -> bool:
    """Whether ``text`` stands in the joined words as whole words; "Orme" is not in "dormer", "Orme's" gives it away."""
    place = joined.find(text)
    while place >= 0:
        end = place + len(text)
        if place in edges and (end in edges or (joined[end : end + 1] == "s" and end + 1 in edges)):
            return True
        place = joined.find(text, place + 1)
    return False


def _released(
    payload: Payload, path: str, known: Sequence[Known]
) -> tuple[tuple[RecipientKind, str, tuple[int, ...]], ...]:
    steps = path.split(".")
    if len(steps) != 3 or steps[0] != "entries":  # noqa: PLR2004 - entries, index, text
        return ()
    entry = payload.entries[int(steps[1])]
    return tuple((each.audience, each.text, _holding(each.text, known)) for each in entry.released)
