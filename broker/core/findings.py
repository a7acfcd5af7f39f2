"""What verifying a ledger found: the first bad place, how far it went, and what it could not see."""

from dataclasses import dataclass
from enum import StrEnum

NOT_SEEN_WITHOUT_EARLIER = (
    "Without a checkpoint kept elsewhere (--against) this cannot show that nothing was cut off at the end, nor that "
    "the whole was not rewritten and sealed again with the ledger's own key."
)
NOT_SEEN_TIMES = "A checkpoint seals a size and a root; when it was signed, only whoever received it can say."
NOT_SEEN_RECORDS = "No record was opened: that records still say what their log entries commit to was not checked."


class Bad(StrEnum):
    """What is wrong at the first bad place."""

    LEAF_CHANGED = "leaf_changed"
    LEAF_MISSING = "leaf_missing"
    LEAF_UNSEALED = "leaf_unsealed"
    LEAVES_SWAPPED = "leaves_swapped"
    TILE_CHANGED = "tile_changed"
    RECORD_EDITED = "record_edited"
    RECORD_UNREADABLE = "record_unreadable"
    CHECKPOINT_CHANGED = "checkpoint_changed"
    CHECKPOINT_OTHER_KEY = "checkpoint_other_key"
    CHECKPOINT_OTHER_TREE = "checkpoint_other_tree"
    REWRITTEN = "rewritten"
    CUT_OFF = "cut_off"


@dataclass(frozen=True, slots=True)
class Finding:
    """The first bad place: a leaf's index, or for a checkpoint the number of leaves that it seals."""

    bad: Bad
    at: int
    sentence: str


@dataclass(frozen=True, slots=True)
class Position:
    """How far a verification has come: the first ``size`` leaves, whose tree has this root, are sound.

    Keep it where nobody else can change it, and hand it in to go on from there.
    """

    size: int
    root: bytes


@dataclass(frozen=True, slots=True)
class Verification:
    """What was read, and the first bad place if there is one.

    ``leaves``, ``checkpoints`` and ``opened`` count what was found sound; ``total`` is how many leaves there should be.
    """

    total: int
    leaves: int
    checkpoints: int
    opened: int
    position: Position
    finding: Finding | None = None
    unseen: tuple[str, ...] = ()

    @property
    def is_sound(self) -> bool:
        """Tell whether nothing bad was found."""
        return self.finding is None

    @property
    def lines(self) -> tuple[str, ...]:
        """Return what was found in people's words, the first bad place first."""
        read = f"Sound: {self.leaves} log entries, {self.checkpoints} checkpoints, {self.opened} opened records."
        if self.finding is not None:
            return (f"First bad place: {self.finding.sentence}.", read, *self.unseen)
        if self.position.size < self.total:
            return (f"Nothing bad in the first {self.position.size} of {self.total} log entries.", read, *self.unseen)
        return ("The ledger is sound.", read, *self.unseen)
