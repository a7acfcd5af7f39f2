"""No value leaves unless a decision released its category, about that person, in at least that form."""

from hypothesis import given
from hypothesis import strategies as st

from broker.core.content import content_of
from broker.core.minimise import Cut, Reader, minimise
from broker.core.names import normalised
from contracts.leaves import leaves
from contracts.payload import Payload
from contracts.words import DataCategory, Form, RecipientKind
from tests.support.builders import EventBuilder
from tests.support.event_parts import a_fact, child_words
from tests.support.people import CRAIG, MR_ORME, THE_FRIEND
from tests.support.verdicts import ALL_CELLS, Forms, sharing
from tests.unit.contracts.strategies import events

FORMS: st.SearchStrategy[Forms] = st.fixed_dictionaries({cell: st.sampled_from(Form) for cell in ALL_CELLS})
READERS = st.builds(Reader, st.sampled_from(RecipientKind), st.just("the front door, 01632 960100"))
ABOUT_A_CHILD = events().filter(lambda event: issubclass(event.model, Payload))


def cut(event: EventBuilder, forms: Forms, reader: Reader, *, free_text: bool) -> Cut:
    payload = event.payload()
    assert isinstance(payload, Payload)
    return minimise(content_of(payload, tuple(leaves(payload))), sharing(forms, free_text=free_text), reader)


@given(event=ABOUT_A_CHILD, forms=FORMS, reader=READERS, free_text=st.booleans())
def test_no_value_leaves_unless_its_category_is_released_in_at_least_that_form(
    event: EventBuilder, forms: Forms, reader: Reader, *, free_text: bool
) -> None:
    payload = event.payload()
    assert isinstance(payload, Payload)
    originals = {(leaf.category, leaf.about, leaf.value) for leaf in leaves(payload)}
    written = {text.text for entry in payload.entries for text in entry.released if text.audience is reader.kind}
    for value in cut(event, forms, reader, free_text=free_text).values:
        assert value.category is not DataCategory.EVENT_CLAIM
        assert value.form.disclosure <= forms[value.category, value.about].disclosure
        if value.form is Form.TOKEN:
            assert value.value == "Kept back: contact through the front door, 01632 960100"
        else:
            assert (value.category, value.about, value.value) in originals or value.value in written


@given(event=ABOUT_A_CHILD, forms=FORMS, reader=READERS, free_text=st.booleans())
def test_a_summary_holds_key_facts_and_free_text_only_where_it_may_be_read(
    event: EventBuilder, forms: Forms, reader: Reader, *, free_text: bool
) -> None:
    payload = event.payload()
    assert isinstance(payload, Payload)
    texts = {leaf.value for leaf in leaves(payload) if leaf.free_text}
    details = {(leaf.category, leaf.value) for leaf in leaves(payload) if not leaf.key_fact and not leaf.free_text}
    facts = {(leaf.category, leaf.value) for leaf in leaves(payload) if leaf.key_fact}
    for value in cut(event, forms, reader, free_text=free_text).values:
        if value.value in texts:
            assert free_text
            assert value.form is Form.GIVE
        if value.form is Form.SUMMARY:
            assert (value.category, value.value) not in details - facts


@given(event=ABOUT_A_CHILD, forms=FORMS, reader=READERS)
def test_a_name_that_is_withheld_stands_in_no_text(event: EventBuilder, forms: Forms, reader: Reader) -> None:
    event = event.with_people(CRAIG, MR_ORME, THE_FRIEND).with_entries(
        child_words("Craig Doyle hit me"),
        a_fact(DataCategory.HEALTH_PHYSICAL, "seen with Ellie Byrne", text="Mr Orme's wife rang"),
    )
    payload = event.payload()
    assert isinstance(payload, Payload)
    found = cut(event, forms, reader, free_text=True)
    given_values = {normalised(str(value.value)) for value in found.values}
    for person in payload.people:
        name = normalised(person.surname)
        if len(name) >= 3 and name not in given_values:
            words = {normalised(word) for value in found.values for word in str(value.value).split()}
            assert name not in words


@given(event=ABOUT_A_CHILD, forms=FORMS, reader=READERS)
def test_releasing_less_never_gives_more(event: EventBuilder, forms: Forms, reader: Reader) -> None:
    before = cut(event, forms, reader, free_text=True)
    for cell in {(value.category, value.about) for value in before.values}:
        less = {**forms, cell: Form.WITHHOLD}
        after = cut(event, less, reader, free_text=True)
        assert len(after.values) < len(before.values)
        assert not [value for value in after.values if (value.category, value.about) == cell]


@given(event=ABOUT_A_CHILD, forms=FORMS, reader=READERS)
def test_the_places_of_a_list_are_without_gaps(event: EventBuilder, forms: Forms, reader: Reader) -> None:
    places: dict[str, set[int]] = {}
    for value in cut(event, forms, reader, free_text=True).values:
        steps = value.path.split(".")
        for at, step in enumerate(steps):
            if step.isdigit():
                places.setdefault(".".join(steps[:at]), set()).add(int(step))
    for of_list in places.values():
        assert of_list == set(range(len(of_list)))
