"""An adoption stands between a report and a child: nobody is joined, and only the gatekeeper is asked."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from broker.core.asked_again import DECIDED
from broker.core.outcome import TaskQuestion
from broker.core.visible import Audience
from broker.runtimes.people import SignedIn
from broker.services.explain import Caller, explain, in_words
from broker.services.identity_joining import FIREWALL, UNSURE
from contracts.words import AgencyId, Effect, EventId, Grade, Restriction
from tests.integration.services.test_reask import CORE, POLICE, Exchange
from tests.soak import told_twice
from tests.support.builders import EventBuilder, a_concern, a_domestic_incident, a_restriction, an_emergency_attendance
from tests.support.homes import a_home, opened
from tests.support.people import THEO

SILENT = "notice.silent"
AUDIENCES: tuple[Audience, ...] = ("sender", "recipient", "mash", "dpo")
ROLES = ("adoption_gatekeeper", "mash_practitioner", "mash_manager", "data_protection_officer")


@pytest.fixture(name="exchange")
def _exchange(tmp_path: Path) -> Iterator[Exchange]:
    """The council says that an adoption protects Mia; then police report about her by her number of before."""
    settings = a_home(tmp_path)
    with opened(settings) as runtime:
        exchange = Exchange(settings, runtime)
        exchange.hears(an_emergency_attendance(), a_restriction(Restriction.ADOPTION))
        yield exchange
        assert runtime.reconcile().differences == ()


def asked(exchange: Exchange, code: str) -> list[TaskQuestion]:
    """The open questions of one code."""
    questions = [each for task in exchange.runtime.hub.journal.tasks() for each in task.questions]
    return [each for each in questions if each.code == code]


def seen_in_a_view(exchange: Exchange, report: EventBuilder) -> dict[str, set[str]]:
    """By role, the codes of the questions that stand in the view of a report's child."""
    stored = exchange.runtime.hub.journal.event(EventId(report.id))
    assert stored is not None
    assert stored.child is not None
    desk = exchange.runtime.desk
    return {role: {w.code for w in desk._waiting_about(stored.child, signed_in(role))} for role in ROLES}


def signed_in(role: str) -> SignedIn:
    return SignedIn(role, role, role, "mash-core" if role.startswith("mash") else "")


def test_only_the_gatekeeper_is_told_that_there_is_an_adoption_and_not_of_which_child(exchange: Exchange) -> None:
    report = a_domestic_incident()
    exchange.hears(report)

    [question] = asked(exchange, FIREWALL)
    assert (question.event_id, question.owner, question.detail) == (report.id, "adoption_gatekeeper", {})
    told = {role: [w.code for w in exchange.runtime.desk.tasks(signed_in(role))] for role in ROLES}
    assert [role for role in ROLES if FIREWALL in told[role]] == ["adoption_gatekeeper"]
    for others in asked(exchange, UNSURE):
        assert {"why", "candidates"}.isdisjoint(others.detail)


def test_once_a_practitioner_says_so_it_goes_to_the_front_door_alone_and_into_no_childs_view(
    exchange: Exchange,
) -> None:
    report = a_domestic_incident()
    exchange.hears(report)
    exchange.runtime.add_person("Sam", ("mash_practitioner@mash-core",))
    sam = SignedIn("sam", "Sam", "mash_practitioner", "mash-core")
    for question in asked(exchange, UNSURE):
        exchange.runtime.decide_task(question.question_id, sam, granted=True, reason="the front door must see it")
    exchange.runtime.tick()

    told = exchange.told(CORE, report)
    assert told is not None
    assert told.unmatched
    assert exchange.told(POLICE, report) is None
    [hers] = [s.known.child for s in exchange.runtime.hub.journal.children() if not s.known.is_provisional]
    assert report.id not in {event.event_id for event in exchange.runtime.hub.journal.events(child=hers)}


def test_a_red_report_goes_to_the_front_door_at_once(exchange: Exchange) -> None:
    report = a_domestic_incident().graded(Grade.RED).at_level(4)
    exchange.hears(report)

    told = exchange.told(CORE, report)
    assert told is not None
    assert told.unmatched
    assert len(asked(exchange, FIREWALL)) == 1


def test_in_a_view_the_question_stands_for_the_gatekeeper_and_the_officer_alone(exchange: Exchange) -> None:
    report = a_domestic_incident()
    exchange.hears(report)

    seen = seen_in_a_view(exchange, report)

    assert {role for role in ROLES if FIREWALL in seen[role]} == {"adoption_gatekeeper", "data_protection_officer"}


def test_the_gatekeeper_is_asked_once_while_the_question_is_open(exchange: Exchange) -> None:
    exchange.hears(a_domestic_incident())
    exchange.hears(a_domestic_incident())

    assert len(asked(exchange, FIREWALL)) == 1


def test_in_a_view_a_question_stands_only_for_whom_its_rule_shows_it(exchange: Exchange) -> None:
    report = a_concern().from_police().about(THEO).restricted(Restriction.ADOPTION).graded(Grade.RED).at_level(4)
    exchange.hears(report)

    seen = seen_in_a_view(exchange, report)

    assert {role for role in ROLES if "adoption.gatekeeper" in seen[role]} == {
        "adoption_gatekeeper",
        "data_protection_officer",
    }


def test_nobody_but_the_officer_reads_that_the_gatekeeper_decided(exchange: Exchange) -> None:
    report = a_concern().from_police().about(THEO).restricted(Restriction.ADOPTION).graded(Grade.RED).at_level(4)
    exchange.hears(report)
    exchange.runtime.add_person("Gil", ("adoption_gatekeeper",))
    gil = SignedIn("gil", "Gil", "adoption_gatekeeper", "")
    for question in asked(exchange, "adoption.gatekeeper"):
        exchange.runtime.decide_task(question.question_id, gil, granted=True, reason="nothing links the two")
    exchange.runtime.tick()

    hub, told = exchange.runtime.hub, exchange.told(CORE, report)
    assert told is not None
    assert told.asked_again == DECIDED
    assert b"gatekeeper" not in told.body()
    readers = {
        "recipient": Caller("recipient", recipient=CORE),
        "sender": Caller("sender", agency=AgencyId("wrenshire-police")),
        "mash": Caller("mash"),
        "dpo": Caller("dpo"),
    }
    seen = {
        name: repr(explain(EventId(report.id), caller, journal=hub.journal, policy=hub.policy))
        for name, caller in readers.items()
    }
    assert {name for name, said in seen.items() if "gatekeeper" in said} == {"dpo"}
    assert all(DECIDED in said for name, said in seen.items() if name != "dpo")


def test_no_recipient_reads_that_something_about_the_child_is_to_be_kept_silent(exchange: Exchange) -> None:
    attendance = an_emergency_attendance().as_record("after the adoption")
    exchange.hears(attendance)

    hub = exchange.runtime.hub
    shares = [each for each in hub.journal.decisions(EventId(attendance.id)) if each.effect is Effect.SHARE]
    assert [each for each in shares if SILENT in {o.code for o in each.verdict.obligations}], "it is on record"
    for name, side in exchange.runtime.recipients.items():
        kept = [each.delivery for child in side.store.children() for each in side.store.deliveries(child)]
        assert not [each for each in kept if SILENT in {o.code for o in each.obligations}], name
        assert told_twice(kept) == [], "that it is silent from now on is no news to whoever may not know"
    must = hub.policy.words(SILENT).message
    told = {
        audience: any(must in in_words(each, audience, hub.policy).you_must for each in shares)
        for audience in AUDIENCES
    }
    assert told == {"sender": True, "recipient": False, "mash": False, "dpo": True}
