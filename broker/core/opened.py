"""Records as they are stored now, unsealed, and whether they are what their leaves commit to."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from broker.core.commitments import CommitmentError, Opening, check_opens, read_leaf
from contracts.words import RecordId


@dataclass(frozen=True, slots=True)
class OpenedRecord:
    """A record's two parts as they are stored now, unsealed; a part that is not kept here is left out."""

    index: int
    record_id: RecordId
    disclosed: Opening | None
    internal: Opening | None


@dataclass(frozen=True, slots=True)
class UnreadableRecord:
    """A record that should open and does not: its seal is broken, or it is gone without an erasure."""

    index: int
    record_id: RecordId


Openings = Iterable[OpenedRecord | UnreadableRecord]


def rising(opened: Openings) -> Iterator[OpenedRecord | UnreadableRecord]:
    """Yield the records as they come.

    Raises:
        ValueError: they do not come by rising leaf index.
    """
    last = -1
    for record in opened:
        if record.index <= last:
            msg = "opened records must come by rising leaf index"
            raise ValueError(msg)
        last = record.index
        yield record


def opens(record: OpenedRecord, record_id: RecordId, leaf: bytes) -> bool:
    """Tell whether the record is the one placed under that id, and its parts are what the leaf commits to."""
    if record.record_id != record_id:
        return False
    try:
        shown = read_leaf(leaf)
        for commitment, opening in ((shown.disclosed, record.disclosed), (shown.internal, record.internal)):
            if opening is not None:
                check_opens(commitment, opening)
    except CommitmentError:
        return False
    return True
