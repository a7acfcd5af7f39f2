"""Whom messages are sealed to: everybody has keys from the beginning, and gets new ones when they are renewed."""

from datetime import timedelta
from pathlib import Path

import pytest

from broker.cli.main import main
from broker.runtimes.home import READING_KEYS, Home
from broker.runtimes.readers import OwnKeys, Readers, ReadersError, renew, renewed_in
from contracts.messages import EXCHANGE
from contracts.sealed import SealedError
from tests.support import homes


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(homes.a_home(tmp_path).home)


def test_everybody_of_a_new_home_can_open_what_is_sealed_to_them_and_nobody_else(home: Home) -> None:
    readers = Readers(home.readers)
    places = {EXCHANGE: home.reading_keys, "recipient.school-ashdown": home.recipient("school-ashdown") / READING_KEYS}
    for agency in home.agencies():
        places[f"agency.{agency}"] = home.agency(agency) / READING_KEYS
    for owner, place in places.items():
        sealed = readers.current(owner).seal(owner.encode())
        assert OwnKeys(place)().open(sealed) == owner.encode()
        assert place.stat().st_mode & 0o077 == 0
        for other in set(places.values()) - {place}:
            with pytest.raises(SealedError):
                OwnKeys(other)().open(sealed)


def test_whoever_has_the_register_open_seals_to_the_new_key_and_the_old_still_opens(home: Home) -> None:
    readers, own = Readers(home.readers), OwnKeys(home.reading_keys)
    before = readers.current(EXCHANGE)
    sealed = before.seal(b"on its way")
    assert own().open(sealed) == b"on its way"
    renew(home.reading_keys, EXCHANGE, Readers(home.readers), now=homes.MONDAY)
    assert readers.current(EXCHANGE).keyid != before.keyid
    assert own().open(sealed) == b"on its way"
    renew(home.reading_keys, EXCHANGE, Readers(home.readers), now=homes.MONDAY + timedelta(days=8))
    with pytest.raises(SealedError, match=r"sealed\.unknown_key"):
        own().open(sealed)


def test_the_command_renews_one_reader_or_all(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    before = {who: Readers(home.readers).current(who).keyid for who in (EXCHANGE, "agency.wrenshire-police")}
    with pytest.raises(SystemExit) as ended:
        main(["keys", "renew", "exchange", "--home", str(home.root)])
    assert ended.value.code == 0
    assert "exchange: exchange:" in capsys.readouterr().out
    readers = Readers(home.readers)
    assert readers.current(EXCHANGE).keyid != before[EXCHANGE]
    assert readers.current("agency.wrenshire-police").keyid == before["agency.wrenshire-police"]
    assert len(renewed_in(home, "", now=homes.MONDAY)) == 1 + len(home.agencies()) + len(home.recipients())


def test_an_unknown_reader_is_named_with_whom_one_may_name(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["keys", "renew", "agency.nobody", "--home", str(home.root)])
    assert ended.value.code == 10
    assert "home.unknown_reader" in capsys.readouterr().err


def test_a_damaged_register_and_a_missing_file_are_named_with_a_remedy(home: Home) -> None:
    home.readers.write_text("[{}]", encoding="utf-8")
    with pytest.raises(ReadersError, match=r"readers\.damaged"):
        Readers(home.readers).current(EXCHANGE)
    home.readers.unlink()
    with pytest.raises(SealedError, match=r"sealed\.no_reader"):
        Readers(home.readers).current(EXCHANGE)
    home.reading_keys.unlink()
    with pytest.raises(SealedError, match=r"sealed\.keys_unreadable"):
        OwnKeys(home.reading_keys)()
