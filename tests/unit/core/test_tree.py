"""Tree arithmetic: proofs verify at every size, and nothing else does."""

from collections.abc import Callable
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.core import tree

LEAVES = [tree.leaf_hash(b"leaf %d" % number) for number in range(600)]


def plainly(hashes: list[bytes]) -> bytes:
    """The definition of RFC 6962, section 2.1, word for word."""
    if not hashes:
        return sha256(b"").digest()
    if len(hashes) == 1:
        return hashes[0]
    middle = 1
    while middle * 2 < len(hashes):
        middle *= 2
    return sha256(b"\x01" + plainly(hashes[:middle]) + plainly(hashes[middle:])).digest()


def hash_of(low: int, high: int) -> bytes:
    return plainly(LEAVES[low:high])


def flipped(content: bytes, bit: int) -> bytes:
    at, shift = divmod(bit % (len(content) * 8), 8)
    return content[:at] + bytes([content[at] ^ (1 << shift)]) + content[at + 1 :]


sizes = st.integers(1, len(LEAVES))
bits = st.integers(0, 255)


@st.composite
def inclusions(draw: st.DrawFn) -> tuple[int, int]:
    size = draw(sizes)
    return draw(st.integers(0, size - 1)), size


@st.composite
def growths(draw: st.DrawFn) -> tuple[int, int]:
    size = draw(sizes)
    return draw(st.integers(1, size)), size


@st.composite
def subtrees(draw: st.DrawFn) -> tuple[int, int, int]:
    size = draw(sizes)
    width = 1 << draw(st.integers(0, (size - 1).bit_length()))
    start = draw(st.integers(0, (size - 1) // width)) * width
    return start, draw(st.integers(start + 1, min(start + width, size))), size


def test_the_published_test_vectors_of_certificate_transparency_have_their_roots() -> None:
    inputs = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
    hashes = [tree.leaf_hash(bytes.fromhex(each)) for each in inputs]
    assert tree.root_of([]).hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert tree.root_of(hashes[:1]).hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    assert tree.root_of(hashes).hex() == "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"


@given(size=st.integers(0, len(LEAVES)))
def test_the_root_is_what_the_rfc_defines(size: int) -> None:
    expected = plainly(LEAVES[:size])
    assert tree.root_of(LEAVES[:size]) == expected
    assert tree.fold([hash_of(low, high) for low, high in tree.perfect_ranges(0, size)]) == expected


@given(case=inclusions())
def test_every_leaf_is_proved_in_a_tree_of_any_size(case: tuple[int, int]) -> None:
    index, size = case
    proof = tree.inclusion_proof(index, size, hash_of)
    tree.verify_inclusion(index=index, size=size, leaf=LEAVES[index], proof=proof, root=hash_of(0, size))


@given(case=inclusions(), bit=bits, which=st.integers(0, 20))
def test_one_changed_bit_in_leaf_proof_or_root_is_refused(case: tuple[int, int], bit: int, which: int) -> None:
    index, size = case
    parts = [LEAVES[index], hash_of(0, size), *tree.inclusion_proof(index, size, hash_of)]
    parts[which % len(parts)] = flipped(parts[which % len(parts)], bit)
    leaf, root, *proof = parts
    with pytest.raises(tree.ProofError):
        tree.verify_inclusion(index=index, size=size, leaf=leaf, proof=proof, root=root)


@given(case=inclusions(), other=sizes)
def test_a_proof_shows_no_other_place(case: tuple[int, int], other: int) -> None:
    index, size = case
    proof = tree.inclusion_proof(index, size, hash_of)
    if other != index:
        with pytest.raises(tree.ProofError):
            tree.verify_inclusion(index=other, size=size, leaf=LEAVES[index], proof=proof, root=hash_of(0, size))


@given(case=growths())
def test_every_earlier_tree_is_proved_to_be_a_prefix(case: tuple[int, int]) -> None:
    old, size = case
    proof = tree.consistency_proof(old, size, hash_of)
    tree.verify_consistency(old=old, old_root=hash_of(0, old), size=size, root=hash_of(0, size), proof=proof)


@given(case=growths(), bit=bits, which=st.integers(0, 20))
def test_one_changed_bit_in_either_root_or_the_proof_is_refused(case: tuple[int, int], bit: int, which: int) -> None:
    old, size = case
    parts = [hash_of(0, old), hash_of(0, size), *tree.consistency_proof(old, size, hash_of)]
    parts[which % len(parts)] = flipped(parts[which % len(parts)], bit)
    old_root, root, *proof = parts
    with pytest.raises(tree.ProofError):
        tree.verify_consistency(old=old, old_root=old_root, size=size, root=root, proof=proof)


@given(case=subtrees())
def test_every_subtree_is_proved_to_be_part_of_the_tree(case: tuple[int, int, int]) -> None:
    start, end, size = case
    proof = tuple(hash_of(low, high) for low, high in tree.proof_ranges(start, end, size))
    tree.verify_subtree_consistency(
        subtree=(start, end), subtree_root=hash_of(start, end), size=size, root=hash_of(0, size), proof=proof
    )
    for index in {start, end - 1}:
        within = tuple(
            hash_of(start + low, start + high)
            for low, high in tree.proof_ranges(index - start, index - start + 1, end - start)
        )
        tree.verify_subtree_inclusion(
            index=index, subtree=(start, end), leaf=LEAVES[index], proof=within, root=hash_of(start, end)
        )


@pytest.mark.parametrize(
    "ask",
    [
        lambda: tree.inclusion_proof(3, 3, hash_of),
        lambda: tree.inclusion_proof(-1, 3, hash_of),
        lambda: tree.consistency_proof(0, 3, hash_of),
        lambda: tree.consistency_proof(4, 3, hash_of),
        lambda: tree.proof_ranges(1, 3, 4),
        lambda: tree.proof_ranges(0, 1, 10**30),
    ],
)
def test_a_proof_that_cannot_exist_is_refused(ask: Callable[[], object]) -> None:
    with pytest.raises(tree.ProofError) as refused:
        ask()
    assert refused.value.code == "proof.impossible"
