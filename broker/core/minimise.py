"""Cutting an event down to what one decision releases; nothing else leaves."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal
from zoneinfo import ZoneInfo

from msgspec import Struct
from msgspec.structs import asdict

from broker.core.content import CellKey, Content, Known, Part
from contracts.delivery import Notice, Value
from contracts.leaves import Scalar
from contracts.verdict import CandidateVerdict
from contracts.words import About, AgencyId, AgencyKind, DataCategory, Form, RecipientKind, Restriction

NEVER = frozenset({DataCategory.EVENT_CLAIM})
"""What a sender claims of the law is released to nobody, whatever a verdict says."""

UNSPOKEN = frozenset(
    {
        DataCategory.PROTECTED_PERSON,
        DataCategory.ADOPTION_PRIOR_IDENTITY,
        DataCategory.HEALTH_SEXUAL,
        DataCategory.POLICE_INTEL,
        DataCategory.EVENT_CLAIM,
    }
)
"""Of these nobody is told even that something is kept back."""

SILENCING = frozenset({Restriction.PROTECTED_PERSON, Restriction.ADOPTION, Restriction.SEXUAL_HEALTH})
"""Under these no notice is given at all."""

_ENGLAND: Final = ZoneInfo("Europe/London")

ReleasedForm = Literal[Form.TOKEN, Form.SUMMARY, Form.GIVE]

_NOTHING = frozenset({Form.WITHHOLD, Form.ASK})
GOES_ALONG = frozenset({DataCategory.EVENT_META})
_EXISTENCE: CellKey = (DataCategory.NOTICE_EXISTENCE, About.CHILD)
_WITHHELD: CellKey = (DataCategory.NOTICE_WITHHELD, About.CHILD)


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads: what kind of recipient, whom to ask for what is kept back, who else was told."""

    kind: RecipientKind
    contact: str
    others_told: tuple[str, ...] = ()
    is_silenced: bool = False


class Taken(Struct, frozen=True):
    """One value as it leaves; see ``contracts.delivery.Value``."""

    path: str
    category: DataCategory
    about: About
    form: ReleasedForm
    value: Scalar


@dataclass(frozen=True, slots=True)
class Cut:
    """What one recipient gets. ``gives_location``: a value that tells where the child is goes along."""

    taken: tuple[Taken, ...]
    notices: tuple[Notice, ...]
    gives_location: bool
    kept_back: tuple[CellKey, ...]

    @property
    def values(self) -> tuple[Value, ...]:
        """The values as a delivery has them."""
        return tuple(Value(**asdict(each)) for each in self.taken)

    @property
    def is_empty(self) -> bool:
        """Whether nothing is left but what every event has: its type and times."""
        return all(each.category in GOES_ALONG for each in self.taken)


def released_forms(verdict: CandidateVerdict) -> Mapping[CellKey, Form]:
    """In what form each category about each sort of person is released; what is not listed is withheld."""
    return {
        (each.category, each.about): Form.WITHHOLD if each.category in NEVER else each.form
        for each in verdict.categories
    }


def source(agency: AgencyId, sort: AgencyKind, time: datetime, reader: RecipientKind) -> tuple[str, datetime]:
    """Which agency of that sort reported, and when it happened, as this sort of reader may know it.

    An analyst is told what kind of agency it was and on which day in England: a school's name tells where a child can
    be found, and a time to the minute which child it was.
    """
    if reader is not RecipientKind.ANALYST:
        return agency, time
    return sort.value, time.astimezone(_ENGLAND).replace(hour=0, minute=0, second=0, microsecond=0)


def minimise(content: Content, verdict: CandidateVerdict, reader: Reader) -> Cut:
    """Cut an event down for one recipient.

    No value leaves unless its category about its person is released, and in no fuller form. A summary is the key
    facts; a token one line in place of all values of a category. Text in somebody's own words goes only to who may
    read it, or as the sender wrote it for that audience, and never where it gives away a value that is withheld.
    Nothing that tells where a child can be found goes to an analyst, under whichever category it stands.
    """
    forms = released_forms(verdict)
    secrets = _secrets(content, forms, reader)
    taken: list[Taken] = []
    places = _Places()
    tokens: set[CellKey] = set()
    gives_location = False
    for part in content.parts:
        leaf, cell = part.leaf, part.cell
        if leaf.locates and reader.kind is RecipientKind.ANALYST:
            continue
        form = forms.get(cell, Form.WITHHOLD)
        if form is Form.SUMMARY or form is Form.GIVE:
            value = _readable(part, form, verdict, reader, secrets)
            if value is not None:
                path = places.block(part.block) + part.rest if part.block else leaf.path
                taken.append(Taken(path, *cell, form, value))
                gives_location = gives_location or leaf.locates
        elif form is Form.TOKEN and cell not in tokens:
            tokens.add(cell)
            taken.append(Taken(places.block(_block(leaf.path)), *cell, Form.TOKEN, _stand_in(reader)))
    kept_back = _kept_back(content, forms)
    return Cut(tuple(taken), _notices(forms, kept_back, reader), gives_location, kept_back)


def _readable(
    part: Part, form: Form, verdict: CandidateVerdict, reader: Reader, secrets: frozenset[int]
) -> Scalar | None:
    """The value as this reader may have it, or none."""
    leaf = part.leaf
    if not leaf.free_text:
        if form is Form.SUMMARY and not leaf.key_fact:
            return None
        return leaf.value if secrets.isdisjoint(part.holds) else None
    if form is Form.GIVE and verdict.free_text and secrets.isdisjoint(part.holds):
        return leaf.value
    for audience, text, holds in part.released:
        if audience is reader.kind and secrets.isdisjoint(holds):
            return text
    return None


def _secrets(content: Content, forms: Mapping[CellKey, Form], reader: Reader) -> frozenset[int]:
    """Known values that this recipient is not given, and does not learn from another value that it is given.

    The front door was given every guarded address when it was told, so no text need be kept from it for one.
    """
    given = {known.text for known in content.known if _is_given(known, forms) or _is_held(known, reader)}
    return frozenset(index for index, known in enumerate(content.known) if known.text not in given)


def _is_held(known: Known, reader: Reader) -> bool:
    is_address = known.cell[0] is DataCategory.ID_RESTRICTED_ADDRESS
    return known.is_earlier and is_address and reader.kind is RecipientKind.MASH_CORE


def _is_given(known: Known, forms: Mapping[CellKey, Form]) -> bool:
    form = forms.get(known.cell, Form.WITHHOLD)
    return form is Form.GIVE or (form is Form.SUMMARY and known.key_fact)


def _kept_back(content: Content, forms: Mapping[CellKey, Form]) -> tuple[CellKey, ...]:
    return tuple(cell for cell in content.cells if forms.get(cell, Form.WITHHOLD) in _NOTHING)


def _notices(forms: Mapping[CellKey, Form], kept_back: Sequence[CellKey], reader: Reader) -> tuple[Notice, ...]:
    if reader.is_silenced:
        return ()
    notices = []
    if forms.get(_EXISTENCE) is Form.GIVE and reader.others_told:
        notices.append(Notice(kind="existence", text=f"Also told: {'; '.join(reader.others_told)}."))
    if forms.get(_WITHHELD) is Form.GIVE and any(category not in UNSPOKEN for category, _ in kept_back):
        notices.append(Notice(kind="withheld", text="Something is kept back from you."))
        notices.append(Notice(kind="how_to_ask", text=f"To ask for it: {reader.contact}."))
    return tuple(notices)


def _stand_in(reader: Reader) -> str:
    return f"Kept back: contact through {reader.contact}"


def _block(path: str) -> str:
    """The whole that a value is part of: one address, one person, one organisation."""
    steps = path.split(".")
    if len(steps) == 1:
        return path
    return f"{steps[0]}.{steps[1]}" if steps[1].isdigit() else steps[0]


class _Places:
    """Counts places in lists anew, so that no gap shows what was kept back."""

    def __init__(self) -> None:
        self._seen: dict[str, dict[str, int]] = {}
        self._blocks: dict[str, str] = {}

    def block(self, path: str) -> str:
        """A path whose last step is a place in a list, or that has none, counted anew."""
        found = self._blocks.get(path)
        if found is None:
            found = self._blocks[path] = self._counted(path.split("."))
        return found

    def _counted(self, steps: Sequence[str]) -> str:
        before = ""
        counted = []
        for step in steps:
            if step.isdigit():
                seen = self._seen.setdefault(before, {})
                counted.append(str(seen.setdefault(step, len(seen))))
            else:
                counted.append(step)
            before = f"{before}.{step}"
        return ".".join(counted)
