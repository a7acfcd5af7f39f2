"""Events of every type, for the laws that hold of all of them."""

from datetime import timedelta

from hypothesis import strategies as st

from contracts.events import EVENT_TYPES
from contracts.payload import Entry, Payload, Person
from contracts.words import DataCategory, Grade, RecipientKind, Restriction
from tests.support.builders import EventBuilder, an_event
from tests.support.event_parts import (
    LARCH_HOUSE,
    LARCH_HOUSE_GUARDED,
    MILL_LANE,
    a_fact,
    an_allegation,
    an_opinion,
    at,
    child_words,
    intelligence,
    released_to,
)
from tests.support.people import ASHA_BELL, CRAIG, DANA, ELLIE, MIA, MR_ORME, MYA, THE_FRIEND, THEO, UNBORN

PEOPLE: tuple[Person, ...] = (DANA, CRAIG, MR_ORME, ASHA_BELL, THE_FRIEND)
ENTRIES: tuple[Entry, ...] = (
    child_words("He shouts and then it is quiet."),
    released_to(child_words("I hide."), RecipientKind.HEALTH_VISITOR, "Mia says she hides."),
    a_fact(DataCategory.HEALTH_PHYSICAL, "bruise", text="A bruise on the left arm."),
    an_opinion(DataCategory.SC_NARRATIVE, "Mother seems afraid."),
    an_allegation("He is said to have hit her.", code="assault"),
    intelligence("Known to carry a knife.", handling="C"),
)
NEW_YEAR = at("2026-01-01", "00:00")
MOMENTS = st.integers(0, 365 * 24 * 60 * 60 - 1).map(lambda seconds: NEW_YEAR + timedelta(seconds=seconds))


@st.composite
def events(draw: st.DrawFn) -> EventBuilder:
    """An event of any type about any of the fictional children, saying anything."""
    event = (
        an_event(draw(st.sampled_from(sorted(EVENT_TYPES.values(), key=lambda model: model.__name__))))
        .about(draw(st.sampled_from((MIA, THEO, MYA, ELLIE, UNBORN))))
        .occurring(draw(MOMENTS))
    )
    if draw(st.booleans()):
        event = event.of_incident(draw(st.text("abc", min_size=1)))
    if draw(st.booleans()):
        event = event.correcting(event.subject)
    if not issubclass(event.model, Payload):
        return event
    event = (
        event.with_people(*draw(st.lists(st.sampled_from(PEOPLE), max_size=3)))
        .with_entries(*draw(st.lists(st.sampled_from(ENTRIES), max_size=4)))
        .restricted(*draw(st.lists(st.sampled_from(Restriction), max_size=2)))
        .claiming(dissent=draw(st.booleans()), necessity=draw(st.none() | st.just("so that she is safe tonight")))
    )
    if draw(st.booleans()):
        event = event.living_at(draw(st.sampled_from((MILL_LANE, LARCH_HOUSE, LARCH_HOUSE_GUARDED))))
    if draw(st.booleans()):
        event = event.graded(draw(st.sampled_from(Grade))).at_level(draw(st.integers(1, 4)))
    return event
