"""Every example in the page about native formats is read by its adapter, and gives events."""

import pytest
from markdown_it import MarkdownIt

from adapters.kit.records import Adapter, Quarantined
from adapters.local_authority import case_extract
from adapters.police import notices
from adapters.schools import mis, roll
from tests.support.native_results import a_reading, came_to
from tests.support.tree import TOP

PAGE = TOP / "docs/how-to/native-formats.md"
READ_BY: dict[str, Adapter] = {
    "Police notices": notices.adapter,
    "Case extract": case_extract.adapter,
    "School notes and statuses": mis.adapter,
    "Rolls": roll.adapter,
}


def examples() -> dict[str, str]:
    """Each section's example, by its heading."""
    heading, found = "", {}
    tokens = MarkdownIt("commonmark").parse(PAGE.read_text(encoding="utf-8"))
    for place, token in enumerate(tokens):
        if token.type == "heading_open":
            heading = tokens[place + 1].content
        if token.type == "fence" and token.info in {"json", "csv"}:
            found[heading] = token.content
    return found


def test_every_section_with_an_example_has_its_adapter_named_here() -> None:
    assert set(examples()) == set(READ_BY)


@pytest.mark.parametrize("heading", sorted(READ_BY))
def test_an_example_is_read_as_the_page_says(heading: str) -> None:
    records = list(READ_BY[heading].read(examples()[heading].encode(), a_reading()))
    assert not [record.position for record in records if isinstance(record.result, Quarantined)]
    assert [event for record in records for event in came_to(record).events]
