"""Why a police notice cannot be an event."""

from typing import ClassVar

from contracts.errors import ContractError


class NoticeError(ContractError):
    """A police notice cannot be an event."""

    codes: ClassVar[dict[str, str]] = {
        "notice.no_id": "The notice has no id of its own.",
        "notice.no_person": "The notice names nobody.",
        "notice.no_time": "The notice does not say when it happened, nor when it was written.",
        "notice.child_only_as_suspect": "The only person under 18 is a suspect.",
        "notice.not_an_object": "The list holds something that is no object.",
    }


def unusable(*, code: str, remedy: str) -> NoticeError:
    """The error for one of the codes above, in its own words."""
    return NoticeError(NoticeError.codes[code], code=code, remedy=remedy)
