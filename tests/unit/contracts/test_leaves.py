"""Every value of every event has a category, and the walk loses none."""

from collections.abc import Iterator
from typing import Annotated, Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.base import CategoryFrom, Model
from contracts.events import EVENT_TYPES, PAYLOADS
from contracts.leaves import STRICTNESS, Leaf, UnmarkedFieldError, leaves, marks, stricter
from contracts.payload import Address, Entry, Payload, Person
from contracts.words import About, DataCategory, EntryKind, PersonRole
from tests.support.builders import EventBuilder, a_concern, an_event
from tests.support.event_parts import LARCH_HOUSE_GUARDED, USUAL, a_fact, child_words
from tests.support.people import ASHA_BELL, CRAIG, DANA, MR_ORME, THE_FRIEND
from tests.unit.contracts.strategies import events

CATEGORIES = st.sampled_from(DataCategory)
PUBLISHED = sorted(EVENT_TYPES.values(), key=lambda model: model.__name__)


def nested_models(model: type[Model]) -> Iterator[type[Model]]:
    """Give the model and every model that stands in it."""
    yield model
    for field in model.model_fields.values():
        for part in _parts(field.annotation):
            if isinstance(part, type) and issubclass(part, Model):
                yield from nested_models(part)


def test_there_are_events_to_guard() -> None:
    assert len(EVENT_TYPES) >= 30
    assert len(EVENT_TYPES) == len(PAYLOADS) + 2
    assert set(USUAL) == set(EVENT_TYPES.values())


@pytest.mark.parametrize("model", PUBLISHED)
def test_every_field_of_every_event_has_a_category(model: type[Model]) -> None:
    walked = list(nested_models(model))
    assert sum(len(marks(part)) for part in walked) >= len(walked)


@pytest.mark.parametrize("model", PUBLISHED)
def test_a_category_taken_from_a_field_names_one_that_is_there(model: type[Model]) -> None:
    for part in nested_models(model):
        for field in marks(part):
            if isinstance(field.mark, CategoryFrom):
                assert field.mark.field in part.model_fields


def test_a_field_without_a_category_is_found() -> None:
    class Careless(Model):
        """A model that somebody forgot to mark."""

        nickname: str

    with pytest.raises(UnmarkedFieldError, match=r"Careless\.nickname"):
        marks(Careless)


def test_a_field_that_is_only_partly_a_model_is_found() -> None:
    class Loose(Model):
        """A model with a free mapping."""

        extras: Address | str

    with pytest.raises(UnmarkedFieldError, match=r"Loose\.extras"):
        marks(Loose)


def test_a_model_without_fields_has_no_marks() -> None:
    class Empty(Model):
        """Nothing at all."""

    assert marks(Empty) == ()


@given(events())
def test_the_walk_gives_every_value_once(event: EventBuilder) -> None:
    payload = event.payload()
    found = list(leaves(payload))
    assert len({leaf.path for leaf in found}) == len(found)
    assert {leaf.path: leaf.value for leaf in found} == dict(_scalars(payload.model_dump(mode="json"), ""))


@given(events())
def test_an_informant_stays_one(event: EventBuilder) -> None:
    found = [leaf for leaf in leaves(event.with_people(MR_ORME).payload()) if leaf.about is About.INFORMANT]
    if not issubclass(event.model, Payload):
        return
    assert {"Orme", MR_ORME.phone} <= {leaf.value for leaf in found}
    assert {leaf.category for leaf in found} == {DataCategory.INFORMANT}


@pytest.mark.parametrize("category", [category for category in DataCategory if category is not DataCategory.INFORMANT])
def test_nobody_can_call_an_informant_anything_else(category: DataCategory) -> None:
    with pytest.raises(ValueError, match="informant"):
        Person(role=PersonRole.INFORMANT, about=About.INFORMANT, category=category)


@pytest.mark.parametrize("about", [about for about in About if about is not About.INFORMANT])
def test_nobody_in_the_role_of_informant_is_about_anyone_else(about: About) -> None:
    with pytest.raises(ValueError, match="informant"):
        Person(role=PersonRole.INFORMANT, about=about)


@pytest.mark.parametrize(
    "person, category",
    [
        (DANA, DataCategory.ID_CORE),
        (CRAIG, DataCategory.ID_CORE),
        (MR_ORME, DataCategory.INFORMANT),
        (THE_FRIEND, DataCategory.THIRD_PARTY),
        (ASHA_BELL, DataCategory.PROFESSIONAL_CONTACT),
    ],
)
def test_a_persons_category_follows_from_whom_they_are(person: Person, category: DataCategory) -> None:
    assert person.category is category


def test_a_restricted_address_is_restricted_in_every_part() -> None:
    found = _under(a_concern().from_police().living_at(LARCH_HOUSE_GUARDED), "address.")
    assert {leaf.category for leaf in found} == {DataCategory.ID_RESTRICTED_ADDRESS}
    assert all(leaf.locates for leaf in found)


def test_an_entry_carries_its_own_category_and_whom_it_is_about() -> None:
    entry = Entry(
        kind=EntryKind.ALLEGATION, category=DataCategory.CRIME_ALLEGATION, about=About.ADULT, code="assault", text="x"
    )
    found = {leaf.path: leaf for leaf in _under(a_concern().from_police().with_entries(entry), "entries.0.")}
    assert {(leaf.category, leaf.about) for leaf in found.values()} == {(DataCategory.CRIME_ALLEGATION, About.ADULT)}
    assert found["entries.0.text"].free_text
    assert not found["entries.0.text"].key_fact
    assert found["entries.0.code"].key_fact


def test_entries_are_numbered_in_their_order() -> None:
    event = a_concern().from_school().with_entries(child_words("a"), a_fact(DataCategory.EDU_CONCERN, "b"))
    texts = {leaf.path: leaf.value for leaf in _under(event, "entries.")}
    assert (texts["entries.0.text"], texts["entries.1.code"]) == ("a", "b")


@given(CATEGORIES, CATEGORIES)
def test_the_stricter_of_two_is_one_of_them_and_never_less_strict(one: DataCategory, other: DataCategory) -> None:
    worth = [STRICTNESS.index(c) if c in STRICTNESS else len(STRICTNESS) for c in (one, other)]
    winner = stricter(one, other)
    assert winner in (one, other)
    assert (STRICTNESS.index(winner) if winner in STRICTNESS else len(STRICTNESS)) == max(worth)


def test_the_stricter_of_annotation_and_value_wins() -> None:
    class Marked(Model):
        """A field that is at least police material."""

        category: Annotated[DataCategory, CategoryFrom("category")]
        text: Annotated[str, CategoryFrom("category", at_least=DataCategory.POLICE_INTEL)]

    def category_of_text(category: DataCategory) -> DataCategory:
        return next(leaf.category for leaf in leaves(Marked(category=category, text="x")) if leaf.path == "text")

    assert category_of_text(DataCategory.ID_CORE) is DataCategory.POLICE_INTEL
    assert category_of_text(DataCategory.INFORMANT) is DataCategory.INFORMANT


@pytest.mark.parametrize("model", PUBLISHED)
def test_every_event_says_what_it_is_in_its_docstring(model: type[Model]) -> None:
    assert model.__doc__
    assert model.__doc__ != Payload.__doc__


@pytest.mark.parametrize("model", PUBLISHED)
def test_every_usual_event_can_be_built(model: type[Model]) -> None:
    assert list(leaves(an_event(model).payload()))


def test_a_claim_is_never_of_another_category() -> None:
    found = _under(a_concern().from_police().claiming(dissent=True, necessity="x"), "claims.")
    assert {leaf.category for leaf in found} == {DataCategory.EVENT_CLAIM}


def _under(event: EventBuilder, prefix: str) -> list[Leaf]:
    return [leaf for leaf in leaves(event.payload()) if leaf.path.startswith(prefix)]


def _parts(annotation: Any) -> Iterator[Any]:
    yield annotation
    for part in get_args(annotation):
        yield from _parts(part)


def _scalars(value: Any, path: str) -> Iterator[tuple[str, str | int | bool]]:
    if isinstance(value, dict | list):
        for name, part in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _scalars(part, f"{path}.{name}" if path else str(name))
    elif value is not None:
        yield path, value
