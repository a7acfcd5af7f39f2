"""Whoever follows the published log agrees with a true one at every checkpoint, and notices any other."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.core import tree
from broker.core.checkpoint import Checkpoint, CheckpointError, sign_checkpoint
from broker.core.following import Follower, FollowError
from broker.core.note import NoteError
from tests.support.ledger import a_signer

SIGNER = a_signer()


def following() -> Follower:
    return Follower([SIGNER], origin=SIGNER.name)


def a_leaf(number: int) -> bytes:
    return b"leaf %d" % number


def a_checkpoint(leaves: Sequence[bytes]) -> bytes:
    checkpoint = Checkpoint(SIGNER.name, len(leaves), tree.root_of(tree.leaf_hashes(leaves)))
    return str(sign_checkpoint(checkpoint, [SIGNER])).encode()


@given(groups=st.lists(st.integers(1, 20), min_size=1, max_size=12), repeats=st.integers(0, 2))
def test_a_true_log_agrees_at_every_checkpoint_whatever_is_repeated(groups: list[int], repeats: int) -> None:
    follower, leaves, notes = following(), list[bytes](), list[bytes]()
    for group in groups:
        for _ in range(group):
            follower.leaf(len(leaves), a_leaf(len(leaves)))
            leaves.append(a_leaf(len(leaves)))
        notes.append(a_checkpoint(leaves))
        assert follower.checkpoint(notes[-1]).size == len(leaves)
        for _ in range(repeats):
            follower.leaf(0, a_leaf(0))
            follower.checkpoint(notes[0])
    assert follower.agreed is not None
    assert follower.agreed.size == follower.size == len(leaves)


def said_of(published: Sequence[tuple[int, bytes]], sealed: Sequence[bytes]) -> str:
    """What a follower says of these leaves and then of a checkpoint over those; nothing where all agrees."""
    follower = following()
    try:
        for number, leaf in published:
            follower.leaf(number, leaf)
        follower.checkpoint(a_checkpoint(sealed))
    except FollowError as error:
        return error.code
    return ""


@given(size=st.integers(2, 40), place=st.data())
def test_a_leaf_that_is_missing_changed_or_out_of_order_is_noticed(size: int, place: st.DataObject) -> None:
    leaves = [a_leaf(number) for number in range(size)]
    published = list(enumerate(leaves))
    assert said_of(published, leaves) == ""
    bad = place.draw(st.integers(0, size - 1))
    missing = "ledger.ahead" if bad == size - 1 else "ledger.leaf_missing"
    assert said_of([each for each in published if each[0] != bad], leaves) == missing
    changed = [(number, b"another" if number == bad else leaf) for number, leaf in published]
    assert said_of(changed, leaves) == "ledger.root_differs"
    order, other = list(range(size)), (bad + 1) % size
    order[bad], order[other] = order[other], order[bad]
    assert said_of([(number, leaves[number]) for number in order], leaves) == "ledger.leaf_missing"
    assert said_of([(number, leaves[at]) for number, at in enumerate(order)], leaves) == "ledger.root_differs"


def test_a_leaf_published_again_with_other_content_is_noticed() -> None:
    follower = following()
    follower.leaf(0, a_leaf(0))
    with pytest.raises(FollowError, match=r"ledger\.leaf_changed"):
        follower.leaf(0, a_leaf(1))


def test_a_checkpoint_of_another_log_or_key_is_refused() -> None:
    follower = following()
    follower.leaf(0, a_leaf(0))
    other = a_signer("another.example/ledger")
    note = sign_checkpoint(Checkpoint(other.name, 1, tree.leaf_hash(a_leaf(0))), [other])
    with pytest.raises((CheckpointError, NoteError)):
        follower.checkpoint(str(note).encode())
    assert follower.agreed is None
