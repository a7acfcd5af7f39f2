"""What an outcome may lack, so that nothing of it is stored."""

from collections.abc import Mapping
from typing import ClassVar

from broker.core.errors import MashError


class IncompleteOutcomeError(MashError):
    """An outcome lacks a part without which it must not become durable."""

    codes: ClassVar[Mapping[str, str]] = {
        "outcome.decision_without_record": "A decision had no record, so nothing was stored.",
        "outcome.delivery_without_decision": "A delivery had no decision to share, so nothing was stored.",
        "outcome.notice_without_record": "A correction or retraction had no record, so nothing was stored.",
        "outcome.event_without_decision": "A candidate was considered without a decision, so nothing was stored.",
        "outcome.step_without_record": "A release, receipt or other step had no record, so nothing was stored.",
    }


def incomplete(*, code: str, about: str) -> IncompleteOutcomeError:
    """The error that an outcome lacks something, and which decision, delivery or event it is about."""
    message = IncompleteOutcomeError.codes[code].rstrip(".")
    return IncompleteOutcomeError(message, code=code, remedy="report this as a defect", detail={"about": about})
