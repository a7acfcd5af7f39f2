"""What reconciling finds: figures, and every place where the accounts do not agree."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Differs(StrEnum):
    """What does not agree; each value is the sentence that a person reads."""

    EVENT_UNKNOWN = "a decision, delivery or record names a report that is not stored"
    EVENT_UNDECIDED = "somebody was considered for a report, and nothing was decided"
    HELD_WITHOUT_DEADLINE = "a held report has no time at which it is tried again"
    HELD_WITHOUT_OWNER = "nobody is asked about a held report"
    QUARANTINED_WITHOUT_OWNER = "nobody is asked about a message that could not be read"
    QUARANTINED_WITHOUT_DEADLINE = "a message that could not be read has no time by which somebody must have looked"
    QUESTION_WITHOUT_OWNER = "a question waits for nobody"
    QUESTION_WITHOUT_DEADLINE = "a question that waits for a person has no time by which it must be answered"
    NOT_CHASED = "something waits past its time, and nobody was told"
    DECISION_WITHOUT_RECORD = "a decision has no record"
    RECORD_WITHOUT_DECISION = "a record tells of a decision that is not stored"
    SHARE_WITHOUT_DELIVERY = "a decision to share has neither a delivery nor a chase"
    DELIVERY_WITHOUT_DECISION = "a delivery has no decision to share with that recipient"
    NOTICE_OF_NOTHING = "a correction or retraction is about nothing that left before"
    DELIVERY_TWICE = "one decision has more than one delivery"
    DELIVERY_NOT_IN_RECORD = "a delivery is not the one that its record names"
    RECORD_UNREADABLE = "a record does not open under its key"
    RELEASE_WITHOUT_RECORD = "a delivery left without a record of its release"
    RELEASE_BEFORE_SEALED = "a delivery left before its log entry was sealed"
    SUPERSEDED_WITHOUT_RECORD = "a delivery was stopped without a record"
    RECEIPT_WITHOUT_RECORD = "a receipt has no record"
    RECEIPT_FOR_OTHER_CONTENT = "a receipt is for other content than was delivered"
    RECORD_NOT_IN_LEDGER = "a record's log entry is not in the ledger"
    RECORD_CHANGED = "a record is not what its log entry seals"
    LEDGER_WITHOUT_RECORD = "a log entry has no record"
    NUMBERS_MISSING = "an agency's numbering has a gap"
    RECIPIENT_LACKS = "a recipient does not hold what it acknowledged"
    RECIPIENT_HOLDS_MORE = "a recipient holds what was never released to it"
    RECIPIENT_HOLDS_OTHER = "a recipient holds other content than was released to it"
    RECIPIENT_UNKNOWN = "a delivery left for a recipient that has no account here"


@dataclass(frozen=True, slots=True)
class Difference:
    """One place where accounts differ, by its identifiers: never content."""

    what: Differs
    about: Mapping[str, str | int]

    @property
    def code(self) -> str:
        """A stable name for it."""
        return f"reconcile.{self.what.name.lower()}"

    def __str__(self) -> str:
        """One line: the sentence, the identifiers and the code."""
        named = ", ".join(f"{name} {value}" for name, value in self.about.items())
        return f"{self.what.value}: {named} [{self.code}]"


@dataclass(frozen=True, slots=True)
class Reconciled:
    """Every figure that was counted, and every difference found."""

    figures: Mapping[str, int]
    differences: tuple[Difference, ...]

    @property
    def agrees(self) -> bool:
        """Whether everything agrees."""
        return not self.differences


ALWAYS_TOLD = (
    "events_accepted",
    "events_held",
    "quarantined",
    "decisions",
    "decisions_to_share",
    "decisions_to_withhold",
    "decisions_to_ask",
    "deliveries_released",
    "deliveries_waiting",
    "deliveries_superseded",
    "deliveries_on_the_way",
    "notices",
    "receipts_delivered",
    "receipts_opened",
    "log_entries",
    "records_not_yet_sealed",
)


@dataclass(slots=True)
class Findings:
    """Figures and differences as they are found; the usual figures are told even where they are nought."""

    figures: Counter[str] = field(default_factory=lambda: Counter(dict.fromkeys(ALWAYS_TOLD, 0)))
    differences: list[Difference] = field(default_factory=list)

    def count(self, figure: str, by: int = 1) -> None:
        """Add to a figure."""
        self.figures[figure] += by

    def differs(self, what: Differs, **about: str | int) -> None:
        """Note a difference."""
        self.differences.append(Difference(what, about))

    def whole(self) -> Reconciled:
        """All of it."""
        return Reconciled(dict(self.figures), tuple(self.differences))
