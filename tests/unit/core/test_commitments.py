"""Leaves show a minute and two commitments, and nothing else opens them."""

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.core.commitments import CommitmentError, Opening, check_opens, make_leaf, order_key, read_leaf
from contracts.canonical import canonical

salts = st.binary(min_size=32, max_size=32)
contents = st.dictionaries(
    st.text(max_size=8), st.integers(-999, 999) | st.text(max_size=20) | st.booleans(), max_size=5
)
MORNING = datetime(2026, 3, 6, 9, 14, 33, tzinfo=UTC)


def test_a_leaf_is_canonical_and_shows_the_minute_only() -> None:
    leaf = make_leaf(Opening(bytes(32), {"a": 1}), Opening(b"\x01" * 32, {"b": 2}), at=MORNING)
    shown = json.loads(leaf)
    assert list(shown) == ["at", "disclosed", "internal", "v"]
    assert (shown["v"], shown["at"]) == (1, "2026-03-06T09:14Z")
    assert leaf == canonical(shown)
    west = MORNING.astimezone(timezone(timedelta(hours=-5)))
    assert leaf == make_leaf(Opening(bytes(32), {"a": 1}), Opening(b"\x01" * 32, {"b": 2}), at=west)


@given(salt=salts, content=contents)
def test_a_commitment_opens_with_its_own_salt_and_content(salt: bytes, content: dict[str, object]) -> None:
    opening = Opening(salt, content)
    leaf = read_leaf(make_leaf(opening, Opening(salt[::-1], content), at=MORNING))
    check_opens(leaf.disclosed, opening)
    check_opens(leaf.disclosed, Opening(salt, dict(reversed(content.items()))))


@given(salt=salts, other=salts, content=contents, more=contents)
def test_another_salt_or_content_does_not_open_it(
    salt: bytes, other: bytes, content: dict[str, object], more: dict[str, object]
) -> None:
    commitment = Opening(salt, content).commitment()
    for wrong in (Opening(other, content), Opening(salt, {**content, **more, "x" * 9: True})):
        if wrong != Opening(salt, content):
            with pytest.raises(CommitmentError) as refused:
                check_opens(commitment, wrong)
            assert refused.value.code == "leaf.not_opened"


def test_equal_content_commits_differently_under_another_salt() -> None:
    assert Opening(bytes(32), {}).commitment() != Opening(b"\x01" * 32, {}).commitment()


@pytest.mark.parametrize("size", [0, 31, 33])
def test_a_salt_that_hides_too_little_is_refused(size: int) -> None:
    with pytest.raises(CommitmentError) as refused:
        Opening(bytes(size), {})
    assert refused.value.code == "leaf.salt_malformed"


def test_salt_and_content_are_in_no_printed_text() -> None:
    assert repr(Opening(b"s" * 32, {"name": "canary"})) == "Opening()"


@pytest.mark.parametrize(
    "change",
    [
        lambda _: b"",
        lambda leaf: leaf + b" ",
        lambda leaf: leaf.replace(b'"v":1', b'"v":2'),
        lambda leaf: leaf.replace(b'"v":1', b'"v":1,"w":1'),
        lambda leaf: leaf.replace(b"09:14", b"9:14"),
        lambda leaf: leaf.replace(b"2026", b"x026"),
        lambda leaf: leaf.replace(b"disclosed", b"disclosee"),
        lambda leaf: leaf.replace(b'"internal":"', b'"internal":"AAAA'),
        lambda _: b"[" * 100_000,
        lambda _: b"[1]",
        lambda leaf: leaf.replace(b'"at":"2026-03-06T09:14Z"', b'"at":1'),
        lambda leaf: b"\xff" + leaf,
    ],
)
def test_what_is_not_exactly_a_leaf_is_refused(change: object) -> None:
    leaf = make_leaf(Opening(bytes(32), {}), Opening(bytes(32), {}), at=MORNING)
    assert callable(change)
    with pytest.raises(CommitmentError) as refused:
        read_leaf(change(leaf))
    assert refused.value.code == "leaf.malformed"


def test_the_order_within_a_group_needs_the_logs_secret() -> None:
    records = [f"{number:032x}" for number in range(50)]
    one = sorted(records, key=lambda each: order_key(b"one", each))
    assert one != records
    assert one != sorted(records, key=lambda each: order_key(b"another", each))
