"""Papers that run out: agreements, and the appropriate policy documents of those who signed them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from policies.engine.agreement import Agreement
from policies.engine.times import WARN_DAYS


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper that runs out at the start of a day in England.

    ``at``: where its day is written, as keys and positions from 0. ``party``: whose it is; none: the agreement itself.
    ``name``: what people call it.
    """

    at: tuple[str | int, ...]
    party: str
    name: str
    lapses: date

    def days_left(self, today: date) -> int:
        """How many days it still runs; 0 and less once it has run out."""
        return (self.lapses - today).days


def papers(agreement: Agreement) -> Iterator[Paper]:
    """The agreement, and every policy document that it names."""
    yield Paper(("valid_to",), "", agreement.title, agreement.valid_to)
    for n, party in enumerate(agreement.parties):
        for index, document in enumerate(party.documents):
            name = f"{party.name}, policy document for Schedule 1 paragraph {document.condition}"
            yield Paper(("parties", n, "documents", index), party.id, name, document.lapses)


def warned_within(days_left: int) -> int | None:
    """Of the days before the end at which its owner is warned, the last that has come; none while it is far off."""
    return next((each for each in reversed(WARN_DAYS) if days_left <= each), None)
