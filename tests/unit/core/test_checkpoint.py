"""Checkpoints: the specification's example, strict reading, and forks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.core import tree
from broker.core.checkpoint import (
    Checkpoint,
    CheckpointError,
    ForkError,
    check_prefix,
    open_checkpoint,
    read_checkpoint,
    sign_checkpoint,
)
from broker.core.note import NoteError, encode, sign_note
from tests.support.ledger import ORIGIN, a_signer
from tests.unit.core.test_tree import LEAVES, hash_of

# The example of C2SP tlog-checkpoint.
EXAMPLE = (
    "example.com/behind-the-sofa\n"
    "20852163\n"
    "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    "\n"
    "\u2014 example.com/behind-the-sofa "
    "Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
)
ROOT = encode(bytes(range(32)))


def test_the_specifications_example_is_read() -> None:
    checkpoint = read_checkpoint(EXAMPLE)
    assert checkpoint.origin == "example.com/behind-the-sofa"
    assert checkpoint.size == 20852163
    assert EXAMPLE.startswith(checkpoint.text())


@given(size=st.integers(1, tree.LARGEST_SIZE), root=st.binary(min_size=32, max_size=32))
def test_a_signed_checkpoint_is_read_back(size: int, root: bytes) -> None:
    checkpoint = Checkpoint(ORIGIN, size, root)
    note = str(sign_checkpoint(checkpoint, [a_signer()]))
    assert open_checkpoint(note, [a_signer().verifier], origin=ORIGIN) == checkpoint


@pytest.mark.parametrize(
    "text",
    [
        f"origin\n1\n{ROOT[:-4]}\n",
        f"origin\n01\n{ROOT}\n",
        f"origin\n-1\n{ROOT}\n",
        f"origin\n+1\n{ROOT}\n",
        f"origin\n\u0661\n{ROOT}\n",
        f"origin\n1_0\n{ROOT}\n",
        f"origin\n{2**63}\n{ROOT}\n",
        f"origin\n{'9' * 5000}\n{ROOT}\n",
        f"origin\n0\n{ROOT}\n",
        f"\n1\n{ROOT}\n",
        "origin\n1\n",
        f"origin\n1\n{ROOT}\n\nextension\n",
    ],
)
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(CheckpointError) as refused:
        read_checkpoint(str(sign_note(text, [a_signer("origin")])))
    assert refused.value.code == "checkpoint.malformed"


def test_the_empty_tree_has_a_checkpoint() -> None:
    empty = Checkpoint("origin", 0, tree.EMPTY_ROOT)
    assert read_checkpoint(str(sign_checkpoint(empty, [a_signer()]))) == empty


def test_a_checkpoint_that_only_somebody_else_signed_is_not_the_logs() -> None:
    witness = a_signer("witness.example", "witness")
    note = str(sign_checkpoint(Checkpoint(ORIGIN, 1, bytes(32)), [witness]))
    with pytest.raises(CheckpointError) as refused:
        open_checkpoint(note, [a_signer().verifier, witness.verifier], origin=ORIGIN)
    assert refused.value.code == "checkpoint.other_log"
    with pytest.raises(NoteError):
        open_checkpoint(note, [a_signer().verifier], origin=ORIGIN)


def test_another_logs_checkpoint_is_refused() -> None:
    other = a_signer("other.example", "other")
    note = str(sign_checkpoint(Checkpoint("other.example", 1, bytes(32)), [other]))
    with pytest.raises(CheckpointError):
        open_checkpoint(note, [a_signer().verifier, other.verifier], origin=ORIGIN)


@given(size=st.integers(0, len(LEAVES)), grown=st.integers(0, 50))
def test_every_earlier_checkpoint_is_a_prefix(size: int, grown: int) -> None:
    total = min(size + grown, len(LEAVES))
    check_prefix(Checkpoint(ORIGIN, size, hash_of(0, size)), size=total, hash_of=hash_of)


def test_a_fork_and_a_shorter_ledger_are_refused() -> None:
    with pytest.raises(ForkError) as forked:
        check_prefix(Checkpoint(ORIGIN, 5, hash_of(0, 6)), size=9, hash_of=hash_of)
    with pytest.raises(ForkError) as shorter:
        check_prefix(Checkpoint(ORIGIN, 5, hash_of(0, 5)), size=4, hash_of=hash_of)
    assert (forked.value.code, shorter.value.code) == ("ledger.fork", "ledger.shorter")
