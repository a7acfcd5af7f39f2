"""One thing found in an agreement, before and after its line is known."""

from dataclasses import dataclass
from typing import Literal

Location = tuple[str | int, ...]
"""Where a value stands: keys and, in lists, positions from 0: ``("parties", 2, "kind")``."""


@dataclass(frozen=True, slots=True)
class Point:
    """What is wrong at a location, and how to mend it. A ``warning`` does not keep an agreement from starting.

    ``law``: what the law or the guidance expects there, with its citation; empty where it is a matter of form.
    """

    at: Location
    what: str
    mend: str
    law: str = ""
    weight: Literal["fault", "warning"] = "fault"


@dataclass(frozen=True, slots=True)
class Finding:
    """A point with the file and line where it is mended; line 0 is the file as a whole."""

    file: str
    line: int
    place: str
    what: str
    mend: str
    law: str
    weight: Literal["fault", "warning"]
