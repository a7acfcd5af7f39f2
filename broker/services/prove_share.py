"""Prove one share: what its recipient may see of its log entries, in a file that anyone can check offline."""

from typing import ClassVar

from broker.core.commitments import Opening
from broker.core.errors import MashError
from broker.core.outcome import Record
from broker.core.records import about_record, read_openings
from broker.core.sealing import SealBrokenError, unseal
from broker.core.share_proof import ShareEntry, ShareProof
from broker.core.store_errors import KeyDestroyedError
from broker.ports.journal import DeliveryStatus, Journal
from broker.ports.keys import Keys
from broker.ports.ledger import Ledger
from broker.services.prove import covering, prove_under
from contracts.words import RecordId


class ShareNotProvableError(MashError):
    """No proof of that share can be given."""

    codes: ClassVar[dict[str, str]] = {
        "share_proof.not_sealed": "The decision is under no checkpoint that is kept for ever yet.",
        "share_proof.erased": "The child was erased: what would open the log entries is destroyed.",
        "share_proof.unreadable": "A record of the share does not open under its key.",
    }


def prove_share(status: DeliveryStatus, journal: Journal, ledger: Ledger, keys: Keys) -> ShareProof:
    """Return the proof of one delivery: its decision, and its release and receipts where these are sealed.

    All entries stand under the first checkpoint that is kept for ever and covers them, so the same entries have the
    same proof always. Only what the recipient may see is opened; the rest stays a commitment.

    Raises:
        ShareNotProvableError: the decision is not under a kept checkpoint yet, or its record cannot be opened.
        NotSealedError: the stored tree was damaged.
    """
    placed = [(index, record) for record, index in _records(status, journal) if index is not None]
    sealed = [(index, record) for index, record in placed if _is_kept(ledger, index)]
    if not sealed or sealed[0][1].record_id != status.delivery.record_id:
        msg = f"delivery {status.delivery.delivery_id} is under no checkpoint that is kept; no proof was given"
        remedy = "a checkpoint is kept every minute: run mash tick, and ask again"
        raise ShareNotProvableError(msg, code="share_proof.not_sealed", remedy=remedy)
    checkpoint = covering(ledger, max(index for index, _ in sealed), is_kept=True)
    entries = []
    for index, record in sealed:
        proof = prove_under(ledger, index, checkpoint)
        entries.append(ShareEntry(index, record.leaf, proof.hashes, _shown(record, keys)))
    return ShareProof(checkpoint.note, tuple(entries))


def _records(status: DeliveryStatus, journal: Journal) -> list[tuple[Record, int | None]]:
    """The decision's record, the release's, and those of receipts in the order in which they came."""
    delivery = status.delivery
    wanted: list[RecordId] = [delivery.record_id]
    if status.release_record is not None:
        wanted.append(status.release_record)
    wanted += [each.record_id for each in journal.receipts(delivery.delivery_id)]
    found = [journal.record(each) for each in wanted]
    return [each for each in found if each is not None]


def _is_kept(ledger: Ledger, index: int) -> bool:
    return bool(ledger.kept(above=index, limit=1))


def _shown(record: Record, keys: Keys) -> Opening:
    try:
        key = keys.secret("partnership") if record.child is None else keys.child_key(record.child)
        return read_openings(unseal(key, record.sealed, about=about_record(record.record_id)))[0]
    except KeyDestroyedError as error:
        msg = f"the child behind record {record.record_id} was erased; no proof was given"
        remedy = "whoever was given a proof before the erasure can still check it"
        raise ShareNotProvableError(msg, code="share_proof.erased", remedy=remedy) from error
    except SealBrokenError as error:
        msg = f"record {record.record_id} does not open under its key; no proof was given"
        raise ShareNotProvableError(msg, code="share_proof.unreadable", remedy="run `mash reconcile`") from error
