"""What the edge policy says, before anything leaves an agency."""

from typing import Literal

from contracts.base import Model
from contracts.verdict import Reason


class EdgeVerdict(Model):
    """Whether a report may leave the agency.

    ``send``: it goes to the exchange. ``notice``: it stays, and only a notice that there was one leaves.
    ``keep``: it stays and leaves no trace outside; the refusal stands in the agency's own journal.
    """

    effect: Literal["send", "notice", "keep"]
    bars: tuple[Reason, ...] = ()
    policy_digest: str
