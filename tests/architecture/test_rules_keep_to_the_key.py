"""No rule reads what the key of remembered verdicts leaves out."""

from pathlib import Path

import pytest

from policies.engine.files import ROOT, SOURCES
from policies.keyed import check_reads
from policies.reads import reads

pytestmark = pytest.mark.needs_opa


def test_every_path_that_the_rules_read_is_in_the_key(opa: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MASH_OPA", str(opa))
    found = reads(ROOT, SOURCES)
    assert len(found) > 100
    check_reads(found)
