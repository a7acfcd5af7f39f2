"""Keeps what a consumer of kafka-python was given when it joined its group between two polls."""

from typing import Any

from kafka import KafkaConsumer


def keep_joins(consumer: KafkaConsumer) -> None:
    """Let this consumer take the assignment that came while nobody polled it.

    A poll that ends before the group has settled leaves the joining to the client's own thread. kafka-python 3.0.12
    looks only at whether that has ended, throws its result away and joins anew. Where a turn's work takes longer than
    its polls, the leader of a group thus begins one rebalance after another, and nobody reads anything
    (`tests/integration/streaming/test_reader.py`).
    """
    coordinator = consumer._coordinator  # noqa: SLF001 - nothing public comes between
    manager, joined_in_time = coordinator._manager, coordinator.join_group_async  # noqa: SLF001 - as above

    async def joined(timeout_ms: float | None = None) -> Any:
        ended = coordinator._join_task  # noqa: SLF001 - as above
        if ended is not None and ended.is_done:
            coordinator._join_task = manager.call_soon(_outcome, ended)  # noqa: SLF001 - as above
        return await joined_in_time(timeout_ms=timeout_ms)

    coordinator.join_group_async = joined


async def _outcome(ended: Any) -> Any:
    """The same again, as something that has yet to end."""
    return await ended
