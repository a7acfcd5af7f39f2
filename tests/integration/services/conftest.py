"""A home to which reports come one after the other; at its end all accounts agree."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.services.test_reask import Exchange
from tests.support.homes import a_home, opened


@pytest.fixture(name="exchange")
def _exchange(tmp_path: Path) -> Iterator[Exchange]:
    settings = a_home(tmp_path)
    with opened(settings) as runtime:
        yield Exchange(settings, runtime)
        assert runtime.reconcile().differences == ()
        assert runtime.hub.journal.reasks_due(runtime.clock.now(), 1) == []
        assert runtime.verify_ledger(against=None, tell=lambda _done, _total: None).finding is None
