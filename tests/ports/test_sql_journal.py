"""The journal in SQLite keeps the port's promises."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from broker.drivers.sql.journal import SqlJournal
from broker.ports.journal import Journal
from tests.ports.journal_cases import WritingCases
from tests.ports.progress_cases import ProgressCases


class TestSqlJournal(WritingCases, ProgressCases):
    @pytest.fixture
    def journal(self, tmp_path: Path) -> Iterator[Journal]:
        journal = SqlJournal.in_file(tmp_path / "journal.db", busy_seconds=1)
        yield journal
        journal.close()
