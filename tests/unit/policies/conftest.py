"""The policy, loaded once for every test of it."""

from collections.abc import Iterator

import pytest

from policies.engine import Engine


@pytest.fixture(scope="session")
def engine() -> Iterator[Engine]:
    """The committed module with the agreements, the law and the catalogue."""
    loaded = Engine.load()
    yield loaded
    loaded.close()
