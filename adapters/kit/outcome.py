"""From reading one native record to the one thing it came to."""

from collections.abc import Callable

from pydantic import ValidationError

from adapters.kit.records import Quarantined, Result
from contracts.errors import ContractError

_REMEDY = "report this: the record holds something that the adapter took for a value of another kind"


def settle(read: Callable[[], Result], raw: bytes) -> Result:
    """Give what ``read`` returns; what it refuses is quarantined with the refusal's code and remedy."""
    try:
        return read()
    except ContractError as error:
        return Quarantined(error.code, error.remedy, raw)
    except ValidationError:
        return Quarantined("content.not_contract", _REMEDY, raw)
