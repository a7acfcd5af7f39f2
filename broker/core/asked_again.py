"""Why something was asked again, and how much of that is told to whom."""

from typing import Final

REQUESTED_BY, DECIDED_BY = "requested by ", "decided by "
"""How the reason begins why something was asked again: for whom, or after whose decision."""
LOST: Final = "asked again because the recipient lost what it held"

DECIDED: Final = "decided by a person"
CHANGED: Final = "what is known has changed"
"""All that a recipient is told of why: a reason can be the secret. The whole stands in the decision."""
SENT_AGAIN: Final = "sent again: what you held of it was lost"


def without_who_decided(why: str) -> str:
    """The reason, without the role of whoever decided: that it was the adoption gatekeeper is the very secret."""
    return DECIDED if why.startswith(DECIDED_BY) else why


def told_of(why: str) -> str:
    """What recipients and senders are told of why something was asked again; empty where it was not.

    Neither who decided nor what became known: an adoption, an enquiry or a restriction may be the very secret.
    """
    if LOST in why:
        return SENT_AGAIN
    if why.startswith(REQUESTED_BY):
        return why.partition("; ")[0]
    if why.startswith(DECIDED_BY):
        return DECIDED
    return CHANGED if why else ""
