"""The sender's own level of need and urgency, as they stand in a native record."""

from adapters.kit.fields import Fields
from contracts.payload import Level, Urgency
from contracts.words import GivenBy, Grade

_GRADES = {grade.value: grade for grade in Grade} | {
    grade.value[:1]: grade for grade in Grade if grade is not Grade.BLUE
}
_LEVELS = {str(number): number for number in range(1, 5)} | {f"level_{number}": number for number in range(1, 5)}


def level(fields: Fields, *names: str) -> Level | None:
    """The level of need the sender gave, 1 to 4; none and ``level.unknown`` for any other."""
    code = fields.code(*names)
    found = _LEVELS.get(code)
    if found is None:
        if code:
            fields.flags.add("level.unknown")
        return None
    return Level(value=found, given_by=GivenBy.SENDER)


def urgency(fields: Fields, *names: str) -> Urgency | None:
    """The grade the sender gave, in words or by its letter; none and ``grade.unknown`` for any other."""
    code = fields.code(*names)
    found = _GRADES.get(code)
    if found is None:
        if code:
            fields.flags.add("grade.unknown")
        return None
    return Urgency(value=found, given_by=GivenBy.SENDER)
