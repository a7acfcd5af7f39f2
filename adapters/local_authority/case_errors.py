"""Why a row of the case extract cannot be an event."""

from typing import ClassVar

from contracts.errors import ContractError


class CaseExtractError(ContractError):
    """A row of the case extract cannot be an event, or the extract is not whole."""

    codes: ClassVar[dict[str, str]] = {
        "adult.no_name": "The row links an adult without a name.",
        "child.two_rows_differ": "One id stands for two children.",
        "extract.count_differs": "The closing row counts other rows than the extract holds.",
        "extract.no_end": "The extract has no closing row, so nothing is taken as ended by its absence.",
        "extract.too_many_gone": "Far more rows are missing than ever end at once.",
        "household.no_other_child": "The row links the child to nobody.",
        "restriction.gone": "A restriction is no longer in the extract, and has no end.",
        "restriction.not_named": "The row raises a restriction without saying which.",
        "row.unknown_kind": "The row is of no kind that the extract has.",
        "worker.no_team": "The row allocates a worker without a team.",
    }


def unusable(*, code: str, remedy: str) -> CaseExtractError:
    """The error for one of the codes above, in its own words."""
    return CaseExtractError(CaseExtractError.codes[code], code=code, remedy=remedy)
