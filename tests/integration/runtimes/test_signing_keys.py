"""Who signs may be given another key, or none; what was signed before is neither lost nor taken for too long."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from adapters.kit.agency import load_agency
from adapters.kit.run import Signing
from broker.core.incidents import AGREEMENT_LAPSED
from broker.drivers.clock.scripted import ScriptedClock
from broker.runtimes.embedded import Embedded
from broker.runtimes.feeds import agency_side
from broker.runtimes.files import replace_file
from broker.runtimes.home import Home, HomeError
from broker.runtimes.people import PeopleError, SignedIn, SignInError, choose
from broker.runtimes.registry import KeyRegistry
from broker.runtimes.settings import Settings
from broker.runtimes.signing_keys import STILL_TAKEN_FOR, renew_signing_key
from broker.services.decide_task import CannotDecideError
from broker.services.receive_receipts import ReceiptsTaken
from contracts.words import RecipientId
from tests.support import homes
from tests.support.builders import a_concern, an_attendance_at_otherby
from tests.support.event_parts import POLICE
from tests.support.homes import MONDAY
from tests.support.people import MIA, THEO

AT_ONCE = timedelta(0)
AGENCY, FRONT_DOOR = f"agency.{POLICE}", RecipientId("mash-core")
MANAGER = SignedIn("amir", "Amir", "mash_manager", FRONT_DOOR)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return homes.a_home(tmp_path)


def keyid_of(settings: Settings, agency: str) -> str:
    return load_agency(settings.home / "agencies", agency).keyid


def waiting(settings: Settings) -> int:
    with closing(homes.a_spool(settings, POLICE)) as spool:
        return len(spool.pending(100))


def renew(settings: Settings, who: str, still_taken_for: timedelta) -> str:
    """A minute later, renew a key."""
    home = Home(settings.home)
    clock = ScriptedClock(home.scripted_clock)
    clock.set(clock.now() + timedelta(minutes=1))
    return renew_signing_key(home, who, now=clock.now(), still_taken_for=still_taken_for)


def advance(runtime: Embedded, by: timedelta) -> None:
    clock = ScriptedClock(runtime.home.scripted_clock)
    clock.set(clock.now() + by)


def test_what_waits_at_an_agency_whose_key_is_ended_at_once_is_signed_anew_and_taken(settings: Settings) -> None:
    homes.spool(settings, [a_concern().from_police().about(MIA)])
    before = keyid_of(settings, POLICE)
    assert renew(settings, AGENCY, AT_ONCE) == keyid_of(settings, POLICE) != before
    with homes.opened(settings) as runtime:
        done = runtime.tick()
        assert (done.accepted, done.refused) == (1, 0)
        assert runtime.reconcile().differences == ()


def test_a_process_that_runs_signs_with_the_new_key_from_then_on(settings: Settings) -> None:
    homes.spool(settings, [a_concern().from_police().about(MIA)])
    with homes.opened(settings) as runtime:
        renew(settings, AGENCY, AT_ONCE)
        assert (runtime.tick().accepted, waiting(settings)) == (1, 0)
        renew(settings, AGENCY, AT_ONCE)
        assert runtime.feeds[POLICE].keyid == keyid_of(settings, POLICE)
        runtime.beat()
        assert POLICE in {each.agency for each in runtime.hub.journal.feeds()}


@contextmanager
def with_the_old_key(runtime: Embedded) -> Iterator[None]:
    """The force's process goes on with the key that it has, as if its folder had been put back from a backup."""
    with pytest.MonkeyPatch.context() as held:
        held.setattr("adapters.kit.service.key_in", lambda _: (0, 0))
        assert runtime.feeds[POLICE].keyid
        yield


def test_a_key_that_is_ended_ends_in_a_process_that_runs_and_what_it_signed_stays_with_the_agency(
    settings: Settings,
) -> None:
    homes.spool(settings, [a_concern().from_police().about(MIA)])
    with homes.opened(settings) as runtime, with_the_old_key(runtime):
        renew(settings, AGENCY, AT_ONCE)
        done = runtime.tick()
        assert (done.accepted, done.refused) == (0, 1), "this process signs with the old key still"
        runtime.beat()
        assert POLICE not in {each.agency for each in runtime.hub.journal.feeds()}, "its sign of life is none either"
        assert waiting(settings) == 1
    with homes.opened(settings) as runtime:
        assert runtime.tick().accepted == 1
    assert waiting(settings) == 0


def test_the_key_before_is_taken_for_eight_days_and_no_longer(settings: Settings) -> None:
    before = homes.agency_of(settings, POLICE)
    with homes.opened(settings) as runtime, with_the_old_key(runtime):
        renew(settings, AGENCY, STILL_TAKEN_FOR)
        for days, accepted in ((0, 1), (7, 1), (2, 0)):
            advance(runtime, timedelta(days=days))
            report = a_concern().from_police().about(THEO).occurring(runtime.clock.now())
            with closing(homes.a_spool(settings, POLICE)) as spool:
                spool.spool([homes.a_draft(report)], Signing(before), now=runtime.clock.now())
            assert runtime.tick().accepted == accepted


def test_a_renewal_that_is_cut_short_refuses_nothing_and_is_done_again(settings: Settings) -> None:
    home = Home(settings.home)
    keyid, public = agency_side().next_key(home.root / "agencies", POLICE)
    KeyRegistry(home.registry).register(keyid, public, sort="agency", owner=POLICE, valid_from=MONDAY)
    homes.spool(settings, [a_concern().from_police().about(MIA)])
    with homes.opened(settings) as runtime:
        assert runtime.tick().accepted == 1
    assert renew(settings, AGENCY, AT_ONCE) == keyid
    assert not (home.agency(POLICE) / "key.next").exists()


def test_receipts_signed_before_a_recipients_key_was_ended_are_signed_anew_and_recorded(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    homes.spool(settings, [a_concern().from_police().about(MIA)])
    with monkeypatch.context() as held, homes.opened(settings) as runtime:
        held.setattr("broker.runtimes.steps.receive_receipts", lambda *_, **__: ReceiptsTaken((), 0, ()))
        runtime.tick()
        assert runtime.recipients[FRONT_DOOR].store.waiting(1)
    renew(settings, f"recipient.{FRONT_DOOR}", AT_ONCE)
    with homes.opened(settings) as runtime:
        runtime.tick()
        counts = runtime.hub.journal.counts()
        assert counts["deliveries_delivered"] == counts["deliveries_released"] > 1
        assert runtime.reconcile().differences == ()


def test_where_a_renewed_key_cannot_be_read_a_process_that_runs_goes_on_with_the_one_before(settings: Settings) -> None:
    with homes.opened(settings) as runtime:
        before = runtime.feeds[POLICE].keyid, runtime.recipients[FRONT_DOOR].keys.keyid
        homes.spool(settings, [a_concern().from_police().about(MIA)])
        key = runtime.home.recipient(FRONT_DOOR) / "key"
        whole = key.read_bytes()
        for file in (runtime.home.agency(POLICE) / "key", key):
            replace_file(file, b"no key")
        assert runtime.tick().accepted == 1
        counts = runtime.hub.journal.counts()
        assert counts["deliveries_released"] > 1, "it is kept at the front door too"
        assert counts["deliveries_delivered"] == counts["deliveries_released"] - 1, "whose receipts wait"
        replace_file(key, whole)
        runtime.tick()
        counts = runtime.hub.journal.counts()
        assert counts["deliveries_delivered"] == counts["deliveries_released"]
        assert (runtime.feeds[POLICE].keyid, runtime.recipients[FRONT_DOOR].keys.keyid) == before


def test_a_recipients_process_that_runs_signs_its_receipts_with_the_new_key(settings: Settings) -> None:
    with homes.opened(settings) as runtime:
        before = runtime.recipients[FRONT_DOOR].keys
        assert renew(settings, f"recipient.{FRONT_DOOR}", AT_ONCE) == runtime.recipients[FRONT_DOOR].keys.keyid
        assert runtime.recipients[FRONT_DOOR].keys.sealing == before.sealing
        homes.spool(settings, [a_concern().from_police().about(MIA)])
        runtime.tick()
        counts = runtime.hub.journal.counts()
        assert counts["deliveries_delivered"] == counts["deliveries_released"] > 1


@pytest.mark.parametrize("who", ["agency.nobody", "recipient.nobody", "person.amir", "exchange", ""])
def test_whom_the_home_does_not_know_has_no_key_to_renew(settings: Settings, who: str) -> None:
    with pytest.raises(HomeError) as caught:
        renew(settings, who, AT_ONCE)
    assert caught.value.code == "home.unknown_signer"


def test_whoever_has_left_decides_nothing_and_is_shown_nothing_until_they_are_back(settings: Settings) -> None:
    homes.spool(settings, [an_attendance_at_otherby().about(MIA)])
    with homes.opened(settings) as runtime:
        runtime.tick()
        runtime.add_person("Amir", ("mash_manager@mash-core",))
        (asked,) = [each for each in runtime.desk.tasks(MANAGER) if each.code == AGREEMENT_LAPSED]
        assert runtime.end_person("amir") == ["mash_manager@mash-core"]
        with pytest.raises(CannotDecideError):
            runtime.decide_task(asked.question_id, MANAGER, granted=True, reason="seen to")
        with pytest.raises(SignInError):
            choose(runtime.people(), "mash_manager", None)
        assert runtime.people()["amir"]["ended"]
        runtime.renew_person("amir")
        assert choose(runtime.people(), "mash_manager", None).person == "amir"
        assert runtime.decide_task(asked.question_id, MANAGER, granted=True, reason="seen to")


def test_a_person_with_a_new_key_signs_with_no_other_and_has_the_roles_given(settings: Settings) -> None:
    homes.spool(settings, [an_attendance_at_otherby().about(MIA)])
    with homes.opened(settings) as runtime:
        runtime.tick()
        runtime.add_person("Amir", ("mash_practitioner@mash-core",))
        (asked,) = [each for each in runtime.desk.tasks(MANAGER) if each.code == AGREEMENT_LAPSED]
        old = (runtime.home.person("amir") / "key").read_bytes()
        runtime.renew_person("amir", ("mash_manager@mash-core",))
        new = (runtime.home.person("amir") / "key").read_bytes()
        (runtime.home.person("amir") / "key").write_bytes(old)
        with pytest.raises(CannotDecideError) as caught:
            runtime.decide_task(asked.question_id, MANAGER, granted=True, reason="seen to")
        assert caught.value.code == "task.signature"
        assert [each.is_valid_at(MONDAY) for each in runtime.registry.of("person", "amir")] == [False, True]
        (runtime.home.person("amir") / "key").write_bytes(new)
        assert runtime.decide_task(asked.question_id, MANAGER, granted=True, reason="seen to")
        with pytest.raises(SignInError):
            choose(runtime.people(), "mash_practitioner", None)


def test_somebody_unknown_cannot_be_ended_or_given_a_key(settings: Settings) -> None:
    with homes.opened(settings) as runtime:
        runtime.add_person("Amir Khan", ("mash_manager@mash-core",))
        for act in (runtime.end_person, runtime.renew_person):
            with pytest.raises(PeopleError, match="amir-khan") as caught:
                act("amir-kahn")
            assert caught.value.code == "people.unknown"


def test_two_who_register_at_once_both_are_registered_and_each_sees_the_other(settings: Settings) -> None:
    home = Home(settings.home)
    first, second = KeyRegistry(home.registry), KeyRegistry(home.registry)
    keys = {name: load_agency(home.root / "agencies", POLICE).public_key for name in ("one", "two")}
    first.register("one", keys["one"], sort="person", owner="one", valid_from=MONDAY)
    second.register("two", keys["two"], sort="person", owner="two", valid_from=MONDAY)
    first.end(["two"], MONDAY + timedelta(days=2))
    second.end(["two"], MONDAY + timedelta(days=5))
    for registry in (first, second, KeyRegistry(home.registry)):
        assert {"one", "two"} <= set(registry.owners("person"))
        found = registry.key("two")
        assert found is not None
        assert found.valid_to == MONDAY + timedelta(days=2), "what ends sooner ends as it did"
