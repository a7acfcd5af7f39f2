"""Proofs for people: who was told what, in one file, and the public keys to check it with, without any home."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import ClassVar

from broker.core.errors import MashError
from broker.core.note import Ed25519Verifier
from broker.core.public_keys import PublicKeys, RecipientKey, parse_public_keys
from broker.core.share_proof import ProvedShare, verify_share_proof
from broker.drivers.files.publication import FolderPublication
from broker.ports.journal import DeliveryStatus
from broker.runtimes.desk import SEES_EVERY_LEG
from broker.runtimes.lookup import SHORTEST_START
from broker.runtimes.people import SignedIn
from broker.runtimes.wiring import Hub
from broker.services.export_ledger import Exported, export_ledger
from broker.services.prove_share import prove_share
from contracts.words import DeliveryId, RecipientId


class NoSuchDeliveryError(MashError):
    """What is to be proved does not fit one delivery that this person may know of."""

    codes: ClassVar[Mapping[str, str]] = {
        "share_proof.unknown_delivery": "No delivery of that id was made to you.",
        "share_proof.several": "More than one delivery begins like that.",
    }


def prove_delivery(hub: Hub, wanted: str, who: SignedIn) -> bytes:
    """The proof of one share, as a file. The start of the delivery's id is enough.

    A role at a recipient proves what was delivered to that recipient; the data protection officer and the MASH
    whatever was delivered to anybody.

    Raises:
        NoSuchDeliveryError: none, or more than one, fits that this person may know of.
        ShareNotProvableError: its decision is under no kept checkpoint yet, or its child was erased.
    """
    return prove_share(_delivery(hub, wanted, who), hub.journal, hub.ledger, hub.keys).content()


def public_keys(hub: Hub) -> str:
    """The public keys of the log and of every recipient, as the file that proofs are checked with."""
    recipients = tuple(
        RecipientKey(owner, Ed25519Verifier(entry.keyid, entry.key.public_bytes_raw()))
        for owner in hub.registry.owners("recipient")
        for entry in hub.registry.of("recipient", owner)
    )
    return PublicKeys((hub.signer.verifier,), recipients).text()


def export(hub: Hub, into: Path, tell: Callable[[int, int], None]) -> Exported:
    """Put the published ledger into a folder as static files (C2SP tlog-tiles), or bring what is there up to date.

    Raises:
        ExportError: nothing is sealed, the ledger is unsound, or the folder holds another log's export.
    """
    return export_ledger(hub.ledger, FolderPublication(into), [hub.signer], origin=hub.signer.name, tell=tell)


def check_proof(content: bytes, keys: str) -> ProvedShare:
    """Check a proof of share with public keys alone; needs no home.

    Raises:
        PublicKeysError: the keys cannot be read.
        MashError: anything in the proof is not as it was written.
    """
    return verify_share_proof(content, parse_public_keys(keys))


def _delivery(hub: Hub, wanted: str, who: SignedIn) -> DeliveryStatus:
    sees_all = who.role in SEES_EVERY_LEG
    theirs = RecipientId(who.recipient)
    whole = hub.journal.delivery(DeliveryId(wanted))
    if whole is not None and (sees_all or whole.delivery.recipient == theirs):
        return whole
    found: list[DeliveryStatus] = []
    if len(wanted) >= SHORTEST_START and (sees_all or theirs):
        among = hub.journal.deliveries(recipient=None if sees_all else theirs)
        found = [status for status in among if status.delivery.delivery_id.startswith(wanted)]
    if len(found) == 1:
        return found[0]
    if found:
        msg = f"{len(found)} deliveries begin with {wanted}; no proof was given"
        raise NoSuchDeliveryError(msg, code="share_proof.several", remedy="give more of the id")
    msg = f"no delivery {wanted} was made that concerns you; no proof was given"
    remedy = "take the id from the timeline of mash view, or from mash explain"
    raise NoSuchDeliveryError(msg, code="share_proof.unknown_delivery", remedy=remedy)
