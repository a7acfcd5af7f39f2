"""The policy, loaded once for every test of it, and the opa binary where a test needs the real one."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from policies.engine import Engine


@pytest.fixture(scope="session")
def engine() -> Iterator[Engine]:
    """Give the committed module with the agreements, the law and the catalogue."""
    loaded = Engine.load()
    yield loaded
    loaded.close()


@pytest.fixture
def compiler(opa: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let the build use the real opa binary."""
    monkeypatch.setenv("MASH_OPA", str(opa))
    return opa
