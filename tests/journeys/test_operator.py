"""Given an operator whose clock was set wrong or whose home is old, when they look, then they are told what to do."""

import json
import sqlite3
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from broker.runtimes.home import Home
from tests.journeys.conftest import Mash


@pytest.fixture
def home(tmp_path: Path, mash: Mash, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of the operator's own, which has once been looked after."""
    place, key = tmp_path / "home", tmp_path / "root-key"
    assert mash("init", "--home", str(place), "--root-key", str(key)).code == 0
    monkeypatch.setenv("MASH_HOME", str(place))
    monkeypatch.setenv("MASH_ROOT_KEY_FILE", str(key))
    assert mash("tick").code == 0
    return place


def set_forward(home: Path) -> None:
    """As if the machine's clock had been set a day forward since it was last looked at."""
    kept = Home(home).steady_clock
    seen = json.loads(kept.read_text(encoding="utf-8"))
    earlier = {name: (datetime.fromisoformat(at) - timedelta(days=1)).isoformat() for name, at in seen.items()}
    kept.write_text(json.dumps(earlier), encoding="utf-8")


def test_given_an_even_clock_when_they_look_then_it_says_so(home: Path, mash: Mash) -> None:
    assert home.exists()
    ran = mash("clock")
    assert (ran.code, ran.out) == (0, "The clock runs evenly.\n")


def test_given_a_clock_set_forward_when_they_look_then_nothing_is_done_by_it_until_it_is_accepted(
    home: Path, mash: Mash
) -> None:
    set_forward(home)

    ran = mash("tick")
    assert ran.code == 10
    assert "1 day, 0:00:0" in ran.said
    assert "mash clock --accept" in ran.said
    assert "clock.jumped" in ran.said

    looked = mash("clock")
    assert looked.code == 1
    assert "ahead of what it should be" in looked.out

    assert mash("clock", "--accept").code == 0
    assert mash("tick").code == 0


def test_given_a_demonstration_when_they_look_then_there_is_nothing_to_compare(tmp_path: Path, mash: Mash) -> None:
    assert mash("--home", str(tmp_path / "shown"), "demo").code == 0
    assert "a clock of its own" in mash("--home", str(tmp_path / "shown"), "clock").out


def made_by_an_earlier_version(home: Path) -> None:
    """As homes were made before their stores had revisions."""
    for name, version in (("journal", 3), ("ledger", 1), ("keys", 1)):
        with closing(sqlite3.connect(home / "hub" / f"{name}.db")) as store, store:
            store.execute("DROP TABLE schema_revision")
            store.execute("CREATE TABLE schema_version (version INTEGER NOT NULL)")
            store.execute("INSERT INTO schema_version VALUES (?)", (version,))


def test_given_a_home_of_an_earlier_version_when_it_is_upgraded_then_it_works_again(home: Path, mash: Mash) -> None:
    made_by_an_earlier_version(home)

    refused = mash("reconcile")
    assert refused.code == 10
    assert "mash upgrade" in refused.said

    upgraded = mash("upgrade")
    assert upgraded.code == 0
    assert [line.split(":")[0] for line in upgraded.out.splitlines()] == ["keys", "journal", "ledger"]

    assert mash("reconcile").code == 0
    assert mash("tick").code == 0
    assert "as it should be" in mash("upgrade").out


@pytest.mark.parametrize("command", ["apply", "move"])
def test_given_no_database_when_one_is_to_be_used_then_the_setting_is_named(
    home: Path, mash: Mash, command: str
) -> None:
    ran = mash("database", command)

    assert ran.code == 10
    assert "MASH_DATABASE_URL" in ran.said
    assert not Home(home).database_mark.exists()
    assert mash("reconcile").code == 0


@pytest.mark.usefixtures("home")
def test_given_no_file_of_the_password_when_a_process_is_to_be_let_in_then_the_option_is_named(mash: Mash) -> None:
    ran = mash("database", "login", "hub", "--password-file", "nowhere")

    assert ran.code == 2
    assert "--password-file" in ran.text + ran.said


def test_given_a_recipient_that_lost_its_view_when_they_resend_then_it_holds_what_it_may(
    after_the_weekend: Path, mash: Mash
) -> None:
    for file in (after_the_weekend / "recipients" / "mash-core").glob("view.db*"):
        file.unlink()
    assert "Nothing has been shared with you yet." in mash("children", "--as", "mash_practitioner").text

    unexplained = mash("resend", "mash-core", "--why", " ")
    assert (unexplained.code, "recipient.no_reason" in unexplained.said) == (18, True)
    sent = mash("resend", "mash-core", "--why", "The disk broke, says Priya Nair.")

    assert sent.code == 0
    assert "that mash-core held" in sent.text
    assert "Mia Marsh" in mash("children", "--as", "mash_practitioner").text
    assert "A recipient lost what it held" in mash("tasks", "list", "--as", "mash_manager").text
    assert mash("reconcile").code == 0


def test_given_processes_over_kafka_when_somebody_acts_then_the_command_leaves_what_follows_to_them(
    after_the_weekend: Path, mash: Mash, monkeypatch: pytest.MonkeyPatch
) -> None:
    password = after_the_weekend.parent / "password"
    password.write_text("unused", encoding="utf-8")
    monkeypatch.setenv("MASH_KAFKA_SERVERS", "127.0.0.1:1")
    monkeypatch.setenv("MASH_KAFKA_USER", "hub")
    monkeypatch.setenv("MASH_KAFKA_PASSWORD_FILE", str(password))

    for refused in (mash("tick"), mash("serve"), mash("reask", "--run")):
        assert (refused.code, "streamed.carried" in refused.said) == (10, True)
    assert mash("resend", "mash-core", "--why", "The disk broke.").code == 0
    waiting = mash("reconcile", "--json").json()["figures"]["deliveries_waiting"]
    assert waiting > 0

    monkeypatch.delenv("MASH_KAFKA_SERVERS")
    monkeypatch.delenv("MASH_KAFKA_USER")
    monkeypatch.delenv("MASH_KAFKA_PASSWORD_FILE")
    assert mash("tick").code == 0
    assert mash("reconcile", "--json").json()["figures"]["deliveries_waiting"] == 0


@pytest.mark.usefixtures("after_the_weekend")
def test_given_a_key_that_may_be_known_when_it_is_renewed_then_they_are_told_what_counts(
    mash: Mash,
) -> None:
    renewed = mash("keys", "renew-signing", "agency.wrenshire-police")
    ended = mash("keys", "renew-signing", "recipient.school-ashdown", "--at-once")
    nobody = mash("keys", "renew-signing", "agency.nobody")

    assert (renewed.code, ended.code, nobody.code) == (0, 0, 10)
    assert "The one before counts for 8 days more." in renewed.text
    assert "The one before counts no more." in ended.text
    assert "Its processes sign with it from now on." in ended.text
    assert "agency.ID or recipient.ID" in nobody.said
    assert mash("tick").code == 0
    assert mash("reconcile").text.endswith("Everything agrees.")


@pytest.mark.usefixtures("after_the_weekend")
def test_given_somebody_who_left_when_they_are_ended_then_nothing_is_shown_to_them_until_they_are_back(
    mash: Mash,
) -> None:
    theirs = ("children", "--as", "designated_safeguarding_lead")
    assert mash(*theirs).code == 0

    ended = mash("person", "end", "priya-nair")

    assert ended.code == 0
    assert "Nobody is designated_safeguarding_lead@school-ashdown now" in ended.said
    assert mash(*theirs).code == 17
    assert "no, since" in mash("person", "list").text
    assert mash("person", "renew", "priya-nair").code == 0
    assert mash(*theirs).code == 0
    mistyped = mash("person", "end", "priya")
    assert mistyped.code == 17
    assert "priya-nair" in mistyped.said
