"""Why a school's native record cannot be an event."""

from typing import ClassVar

from contracts.errors import ContractError


class SchoolRecordError(ContractError):
    """A record of a school or nursery cannot be an event."""

    codes: ClassVar[dict[str, str]] = {
        "mis.unknown_entity": "The object is of no entity of a school's management information system.",
        "note.no_time": "The note does not say when it was logged.",
        "pupil.not_identified": "The row holds neither a UPN nor a name.",
        "mis.not_an_object": "The list holds something that is no object.",
        "roll.too_many_gone": "Far more pupils are missing from the roll than ever leave at once.",
        "status.no_start": "The status has no start date that can be read.",
        "student.not_identified": "The record does not say which student it is about.",
    }


def unusable(*, code: str, remedy: str) -> SchoolRecordError:
    """The error for one of the codes above, in its own words."""
    return SchoolRecordError(SchoolRecordError.codes[code], code=code, remedy=remedy)
