"""Cutting an event down: what a verdict does not release does not leave, in value, text or number."""

import pytest

from broker.core.content import Content, Known, content_of
from broker.core.minimise import Cut, Reader, minimise
from contracts.leaves import leaves
from contracts.payload import Payload, Person
from contracts.words import About, DataCategory, Form, PersonRole, RecipientKind
from tests.support.builders import EventBuilder, a_concern, a_domestic_incident, a_section_47
from tests.support.event_parts import MILL_LANE, a_fact, an_allegation, child_words, released_to
from tests.support.people import CRAIG, DANA, MR_ORME, THE_FRIEND
from tests.support.verdicts import Forms, in_form, sharing

MASH = Reader(RecipientKind.MASH_CORE, "Asha Bell, 01632 960201", ("Elm Street Surgery",))
SCHOOL = Reader(RecipientKind.SCHOOL, "Asha Bell, 01632 960201")


def content(event: EventBuilder, *also: Known) -> Content:
    payload = event.payload()
    assert isinstance(payload, Payload)
    return content_of(payload, tuple(leaves(payload)), also)


def cut(event: EventBuilder, forms: Forms, reader: Reader = MASH, *, free_text: bool = True) -> Cut:
    return minimise(content(event), sharing(forms, free_text=free_text), reader)


def values(found: Cut) -> dict[str, object]:
    return {value.path: value.value for value in found.values}


def test_what_the_sender_claims_of_the_law_is_given_to_nobody_whatever_the_verdict_says() -> None:
    event = a_section_47().claiming(necessity="So that she is safe", dissent=True)
    found = cut(event, in_form(Form.GIVE))
    assert not [value for value in found.values if value.category is DataCategory.EVENT_CLAIM]


def test_a_category_that_the_verdict_does_not_name_is_withheld() -> None:
    assert cut(a_section_47(), {}).values == ()
    assert cut(a_section_47(), {}).is_empty


@pytest.mark.parametrize("form", [Form.WITHHOLD, Form.ASK])
def test_what_waits_for_a_person_is_withheld_until_then(form: Form) -> None:
    found = cut(a_section_47().living_at(MILL_LANE), in_form(form, DataCategory.ID_ADDRESS))
    assert not [path for path in values(found) if path.startswith("address")]
    assert (DataCategory.ID_ADDRESS, About.CHILD) in found.kept_back


def test_a_summary_is_exactly_the_key_facts() -> None:
    event = a_domestic_incident().saying(risk_factors=("strangulation",))
    found = values(cut(event, in_form(Form.SUMMARY, DataCategory.POLICE_INCIDENT)))
    assert {"reference", "child_present", "is_crime"} <= set(found)
    assert "risk_factors.0" not in found


def test_a_token_is_one_line_for_a_whole_address() -> None:
    found = cut(a_section_47().living_at(MILL_LANE), in_form(Form.TOKEN, DataCategory.ID_ADDRESS))
    assert [(v.path, v.form, v.value) for v in found.values if v.category is DataCategory.ID_ADDRESS] == [
        ("address", Form.TOKEN, "Kept back: contact through Asha Bell, 01632 960201")
    ]
    assert not found.gives_location


def test_an_address_that_is_given_is_noted_as_a_location() -> None:
    assert cut(a_section_47().living_at(MILL_LANE), in_form(Form.GIVE)).gives_location


def test_free_text_goes_only_to_who_may_read_it() -> None:
    event = a_concern().from_health().with_entries(child_words("I am scared", code="fear"))
    assert values(cut(event, in_form(Form.GIVE)))["entries.0.text"] == "I am scared"
    without = values(cut(event, in_form(Form.GIVE), free_text=False))
    assert "entries.0.text" not in without
    assert without["entries.0.code"] == "fear"


def test_everybody_else_reads_what_the_sender_wrote_for_them_and_only_they() -> None:
    words = released_to(child_words("Craig hit mum", code="fear"), RecipientKind.SCHOOL, "She is frightened")
    event = a_concern().from_health().with_entries(words)
    assert values(cut(event, in_form(Form.GIVE), SCHOOL, free_text=False))["entries.0.text"] == "She is frightened"
    gp = Reader(RecipientKind.GP, "")
    assert "entries.0.text" not in values(cut(event, in_form(Form.GIVE), gp, free_text=False))


def test_a_released_text_stays_with_a_category_that_is_withheld() -> None:
    words = released_to(child_words("Craig hit mum", code="fear"), RecipientKind.SCHOOL, "She is frightened")
    event = a_concern().from_health().with_entries(words)
    found = cut(event, in_form(Form.WITHHOLD, DataCategory.CHILD_VOICE), SCHOOL, free_text=False)
    assert "She is frightened" not in values(found).values()


@pytest.mark.parametrize(
    "text,withheld",
    [
        ("We moved to 4 Mill Lane", DataCategory.ID_ADDRESS),
        ("the house in mill lane", DataCategory.ID_ADDRESS),
        ("it is at zz994wr now", DataCategory.ID_ADDRESS),
        ("Mr ORME told us", DataCategory.INFORMANT),
        ("we asked Orme's wife", DataCategory.INFORMANT),
        ("ring 01632960114", DataCategory.INFORMANT),
        ("she told Ellie", DataCategory.THIRD_PARTY),
    ],
)
def test_text_that_gives_away_a_withheld_value_is_withheld_with_it(text: str, withheld: DataCategory) -> None:
    event = (
        a_concern()
        .from_health()
        .living_at(MILL_LANE)
        .with_people(MR_ORME, THE_FRIEND)
        .with_entries(child_words(text, code="told"))
    )
    assert values(cut(event, in_form(Form.GIVE)))["entries.0.text"] == text
    found = values(cut(event, in_form(Form.WITHHOLD, withheld)))
    assert text not in found.values()
    assert found["entries.0.code"] == "told"


def test_a_name_inside_another_word_gives_nothing_away() -> None:
    event = a_concern().from_health().with_people(MR_ORME).with_entries(child_words("behind the dormer window"))
    found = values(cut(event, in_form(Form.WITHHOLD, DataCategory.INFORMANT)))
    assert "behind the dormer window" in found.values()


def test_a_name_that_is_given_elsewhere_is_no_secret() -> None:
    event = a_concern().from_health().with_people(DANA).with_entries(child_words("Mrs Marsh was here"))
    forms = {**in_form(Form.GIVE), (DataCategory.ID_CORE, About.ADULT): Form.WITHHOLD}
    assert "Mrs Marsh was here" in values(cut(event, forms)).values()


def test_a_code_that_somebody_filled_with_words_is_looked_through_too() -> None:
    event = a_concern().from_health().with_people(MR_ORME)
    event = event.with_entries(a_fact(DataCategory.HEALTH_PHYSICAL, "seen by Mr Orme"))
    found = cut(event, in_form(Form.WITHHOLD, DataCategory.INFORMANT))
    assert "seen by Mr Orme" not in values(found).values()


def test_values_guarded_in_earlier_events_are_looked_for_as_well() -> None:
    guarded = Known("larchhouse", (DataCategory.ID_RESTRICTED_ADDRESS, About.CHILD), is_earlier=True)
    event = a_concern().from_health().with_entries(child_words("We are at Larch House"))
    prepared = content(event, guarded)
    forms = in_form(Form.TOKEN, DataCategory.ID_RESTRICTED_ADDRESS)
    school = minimise(prepared, sharing(forms), SCHOOL)
    assert "We are at Larch House" not in values(school).values()
    assert "We are at Larch House" in values(minimise(prepared, sharing(forms), MASH)).values()


def test_places_in_lists_are_counted_anew() -> None:
    event = a_domestic_incident().with_people(MR_ORME, DANA, CRAIG)
    forms = in_form(Form.WITHHOLD, DataCategory.INFORMANT)
    found = values(cut(event, forms))
    assert found["people.0.forenames"] == "Dana"
    assert found["people.1.forenames"] == "Craig"
    assert not any(path.startswith("people.2") for path in found)


def test_notices_are_given_where_released_and_something_is_kept_back() -> None:
    event = a_concern().from_health().living_at(MILL_LANE)
    found = cut(event, in_form(Form.WITHHOLD, DataCategory.ID_ADDRESS))
    assert [notice.kind for notice in found.notices] == ["existence", "withheld", "how_to_ask"]
    assert (
        cut(event, in_form(Form.WITHHOLD, DataCategory.ID_ADDRESS), Reader(MASH.kind, "", is_silenced=True)).notices
        == ()
    )
    unreleased = in_form(Form.WITHHOLD, DataCategory.NOTICE_EXISTENCE, DataCategory.NOTICE_WITHHELD)
    assert cut(event, unreleased).notices == ()


@pytest.mark.parametrize(
    "category",
    [
        DataCategory.PROTECTED_PERSON,
        DataCategory.ADOPTION_PRIOR_IDENTITY,
        DataCategory.HEALTH_SEXUAL,
        DataCategory.POLICE_INTEL,
    ],
)
def test_that_some_things_are_kept_back_is_itself_not_said(category: DataCategory) -> None:
    event = a_concern().from_health().with_entries(a_fact(category, "code"))
    forms = in_form(Form.WITHHOLD, category, DataCategory.NOTICE_EXISTENCE)
    assert cut(event, forms).notices == ()


def test_an_event_of_which_only_its_times_are_left_is_empty() -> None:
    meta_only = in_form(Form.GIVE, DataCategory.EVENT_META, otherwise=Form.WITHHOLD)
    found = cut(a_section_47(), meta_only)
    assert found.values
    assert found.is_empty


def test_an_unnamed_person_is_still_a_role() -> None:
    unnamed = Person(role=PersonRole.WITNESS, about=About.ADULT)
    event = a_domestic_incident().with_people(unnamed).with_entries(an_allegation("somebody shouted", code="noise"))
    assert values(cut(event, in_form(Form.GIVE)))["people.0.role"] == "witness"
