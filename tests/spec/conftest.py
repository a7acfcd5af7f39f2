"""One stage for every case: the base cases are made once and copied."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from broker.runtimes.scenario_files import read_bases
from broker.runtimes.scenarios import Stage, in_memory
from policies.engine import Engine


@pytest.fixture(scope="session")
def stage() -> Iterator[Stage]:
    engine = Engine.load()
    with tempfile.TemporaryDirectory(prefix="mash-spec-", dir=in_memory()) as folder:
        yield Stage(Path(folder), engine, read_bases())
    engine.close()
