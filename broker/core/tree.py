"""The arithmetic of a Merkle tree (RFC 6962): hashes, ranges, proofs and their verification.

A node is named by the half-open range of leaves below it. Every proof is a list of such ranges, leaf to root, so one
function decides what any proof consists of, and the prover and the verifier cannot disagree about it.
Ranges that start anywhere but at nought are the subtrees of draft-ietf-plants-merkle-tree-certs, section 4.
"""

import hmac
from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256
from typing import ClassVar

from broker.core.errors import MashError

HASH_SIZE = 32
EMPTY_ROOT = sha256(b"").digest()
LARGEST_SIZE = 2**63 - 1
"""As many leaves as a signed 64-bit column can number."""

Range = tuple[int, int]
"""The leaves ``start`` up to, not including, ``end``."""

HashOf = Callable[[int, int], bytes]
"""Gives the Merkle Tree Hash of the range (start, end)."""


class ProofError(MashError):
    """A proof does not show what it claims, or none can exist."""

    codes: ClassVar[dict[str, str]] = {
        "proof.invalid": "The proof does not lead to the root.",
        "proof.impossible": "No tree of this size has such a leaf, prefix or subtree.",
        "proof.malformed": "The proof has the wrong number of hashes, or one of the wrong length.",
    }


def leaf_hash(leaf: bytes) -> bytes:
    """Return the hash of a leaf's bytes (RFC 6962, section 2.1)."""
    return sha256(b"\x00" + leaf).digest()


def leaf_hashes(leaves: Iterable[bytes]) -> list[bytes]:
    """Return the hashes of many leaves, in order."""
    return [sha256(b"\x00" + leaf).digest() for leaf in leaves]


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of a node over its two children (RFC 6962, section 2.1)."""
    return sha256(b"\x01" + left + right).digest()


def split(size: int) -> int:
    """Return the largest power of two smaller than ``size``, which is at least 2: where its tree divides."""
    return 1 << ((size - 1).bit_length() - 1)


def perfect_ranges(start: int, end: int) -> list[Range]:
    """Return the perfect subtrees that make up an aligned range, largest first."""
    found = []
    while start < end:
        width = 1 << ((end - start).bit_length() - 1)
        found.append((start, start + width))
        start += width
    return found


def fold(hashes: Sequence[bytes]) -> bytes:
    """Return the hash over the perfect subtrees of an aligned range, given largest first; of none, the empty root."""
    if not hashes:
        return EMPTY_ROOT
    result = hashes[-1]
    for left in reversed(hashes[:-1]):
        result = node_hash(left, result)
    return result


def root_of(leaf_hashes: Sequence[bytes]) -> bytes:
    """Return the Merkle Tree Hash over leaf hashes (RFC 6962, section 2.1), level by level.

    A node without a sibling rises as it is, which is the same tree.
    """
    if not leaf_hashes:
        return EMPTY_ROOT
    level = list(leaf_hashes)
    while len(level) > 1:
        level = parents(level) + level[len(level) & ~1 :]
    return level[0]


def parents(level: Sequence[bytes]) -> list[bytes]:
    """Return the hashes one level up, a last hash without a sibling left out."""
    return [sha256(b"\x01" + left + right).digest() for left, right in zip(level[0::2], level[1::2], strict=False)]


def check_subtree(start: int, end: int, size: int) -> None:
    """Check that a tree of ``size`` leaves has the subtree (start, end).

    Raises:
        ProofError: it is empty, reaches past the tree, or does not start where a subtree of its width can.
    """
    if not 0 <= start < end <= size <= 2 * LARGEST_SIZE + 1 or start % (1 << (end - start - 1).bit_length()):
        msg = f"a tree of {size} leaves has no subtree from {start} to {end}"
        raise ProofError(msg, code="proof.impossible", remedy="check the index and the sizes")


def proof_ranges(start: int, end: int, size: int) -> list[Range]:
    """Return the ranges whose hashes prove that (start, end) is part of a tree of ``size`` leaves, from leaf to root.

    For one leaf it is its inclusion proof (RFC 6962, section 2.1.1), for (0, m) the consistency proof of size m
    (section 2.1.2); the first range then lies inside (start, end) when that is not itself a node of the tree.

    Raises:
        ProofError: the tree has no such subtree.
    """
    check_subtree(start, end, size)
    found: list[Range] = []
    low, high, is_node = 0, size, True
    while (low, high) != (start, end):
        middle = low + split(high - low)
        if end <= middle:
            found.append((middle, high))
            high = middle
        elif start >= middle:
            found.append((low, middle))
            low = middle
        else:
            found.append((low, middle))
            low = start = middle
            is_node = False
    if not is_node:
        found.append((low, high))
    found.reverse()
    return found


def inclusion_proof(index: int, size: int, hash_of: HashOf) -> tuple[bytes, ...]:
    """Return the proof that leaf ``index`` is in the tree of ``size`` leaves (RFC 6962, section 2.1.1).

    Raises:
        ProofError: the tree has no such leaf.
    """
    return tuple(hash_of(low, high) for low, high in proof_ranges(index, index + 1, size))


def consistency_proof(old: int, size: int, hash_of: HashOf) -> tuple[bytes, ...]:
    """Return the proof that the first ``old`` leaves of this tree are the tree of that size (section 2.1.2).

    Raises:
        ProofError: ``old`` is nought or more than ``size``.
    """
    return tuple(hash_of(low, high) for low, high in proof_ranges(0, old, size))


def root_from_inclusion(index: int, size: int, leaf: bytes, proof: Sequence[bytes]) -> bytes:
    """Return the root that a leaf's hash and its inclusion proof lead to.

    Raises:
        ProofError: no such leaf, or a proof of the wrong shape.
    """
    ranges = proof_ranges(index, index + 1, size)
    _check_shape(proof, len(ranges))
    _check_shape((leaf,), 1)
    result = leaf
    for (low, _), sibling in zip(ranges, proof, strict=True):
        result = node_hash(sibling, result) if low < index else node_hash(result, sibling)
    return result


def verify_inclusion(*, index: int, size: int, leaf: bytes, proof: Sequence[bytes], root: bytes) -> None:
    """Check that the leaf with hash ``leaf`` stands at ``index`` in the tree of ``size`` leaves with this root.

    Raises:
        ProofError: it does not, or the proof does not show it.
    """
    _check_same(root_from_inclusion(index, size, leaf, proof), root)


def verify_subtree_inclusion(*, index: int, subtree: Range, leaf: bytes, proof: Sequence[bytes], root: bytes) -> None:
    """Check that the leaf at ``index`` of the whole tree stands in the subtree with this root.

    Raises:
        ProofError: it does not, or there is no such subtree.
    """
    start, end = subtree
    check_subtree(start, end, end)
    verify_inclusion(index=index - start, size=end - start, leaf=leaf, proof=proof, root=root)


def verify_consistency(*, old: int, old_root: bytes, size: int, root: bytes, proof: Sequence[bytes]) -> None:
    """Check that the tree of ``size`` leaves begins with the tree of ``old`` leaves (RFC 6962, section 2.1.2).

    A size of nought is refused: every tree begins with the empty one, so nothing would be shown.

    Raises:
        ProofError: it does not, or the proof does not show it.
    """
    check_subtree(0, old, size)
    verify_subtree_consistency(subtree=(0, old), subtree_root=old_root, size=size, root=root, proof=proof)


def verify_subtree_consistency(
    *, subtree: Range, subtree_root: bytes, size: int, root: bytes, proof: Sequence[bytes]
) -> None:
    """Check that a tree holds a subtree; an empty one is held by every tree that reaches it, whatever its root.

    Raises:
        ProofError: it does not, or the proof does not show it.
    """
    start, end = subtree
    if 0 <= start == end <= size:
        _check_shape(proof, 0)
        _check_same(EMPTY_ROOT, subtree_root)
        return
    ranges = proof_ranges(start, end, size)
    _check_shape(proof, len(ranges))
    inner = outer = subtree_root
    steps = list(zip(ranges, proof, strict=True))
    at = start
    if steps and start <= steps[0][0][0] and steps[0][0][1] <= end:
        (at, _), inner = steps.pop(0)
        outer = inner
    for (low, _), sibling in steps:
        if low < at:
            outer = node_hash(sibling, outer)
            inner = node_hash(sibling, inner) if start <= low else inner
            at = low
        else:
            outer = node_hash(outer, sibling)
    _check_same(inner, subtree_root)
    _check_same(outer, root)


def _check_shape(proof: Iterable[bytes], count: int) -> None:
    lengths = [len(each) for each in proof]
    if len(lengths) != count or any(length != HASH_SIZE for length in lengths):
        msg = f"the proof should be {count} hashes of {HASH_SIZE} bytes and is not"
        raise ProofError(msg, code="proof.malformed", remedy="ask for the proof again")


def _check_same(computed: bytes, claimed: bytes) -> None:
    if not hmac.compare_digest(computed, claimed):
        msg = "the proof leads to another root than the one claimed"
        raise ProofError(msg, code="proof.invalid", remedy="trust neither; compare with a checkpoint kept elsewhere")
