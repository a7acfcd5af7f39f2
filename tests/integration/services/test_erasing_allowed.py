"""Who may have a child erased, what stands against it, and that it is done wholly or not at all."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from broker.core.erasing import ErasureAct, SignedErasure
from broker.core.grounds import Ground
from broker.core.marks import MarkKind
from broker.core.store_errors import KeyDestroyedError, StoreError
from broker.runtimes.people import load_person_key
from broker.services.erase import CannotEraseError
from contracts.signing import sign
from contracts.words import ChildId, PersonId
from tests.integration.services.test_reask import CORE, Exchange
from tests.support.builders import (
    a_section_47,
    an_emergency_attendance,
)
from tests.support.erasing import (
    DPO,
    MANAGER,
    PRACTITIONER,
    SIRO,
    an_exchange,
    erase,
    names_shown,
    propose,
    short_patience,
    the_child,
)


@pytest.fixture(name="exchange")
def _exchange(tmp_path: Path) -> Iterator[Exchange]:
    with an_exchange(tmp_path) as exchange:
        yield exchange


def test_it_takes_two_people_in_two_roles_and_one_is_the_officer(exchange: Exchange) -> None:
    hers = an_emergency_attendance()
    exchange.hears(hers)
    officers = exchange.runtime.officers
    proposed = propose(exchange, hers)
    with pytest.raises(CannotEraseError) as refused:
        officers.confirm_erasure(proposed, DPO)
    assert refused.value.code == "erase.not_two"
    with pytest.raises(CannotEraseError) as refused:
        propose(exchange, hers, who=SIRO)
    assert refused.value.code == "erase.proposed_already"
    with pytest.raises(CannotEraseError) as refused:
        officers.confirm_erasure(proposed, PRACTITIONER)
    assert refused.value.code == "erase.not_yours"
    officers.withdraw_erasure(proposed, MANAGER)
    with pytest.raises(CannotEraseError) as refused:
        officers.confirm_erasure(proposed, SIRO)
    assert refused.value.code == "erase.unknown"
    by_manager = propose(exchange, hers, who=MANAGER)
    with pytest.raises(CannotEraseError) as refused:
        officers.confirm_erasure(by_manager, SIRO)
    assert refused.value.code == "erase.not_two"
    assert names_shown(exchange.runtime) == {"Mia Marsh"}
    assert officers.confirm_erasure(by_manager, DPO).finished_at is not None
    exchange.runtime.tick()
    assert names_shown(exchange.runtime) == set()


def test_a_proposal_that_nobody_confirmed_lapses(exchange: Exchange) -> None:
    hers = an_emergency_attendance()
    exchange.hears(hers)
    proposed = propose(exchange, hers)
    exchange.later(timedelta(days=14))
    with pytest.raises(CannotEraseError) as refused:
        exchange.runtime.officers.confirm_erasure(proposed, SIRO)
    assert refused.value.code == "erase.lapsed"
    assert propose(exchange, hers)


def test_a_hold_stands_against_it_until_it_is_lifted_even_when_it_came_after_the_proposal(exchange: Exchange) -> None:
    hers = an_emergency_attendance()
    exchange.hears(hers)
    officers = exchange.runtime.officers
    proposed = propose(exchange, hers)
    hold = officers.mark(MarkKind.HOLD, hers.id, DPO, reason="Inquest", until=None)
    for attempt in (lambda: officers.confirm_erasure(proposed, SIRO), lambda: propose(exchange, hers, who=MANAGER)):
        with pytest.raises(CannotEraseError):
            attempt()
    assert names_shown(exchange.runtime) == {"Mia Marsh"}
    officers.lift(MarkKind.HOLD, hold.mark, DPO, reason="Over")
    assert officers.confirm_erasure(proposed, SIRO).finished_at is not None


@pytest.mark.parametrize("ground", Ground)
def test_while_the_record_is_needed_to_protect_the_child_only_a_court_or_a_wrong_may_have_it_erased(
    exchange: Exchange, ground: Ground
) -> None:
    hers = an_emergency_attendance()
    exchange.hears(hers, a_section_47())
    if ground in {Ground.PROCESSED_UNLAWFULLY, Ground.LEGAL_OBLIGATION}:
        assert erase(exchange, hers, ground).finished_at is not None
        return
    with pytest.raises(CannotEraseError) as refused:
        propose(exchange, hers, ground=ground)
    assert refused.value.code == "erase.needed"


def test_a_signature_of_somebody_else_or_of_other_words_does_nothing(exchange: Exchange) -> None:
    hers = an_emergency_attendance()
    exchange.hears(hers)
    runtime = exchange.runtime
    keyid, key = load_person_key(runtime.home, exchange.settings, SIRO.person)
    good = SignedErasure(
        ErasureAct.PROPOSE,
        the_child(runtime, hers),
        PersonId(SIRO.person),
        SIRO.role,
        runtime.clock.now(),
        Ground.RETENTION_OVER,
    )
    named = replace(good, signature=sign(good.content(), key, keyid=keyid))
    for wrong in (replace(named, person=PersonId(DPO.person), role=DPO.role), replace(named, about="other"), good):
        with pytest.raises(CannotEraseError) as refused:
            runtime.hub.erase.run(wrong)
        assert refused.value.code == "erase.signature"
    assert runtime.hub.journal.erasures() == []


@pytest.mark.parametrize("read", ["journal.db", "keys.db"])
def test_somebody_who_reads_makes_it_fail_with_nothing_changed(exchange: Exchange, read: str) -> None:
    runtime = exchange.runtime
    hers = an_emergency_attendance()
    exchange.hears(hers)
    proposed = propose(exchange, hers)
    for store in (runtime.hub.journal._store, runtime.hub.keys._store):
        short_patience(store)
    with closing(sqlite3.connect(runtime.home.hub / read)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM schema_revision").fetchone()
        hers_too = an_emergency_attendance().as_record("another")
        exchange.hears(hers_too)
        runtime.hub.keys.create([ChildId("a-spare-child")])
        before = runtime.hub.journal.counts()
        with pytest.raises(CannotEraseError) as refused:
            runtime.officers.confirm_erasure(proposed, SIRO)
        assert refused.value.code == "erase.being_read"
        assert runtime.hub.journal.counts() == before
        assert names_shown(runtime) == {"Mia Marsh"}
    assert runtime.officers.confirm_erasure(proposed, SIRO).finished_at is not None
    runtime.tick()
    assert names_shown(runtime) == set()


def test_begun_and_interrupted_it_is_carried_to_its_end_by_the_next_turn(
    exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    runtime = exchange.runtime
    hers = an_emergency_attendance()
    exchange.hears(hers)
    child = the_child(runtime, hers)
    proposed = propose(exchange, hers)

    def no_room() -> None:
        msg = "no room"
        raise StoreError(msg, code="store.full", remedy="")

    with monkeypatch.context() as patched:
        patched.setattr(runtime.hub.journal, "compact", no_room)
        with pytest.raises(CannotEraseError) as refused:
            runtime.officers.confirm_erasure(proposed, SIRO)
        assert refused.value.code == "erase.not_finished"
        assert [each.is_under_way for each in runtime.hub.journal.erasures()] == [True]
        assert not next(f for f in runtime.doctor() if f.check == "erasures").is_fine
        with pytest.raises(KeyDestroyedError):
            runtime.hub.keys.child_key(child)

    runtime.tick()

    (erasure,) = runtime.hub.journal.erasures()
    assert erasure.finished_at is not None
    assert next(f for f in runtime.doctor() if f.check == "erasures").is_fine


def test_a_recipient_whose_store_is_being_read_destroys_it_when_that_is_over(exchange: Exchange) -> None:
    runtime = exchange.runtime
    hers = an_emergency_attendance()
    exchange.hears(hers)
    proposed = propose(exchange, hers)
    side = runtime.recipients[CORE]
    side.store._connection.execute("PRAGMA busy_timeout = 50")
    with closing(sqlite3.connect(runtime.home.recipient(CORE) / "view.db")) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM deliveries").fetchone()
        runtime.officers.confirm_erasure(proposed, SIRO)
        runtime.tick()
        (row,) = runtime.officers.erasures(DPO)
        assert row.destroyed < row.told
    runtime.tick()
    (row,) = runtime.officers.erasures(DPO)
    assert row.destroyed == row.told
