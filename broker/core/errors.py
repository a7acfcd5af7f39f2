"""What every error of the broker says: what happened, what was not done, and what to do."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar

Scalar = str | int | float | bool | None


class MashError(Exception):
    """Something that the broker could not, or would not, do.

    ``codes`` lists every code the class raises, each with one plain sentence; the reference page is made from it.
    ``message`` says what happened, to which identifiers, and what was not done; ``remedy`` what to do now.
    ``detail`` holds identifiers and figures only, so that it may be logged: never content of a record.
    """

    codes: ClassVar[Mapping[str, str]] = {}

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        remedy: str = "",
        detail: Mapping[str, Scalar] = MappingProxyType({}),
    ) -> None:
        """Keep the parts apart, so that a reply, a page and a log line each take what they may show.

        Without a code the error takes the first one its class lists.
        """
        super().__init__(message)
        self.message = message
        self.code = code if code is not None else next(iter(self.codes), "mash.unnamed")
        self.remedy = remedy
        self.detail = dict(detail)

    def __str__(self) -> str:
        """Message, remedy and code in one line."""
        remedy = f" {self.remedy[:1].upper()}{self.remedy[1:]}." if self.remedy else ""
        return f"{self.message}.{remedy} [{self.code}]"

    def diagnostics(self) -> str:
        """Return what happened, what to do, the code and the identifiers, on lines of their own."""
        lines = [f"What happened: {self.message}"]
        if self.remedy:
            lines.append(f"What to do: {self.remedy}")
        lines.append(f"Code: {self.code}")
        lines.extend(f"{name}: {value}" for name, value in self.detail.items())
        return "\n".join(lines)
