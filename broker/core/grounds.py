"""On which grounds a child's record is erased."""

from enum import StrEnum


class Ground(StrEnum):
    """Why a record must be erased (UK GDPR Articles 5(1)(e) and 17(1))."""

    RETENTION_OVER = "retention_over"
    NO_LONGER_NECESSARY = "no_longer_necessary"
    CONSENT_WITHDRAWN = "consent_withdrawn"
    OBJECTION_UPHELD = "objection_upheld"
    PROCESSED_UNLAWFULLY = "processed_unlawfully"
    LEGAL_OBLIGATION = "legal_obligation"
