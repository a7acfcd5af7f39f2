"""What pydantic says of a file, in words for whoever writes agreements."""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from policies.checks.expected import expected
from policies.checks.finding import Point

_MENDS: Mapping[str, str] = {
    "missing": "add it",
    "extra_forbidden": "take it out, or correct its name; the schema of agreements lists every name",
    "date_from_datetime_parsing": "write a day as 2027-03-31",
    "date_parsing": "write a day as 2027-03-31",
    "date_type": "write a day as 2027-03-31",
    "bool_parsing": "write true or false",
    "bool_type": "write true or false",
    "int_parsing": "write a whole number",
    "int_type": "write a whole number",
    "string_type": "write words; put a number that is a name in quotation marks",
    "string_too_short": "write it out",
    "string_too_long": "shorten it",
    "too_short": "add at least one",
    "tuple_type": "write a list: one line for each, each with a hyphen before it",
    "dict_type": "write names and values",
    "model_type": "write names and values",
}


def points_of_shape(error: ValidationError) -> Iterator[Point]:
    """Every fault of form, once each."""
    for each in error.errors(include_url=False):
        at = tuple(part for part in each["loc"] if part != "[key]")
        name = str(at[-1]) if at else "the whole"
        what = f"{name} is missing" if each["type"] == "missing" else f"{name}: {_said(each)}"
        yield Point(at, what, _mend(each), expected(str(at[0])) if at else "")


def _said(each: Mapping[str, Any]) -> str:
    match each["type"]:
        case "extra_forbidden":
            return "no part of an agreement has this name"
        case "literal_error" | "enum":
            return f"{each['input']!r} is not a word that is known here"
        case _:
            message: str = each["msg"]
            return message[:1].lower() + message[1:].removeprefix("alue error, ")


def _mend(each: Mapping[str, Any]) -> str:
    if each["type"] in {"literal_error", "enum"}:
        return f"write one of {each['ctx']['expected']}"
    if each["type"] == "string_pattern_mismatch":
        return _PATTERNS.get(each["ctx"]["pattern"], f"write it so that it fits {each['ctx']['pattern']}")
    return _MENDS.get(each["type"], "correct it")


_PATTERNS: Mapping[str, str] = {
    r"^[0-9 ]{10,14}$": "write a telephone number in digits and spaces, in quotation marks",
    r"^(give|summary|token|withhold|ask [a-z_]+)$": 'write give, summary, token, withhold, or "ask" and a question',
    r"^([01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$": 'write a time of day in quotation marks: "08:30"',
    r"^$|^([01][0-9]|2[0-3]):[0-5][0-9]$": 'write a time of day in quotation marks: "08:50"',
    "^[a-z0-9][a-z0-9-]{1,62}$": "write lower-case letters, digits and hyphens, two at least",
}
"""How to write what a pattern of the schema wants."""
