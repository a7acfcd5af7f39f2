"""What an agency's list still holds is told again now and then: what nobody vouches for lately is not relied on."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Final

TOLD_AGAIN_AFTER: Final = timedelta(days=14)
"""Agreements rely on a school or a worker for some weeks (`greatest_age_days`); a list may fail to come once."""
TOLD: Final = "told"
"""Under which the day is remembered on which something was told last."""


def is_due(remembered: Mapping[str, Any], today: date) -> bool:
    """Whether what is remembered was told so long ago that it is told again, though nothing changed."""
    told = remembered.get(TOLD)
    return told is None or date.fromisoformat(told) + TOLD_AGAIN_AFTER <= today
