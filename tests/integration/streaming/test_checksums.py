"""Checksums of what travels over Kafka are reckoned in C, and are those of Kafka's format."""

import google_crc32c
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kafka.record import default_records
from kafka.record._crc32c import crc

from broker.drivers.kafka.checksums import reckon_in_c


@pytest.fixture(autouse=True, scope="module")
def _reckoned_in_c() -> None:
    reckon_in_c()


def test_the_checksum_of_the_standard_example_is_the_one_that_is_published() -> None:
    """CRC-32C's check value, as catalogues of checksums give it (CRC-32/ISCSI)."""
    assert default_records.calc_crc32c(memoryview(b"123456789")) == 0xE3069283


@given(st.binary(max_size=3000))
def test_the_checksum_is_what_kafka_pythons_own_reckons(content: bytes) -> None:
    assert default_records.calc_crc32c(memoryview(content)) == crc(content)


def test_it_is_reckoned_in_c() -> None:
    assert google_crc32c.implementation == "c"


def test_a_batch_is_written_and_checked_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []
    reckons = default_records.calc_crc32c

    def seeing(content: memoryview) -> int:
        seen.append(len(content))
        return int(reckons(content))

    monkeypatch.setattr(default_records, "calc_crc32c", seeing)
    builder = default_records.DefaultRecordBatchBuilder(
        magic=2,
        compression_type=0,
        is_transactional=False,
        producer_id=-1,
        producer_epoch=-1,
        base_sequence=-1,
        batch_size=100_000,
    )
    builder.append(offset=0, timestamp=0, key=None, value=b"x" * 500, headers=[])
    batch = default_records.DefaultRecordBatch(builder.build())
    assert batch.validate_crc()
    assert len(seen) == 2
