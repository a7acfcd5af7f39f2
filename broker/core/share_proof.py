"""Proofs of share: one file that shows offline who was told what, when, under which law, and that they have it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar

from pydantic import ValidationError

from broker.core.checkpoint import Checkpoint, open_checkpoint, read_checkpoint
from broker.core.commitments import CommitmentError, Leaf, Opening, check_opens, read_leaf
from broker.core.errors import MashError
from broker.core.note import decode, encode, parse_note
from broker.core.outcome import SHARE, RecordKind
from broker.core.public_keys import PublicKeys
from broker.core.tlog_proof import TlogProof, verify_proof
from contracts.canonical import LARGEST_MESSAGE, canonical, read_json_object
from contracts.errors import ContractError, SignatureError
from contracts.receipt import Receipt
from contracts.words import ReceiptKind

FORMAT = "mash proof of share, version 1"
_DECIDED = (RecordKind.DECISION.value, RecordKind.CORRECTION.value)
NOT_PROVED = (
    "Not proved: that the log showed everybody else the same tree (compare checkpoints), nor that what was told is"
    " true."
)
NOT_LEFT = "Not proved: that it left. No log entry of its release is in this proof."
NOT_RECEIVED = "Not proved: that the recipient has it. No receipt is in this proof."


class ShareProofError(MashError):
    """The file does not prove that share."""

    codes: ClassVar[dict[str, str]] = {
        "share_proof.malformed": "The file is not a proof of share, or is not byte for byte as it was written.",
        "share_proof.unknown_signature": "The proof's checkpoint bears a signature that no given key can check.",
        "share_proof.not_one_share": "The log entries of the proof do not tell of one and the same delivery.",
        "share_proof.receipt_forged": "A receipt in the proof is not signed by the recipient's key.",
    }


@dataclass(frozen=True, slots=True)
class ShareEntry:
    """One log entry about the share: its place, its leaf, the hashes up to the root, and what its recipient may see."""

    index: int
    leaf: bytes
    hashes: tuple[bytes, ...]
    shown: Opening


@dataclass(frozen=True, slots=True)
class ShareProof:
    """The decision's entry first, then that of the release and those of receipts, under one checkpoint."""

    checkpoint: str
    entries: tuple[ShareEntry, ...]

    def content(self) -> bytes:
        """Return the file: RFC 8785 JSON and a newline, the one way of writing this proof."""
        entries = [
            {
                "index": each.index,
                "leaf": each.leaf.decode("ascii"),
                "hashes": [encode(found) for found in each.hashes],
                "salt": encode(each.shown.salt),
                "shown": dict(each.shown.content),
            }
            for each in self.entries
        ]
        return canonical({"format": FORMAT, "checkpoint": self.checkpoint, "entries": entries}) + b"\n"


@dataclass(frozen=True, slots=True)
class ProvedReceipt:
    """That the recipient's system has the share, or that a role opened or acknowledged it."""

    kind: ReceiptKind
    at: datetime
    role: str
    is_checked: bool


@dataclass(frozen=True, slots=True)
class ProvedShare:
    """What was proved of one delivery. ``unseen``: what was not, in sentences.

    ``decision``: what its log entry shows: recipient, purpose, basis in law, categories, digest of the exact bytes.
    Times of entries are whole minutes. ``receipts`` are as the recipient signed them.
    """

    log: str
    size: int
    entries: tuple[int, ...]
    decision: Mapping[str, Any]
    decided_in: datetime
    released_in: datetime | None
    receipts: tuple[ProvedReceipt, ...]
    unseen: tuple[str, ...]


def parse_share_proof(content: bytes) -> ShareProof:
    """Read the file, proving nothing yet.

    Raises:
        ShareProofError: it is no proof of share, or not byte for byte as one is written.
    """
    if len(content) > LARGEST_MESSAGE:
        raise _malformed(why="it is larger than any")
    try:
        row = read_json_object(content)
        entries = tuple(_entry(each) for each in row["entries"])
        proof = ShareProof(str(row["checkpoint"]), entries)
        is_same = proof.content() == content
    except (ContractError, CommitmentError, KeyError, TypeError, ValueError, AttributeError):
        raise _malformed(why="it cannot be read") from None
    if not is_same or not entries:
        raise _malformed(why="it was written anew, or something was added")
    return proof


def verify_share_proof(content: bytes, keys: PublicKeys) -> ProvedShare:
    """Check everything in the file, and say what it proves.

    What is proved: (1) the file is byte for byte as it was written; (2) the log signed the checkpoint, and every
    signature on it fits a given key; (3) every entry stands at its place in the tree that the checkpoint sealed;
    (4) what each entry shows is what it committed to when it was written; (5) all tell of one delivery to one
    recipient: its decision to share or notice, its release, its receipts; (6) each receipt is signed by the recipient,
    where a key of the recipient is given. What is not proved stands in ``unseen``.

    Raises:
        ShareProofError: (1), (5) or (6) is not so, or a signature cannot be checked.
        NoteError, CheckpointError: the checkpoint is not signed by the log.
        ProofError: an entry is not in the tree.
        CommitmentError: an entry was opened to something else.
    """
    proof = parse_share_proof(content)  # (1)
    checkpoint = _check_checkpoint(proof.checkpoint, keys)  # (2)
    leaves = [_check_entry(each, proof, keys, checkpoint.origin) for each in proof.entries]  # (3) (4)
    shown = [each.shown.content for each in proof.entries]
    _check_one_share(shown)  # (5)
    receipts = tuple(_receipt(each, keys) for each in shown if each.get("kind") == RecordKind.RECEIPT)  # (6)
    released = [leaf.at for leaf, each in zip(leaves, shown, strict=True) if each.get("kind") == RecordKind.RELEASE]
    unseen = [
        *((NOT_LEFT,) if not released else ()),
        *((NOT_RECEIVED,) if not receipts else ()),
        *(f"Not checked: the {each.kind} receipt; no key of its signer was given." for each in _unchecked(receipts)),
        NOT_PROVED,
    ]
    return ProvedShare(
        log=checkpoint.origin,
        size=checkpoint.size,
        entries=tuple(each.index for each in proof.entries),
        decision=shown[0],
        decided_in=leaves[0].at,
        released_in=released[0] if released else None,
        receipts=receipts,
        unseen=tuple(unseen),
    )


def _entry(row: Mapping[str, Any]) -> ShareEntry:
    hashes = tuple(decode(each) or b"" for each in row["hashes"])
    leaf = str(row["leaf"]).encode("ascii")
    return ShareEntry(int(row["index"]), leaf, hashes, Opening(decode(row["salt"]) or b"", dict(row["shown"])))


def _check_checkpoint(text: str, keys: PublicKeys) -> Checkpoint:
    checkpoint = open_checkpoint(text, keys.logs, origin=read_checkpoint(text).origin)
    known = {(each.name, each.key_id) for each in keys.logs}
    signed = [(each.name, each.key_id) for each in parse_note(text).signatures]
    if not set(signed) <= known or len(set(signed)) < len(signed):
        msg = "the checkpoint bears a signature that none of the given keys can check; nothing is proved"
        raise ShareProofError(msg, code="share_proof.unknown_signature", remedy="give the keys of all who signed it")
    return checkpoint


def _check_entry(entry: ShareEntry, proof: ShareProof, keys: PublicKeys, origin: str) -> Leaf:
    verify_proof(TlogProof(entry.index, entry.hashes, proof.checkpoint), entry.leaf, keys.logs, origin=origin)
    leaf = read_leaf(entry.leaf)
    check_opens(leaf.disclosed, entry.shown)
    return leaf


def _check_one_share(shown: Sequence[Mapping[str, Any]]) -> None:
    kinds = [str(each.get("kind")) for each in shown]
    about = {(each.get("recipient"), each.get("delivery"), each.get("digest")) for each in shown}
    is_decided = kinds[0] in _DECIDED and (kinds[0] != RecordKind.DECISION or shown[0].get("effect") == SHARE)
    rest = kinds[1:]
    is_in_order = rest[: rest.count(RecordKind.RELEASE)] == [RecordKind.RELEASE] * rest.count(RecordKind.RELEASE)
    is_release_once = rest.count(RecordKind.RELEASE) <= 1
    is_known = set(rest) <= {RecordKind.RELEASE.value, RecordKind.RECEIPT.value}
    is_named = all(isinstance(part, str) and part for part in next(iter(about)))
    if not (is_decided and is_in_order and is_release_once and is_known and is_named and len(about) == 1):
        msg = "the log entries in the file do not tell of one and the same delivery; nothing is proved"
        raise ShareProofError(msg, code="share_proof.not_one_share", remedy="ask for the proof again")


def _receipt(shown: Mapping[str, Any], keys: PublicKeys) -> ProvedReceipt:
    try:
        receipt = Receipt(
            delivery_id=shown["delivery"],
            recipient=shown["recipient"],
            kind=shown["receipt"],
            digest=shown["digest"],
            at=datetime.fromtimestamp(shown["signed_at"], UTC),
            role=shown["role"],
            keyid=shown["keyid"],
            signature=shown["signature"],
        )
    except (KeyError, TypeError, ValueError, OverflowError, ValidationError):
        raise _malformed(why="a receipt in it cannot be read") from None
    key = keys.of_recipient(receipt.recipient, receipt.keyid)
    if key is not None:
        try:
            receipt.check(key)
        except SignatureError as error:
            msg = f"a receipt for delivery {receipt.delivery_id} is not signed by {receipt.recipient}"
            remedy = "check that the keys are the recipient's; if they are, the receipt was made by somebody else"
            raise ShareProofError(msg, code="share_proof.receipt_forged", remedy=remedy) from error
    return ProvedReceipt(receipt.kind, receipt.at, receipt.role, is_checked=key is not None)


def _unchecked(receipts: Sequence[ProvedReceipt]) -> list[ProvedReceipt]:
    return [each for each in receipts if not each.is_checked]


def _malformed(*, why: str) -> ShareProofError:
    msg = f"the file is not a proof of share as it was written: {why}; nothing is proved"
    return ShareProofError(msg, code="share_proof.malformed", remedy="take the whole file, unchanged")
