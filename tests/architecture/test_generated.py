"""What is generated says what the code says now."""

import re

import pytest

from infra.docs.generate import PAGES, TOP
from tests.support.tree import PACKAGES, kept, name

FOR_CONTRIBUTORS = {"MASH_OPA"}


@pytest.mark.parametrize("page", sorted(PAGES))
def test_a_reference_page_is_what_the_code_makes_of_it(page: str) -> None:
    assert (TOP / page).read_text(encoding="utf-8") == PAGES[page](), "run: make generate"


def test_every_setting_that_the_code_names_stands_on_the_page() -> None:
    page = (TOP / "docs/reference/settings.md").read_text(encoding="utf-8")
    named = {
        setting
        for place in kept(".py")
        if name(place).split("/")[0] in PACKAGES
        for setting in re.findall(r"[\"'](MASH_[A-Z_]+)[\"']", place.read_text(encoding="utf-8"))
    }
    assert named
    assert not {setting for setting in named - FOR_CONTRIBUTORS if f"`{setting}`" not in page}
