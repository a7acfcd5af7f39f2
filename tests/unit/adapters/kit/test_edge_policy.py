"""The agencies' edge with the partnership's own policy: what never leaves, and what is told of it instead."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from adapters.kit.edge import Gate
from adapters.kit.records import GaveEvents, KeptAtEdge, Mapped, NativeRecord
from contracts.events.police import NoticeKept, PoliceConcernRaised
from contracts.payload import Child, Entry, Payload, Times, Urgency
from contracts.words import AgencyId, AgencyKind, DataCategory, Grade, Restriction
from policies.engine.engine import Engine
from tests.support.event_parts import a_fact, intelligence

WHEN = datetime(2026, 3, 8, 20, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    loaded = Engine.load()
    yield loaded
    loaded.close()


def a_report(
    grade: Grade, *, restrictions: tuple[Restriction, ...] = (), entries: tuple[Entry, ...] = ()
) -> PoliceConcernRaised:
    return PoliceConcernRaised(
        child=Child(forenames="Mia", surname="Marsh"),
        times=Times(occurred=WHEN),
        reference="WP/1",
        grade=Urgency(value=grade),
        restrictions=restrictions,
        entries=entries,
    )


def passed(engine: Engine, payload: Payload) -> NativeRecord:
    gate = Gate(engine, AgencyId("wrenshire-police"), AgencyKind.POLICE, WHEN)
    record = NativeRecord("notice 1", GaveEvents((Mapped(payload, "n1", "1", "p1"),)))
    return gate.pass_through(record)[0]


def test_a_red_report_leaves(engine: Engine) -> None:
    assert isinstance(passed(engine, a_report(Grade.RED)).result, GaveEvents)


def test_a_blue_report_stays_and_leaves_a_notice(engine: Engine) -> None:
    result = passed(engine, a_report(Grade.BLUE)).result
    assert isinstance(result, KeptAtEdge)
    assert [type(notice.payload) for notice in result.notices] == [NoticeKept]


@pytest.mark.parametrize("restriction", [Restriction.PROTECTED_PERSON, Restriction.ADOPTION, Restriction.SEXUAL_HEALTH])
def test_what_the_law_guards_most_stays_and_leaves_no_trace(engine: Engine, restriction: Restriction) -> None:
    for grade in Grade:
        result = passed(engine, a_report(grade, restrictions=(restriction,))).result
        assert isinstance(result, KeptAtEdge)
        assert result.notices == ()


@pytest.mark.parametrize("code", ["C", None])
def test_intelligence_that_is_not_free_stays_and_leaves_no_trace(engine: Engine, code: str | None) -> None:
    result = passed(engine, a_report(Grade.RED, entries=(intelligence("CANARY", handling=code),))).result
    assert isinstance(result, KeptAtEdge)
    assert result.notices == ()


@pytest.mark.parametrize("code", ["C", None])
def test_what_else_a_report_says_leaves_without_it(engine: Engine, code: str | None) -> None:
    free = (intelligence("seen", handling="P"), a_fact(DataCategory.POLICE_INCIDENT, text="alone at home"))
    report = a_report(Grade.RED, entries=(intelligence("CANARY", handling=code), *free))
    gate = Gate(engine, AgencyId("wrenshire-police"), AgencyKind.POLICE, WHEN)
    record, codes = gate.pass_through(NativeRecord("1", GaveEvents((Mapped(report, "n1", "1", "p1"),))))
    assert isinstance(record.result, GaveEvents)
    (event,) = record.result.events
    assert isinstance(event.payload, Payload)
    assert event.payload.entries == free
    assert codes == ("edge.intelligence",)


def test_intelligence_that_is_free_leaves(engine: Engine) -> None:
    assert isinstance(
        passed(engine, a_report(Grade.RED, entries=(intelligence("one", handling="P"),))).result, GaveEvents
    )


@pytest.mark.parametrize("category", [DataCategory.PROTECTED_PERSON, DataCategory.ADOPTION_PRIOR_IDENTITY])
def test_a_handling_code_frees_nothing_that_is_guarded_otherwise(engine: Engine, category: DataCategory) -> None:
    entry = intelligence("CANARY", handling="P").model_copy(update={"category": category})
    assert isinstance(passed(engine, a_report(Grade.RED, entries=(entry,))).result, KeptAtEdge)
    bound = intelligence("CANARY", handling="C").model_copy(update={"category": DataCategory.HEALTH_SEXUAL})
    assert isinstance(passed(engine, a_report(Grade.RED, entries=(bound,))).result, KeptAtEdge)
