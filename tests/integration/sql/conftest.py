"""What the tests of stores share."""

from collections.abc import Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path

import pytest

from broker.drivers.sql.postgres import Database
from tests.support.hubs import Hubs

_NUMBERS = count()


@pytest.fixture
def database(postgres: str) -> Database:
    """Schemas of one's own."""
    return Database.at(postgres, prefix=f"beside{next(_NUMBERS)}")


@pytest.fixture
def hubs(database: Database, tmp_path: Path) -> Iterator[Hubs]:
    """Hubs with one journal, closed at the end."""
    with ExitStack() as closed:
        yield Hubs(database, tmp_path, closed)
