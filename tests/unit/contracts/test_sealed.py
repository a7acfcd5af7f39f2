"""What is sealed to a reader is opened by that reader's keys alone, and only as it was sealed."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.canonical import LARGEST_MESSAGE
from contracts.sealed import LARGEST_SEALED, OPENS_FOR, ReadingKeys, SealedError

NOW = datetime(2026, 3, 6, 9, tzinfo=UTC)
OURS = ReadingKeys.fresh("recipient.school-ashdown", now=NOW)
OTHERS = ReadingKeys.fresh("recipient.police-mash", now=NOW)
SEALED = OURS.current.seal(b"I do not want to go home")


@given(st.binary(max_size=2000))
def test_what_goes_in_comes_out_and_stands_nowhere_in_between(content: bytes) -> None:
    sealed = OURS.current.seal(content)
    assert OURS.open(sealed) == content
    assert len(content) < 8 or content not in sealed


@pytest.mark.parametrize("size", [0, 49_131, 49_152, 65_537, LARGEST_MESSAGE, LARGEST_MESSAGE * 14 // 10])
def test_content_of_any_size_that_is_sent_comes_out_whole(size: int) -> None:
    sealed = OURS.current.seal(content := bytes(size))
    assert OURS.open(sealed) == content
    assert len(sealed) <= LARGEST_SEALED


def test_the_same_content_is_sealed_otherwise_each_time() -> None:
    assert OURS.current.seal(b"again") != OURS.current.seal(b"again")


def test_another_readers_keys_open_nothing() -> None:
    with pytest.raises(SealedError, match=r"sealed\.unknown_key"):
        OTHERS.open(SEALED)


@given(st.integers(0, len(SEALED) - 1), st.integers(1, 255))
def test_one_changed_byte_anywhere_is_found(place: int, change: int) -> None:
    changed = bytearray(SEALED)
    changed[place] ^= change
    try:
        assert OURS.open(bytes(changed)) == b"I do not want to go home"  # a base64 text's unused last bits
    except SealedError:
        return
    assert place in {at - 1 for at, byte in enumerate(SEALED + b".") if byte == ord(".")}


@given(st.binary(max_size=300) | st.text(max_size=100).map(str.encode))
def test_rubbish_is_named_as_such(content: bytes) -> None:
    with pytest.raises(SealedError, match=r"sealed\.broken"):
        OURS.open(content)


@pytest.mark.parametrize("parts", range(1, 9))
def test_another_number_of_parts_is_rubbish(parts: int) -> None:
    content = b".".join((SEALED.split(b".") * 2)[:parts])
    if parts != 5:
        with pytest.raises(SealedError):
            OURS.open(content)


def test_a_key_that_was_replaced_opens_for_eight_days_more_and_is_destroyed_then() -> None:
    renewed = OURS.renewed(now=NOW + timedelta(days=1))
    assert renewed.current.keyid != OURS.current.keyid
    assert renewed.open(SEALED) == b"I do not want to go home"
    just_before = renewed.renewed(now=NOW + timedelta(days=1) + OPENS_FOR - timedelta(seconds=1))
    assert just_before.open(SEALED) == b"I do not want to go home"
    after = renewed.renewed(now=NOW + timedelta(days=1) + OPENS_FOR)
    with pytest.raises(SealedError, match=r"sealed\.unknown_key"):
        after.open(SEALED)


def test_keys_are_read_back_as_they_were_written() -> None:
    renewed = OURS.renewed(now=NOW + timedelta(days=1))
    read = ReadingKeys.read(renewed.written())
    assert [(each.keyid, each.valid_from) for each in read.keys] == [
        (each.keyid, each.valid_from) for each in renewed.keys
    ]
    assert read.open(SEALED) == b"I do not want to go home"
    assert "private" not in repr(read)


@pytest.mark.parametrize(
    "content", [b"", b"{}", b"[]", b'{"owner": "x", "keys": []}', b'{"owner": "x", "keys": [{"keyid": 1}]}', b"\xff"]
)
def test_a_damaged_file_of_keys_is_named_with_a_remedy(content: bytes) -> None:
    with pytest.raises(SealedError, match=r"sealed\.keys_unreadable"):
        ReadingKeys.read(content)
