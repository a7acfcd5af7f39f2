"""The ledger in memory keeps the port's promises."""

import pytest

from broker.drivers.memory.ledger_store import MemoryLedger
from broker.ports.ledger import Ledger
from tests.ports.ledger_cases import LedgerCases


class TestMemoryLedger(LedgerCases):
    @pytest.fixture
    def ledger(self) -> Ledger:
        return MemoryLedger()
