"""How large and how deep a native file may be."""

from adapters.kit.errors import ContentError

LARGEST_FILE = 128 * 1024 * 1024
"""Bytes. A large council's census is some tens of megabytes."""

DEEPEST = 64
"""Levels of nested elements or brackets; the deepest published format needs 12."""

LONGEST_LINE = 500
"""Characters of a single-line value in the published contract."""

LONGEST_TEXT = 20_000
"""Characters of a free text in the published contract."""


def check_size(size: int) -> None:
    """Refuse what is empty or too large to read.

    Raises:
        ContentError: ``content.empty`` or ``content.too_large``.
    """
    if size == 0:
        msg = "the file holds nothing"
        raise ContentError(msg, code="content.empty", remedy="send it again; an empty file is never a real extract")
    if size > LARGEST_FILE:
        msg = f"the file is larger than {LARGEST_FILE} bytes"
        raise ContentError(msg, code="content.too_large", remedy="split the extract into smaller files")


def too_deep() -> ContentError:
    """The error for content nested deeper than :data:`DEEPEST`."""
    return ContentError(
        f"the content is nested deeper than {DEEPEST} levels",
        code="content.nested_too_deeply",
        remedy="no real extract is; ask the supplier what wrote this file",
    )
