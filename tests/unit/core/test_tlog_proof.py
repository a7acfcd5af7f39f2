"""Offline proofs: read back, verified, and refused when anything in them was changed."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broker.core import tiles, tree
from broker.core.checkpoint import Checkpoint, sign_checkpoint
from broker.core.errors import MashError
from broker.core.note import encode
from broker.core.tlog_proof import TlogProof, TlogProofError, parse_proof, verify_proof
from tests.support.ledger import ORIGIN, a_signer

LEAVES = [b"leaf %d" % number for number in range(300)]
HASHES = tree.leaf_hashes(LEAVES)
TILES = tiles.extend(0, HASHES, tiles.among({}))
KEYS = [a_signer().verifier]


def a_proof(index: int, size: int, extra: bytes | None = None) -> TlogProof:
    note = sign_checkpoint(Checkpoint(ORIGIN, size, tree.root_of(HASHES[:size])), [a_signer()])
    hashes = tree.inclusion_proof(index, size, tiles.hash_reader(tiles.among(TILES)))
    return TlogProof(index, hashes, str(note), extra)


@st.composite
def proofs(draw: st.DrawFn) -> TlogProof:
    size = draw(st.integers(1, len(LEAVES)))
    return a_proof(draw(st.integers(0, size - 1)), size, draw(st.none() | st.binary(max_size=40)))


@given(proof=proofs())
def test_a_proof_is_read_back_and_verified(proof: TlogProof) -> None:
    assert parse_proof(proof.text()) == proof
    checkpoint = verify_proof(proof, LEAVES[proof.index], KEYS, origin=ORIGIN)
    assert proof.checkpoint.startswith(checkpoint.text())


@settings(max_examples=200)
@given(proof=proofs(), at=st.integers(0, 2000), by=st.integers(1, 120))
def test_a_changed_character_outside_the_extra_line_is_found(proof: TlogProof, at: int, by: int) -> None:
    text = proof.text()
    head = 0 if proof.extra is None else text.index("index ")
    at = head + at % (len(text) - head)
    changed = text[:at] + chr((ord(text[at]) + by) % 128) + text[at + 1 :]
    with pytest.raises(MashError):
        verify_proof(parse_proof(changed), LEAVES[proof.index], KEYS, origin=ORIGIN)


@given(proof=proofs(), other=st.integers(0, len(LEAVES) - 1))
def test_a_proof_shows_no_other_leaf(proof: TlogProof, other: int) -> None:
    if other != proof.index:
        with pytest.raises(MashError):
            verify_proof(proof, LEAVES[other], KEYS, origin=ORIGIN)


def test_the_text_is_the_specifications() -> None:
    lines = a_proof(5, 9, b"extra").text().split("\n")
    assert lines[:3] == ["c2sp.org/tlog-proof@v1", f"extra {encode(b'extra')}", "index 5"]
    assert lines[7:10] == ["", ORIGIN, "9"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "c2sp.org/tlog-proof@v1\nindex 0",
        "c2sp.org/tlog-proof@v2\nindex 0\n\nx",
        "c2sp.org/tlog-proof@v1\n\nx",
        "c2sp.org/tlog-proof@v1\nindex 00\n\nx",
        "c2sp.org/tlog-proof@v1\nindex -1\n\nx",
        "c2sp.org/tlog-proof@v1\n0\n\nx",
        "c2sp.org/tlog-proof@v1\nextra !\nindex 0\n\nx",
        "c2sp.org/tlog-proof@v1\nindex 0\nAAAA\n\nx",
        f"c2sp.org/tlog-proof@v1\nindex 0\n{f'{encode(bytes(32))}{chr(10)}' * 64}\nx",
        "x" * 2_000_001,
    ],
)
def test_what_is_no_proof_is_refused(text: str) -> None:
    with pytest.raises(TlogProofError) as refused:
        parse_proof(text)
    assert refused.value.code == "tlog_proof.malformed"
