"""Logs: a closed list of events, scalar values only, never content of a record."""

import logging
import sys
from collections.abc import MutableMapping
from enum import StrEnum
from typing import Any, ClassVar

import structlog

from broker.core.errors import MashError


class LogEvent(StrEnum):
    """Every line the exchange may log."""

    STARTED = "started"
    STOPPED = "stopped"
    FILE_READ = "file_read"
    FILE_REFUSED = "file_refused"
    ACCEPTED = "accepted"
    HELD = "held"
    QUARANTINED = "quarantined"
    REFUSED = "refused"
    SEQUENCED = "sequenced"
    RELEASED = "released"
    RECEIVED = "received"
    RECEIPT_REFUSED = "receipt_refused"
    SWEPT = "swept"
    ALARM = "alarm"
    STEP_FAILED = "step_failed"
    TURNED = "turned"


class LogRuleError(MashError):
    """Somebody tried to log what must not be logged."""

    codes: ClassVar[dict[str, str]] = {
        "log.unknown_event": "A log line's event is not on the closed list.",
        "log.not_scalar": "A log value is not a number, a truth value or a short identifier.",
    }


LONGEST_VALUE = 100
_OWN_KEYS = frozenset({"event", "level", "timestamp"})


def only_known_scalars(_logger: object, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Refuse a line whose event is not listed or that carries anything but short scalars.

    Raises:
        LogRuleError: the line breaks the rule.
    """
    if line.get("event") not in set(LogEvent):
        msg = "a log line's event is not on the closed list"
        raise LogRuleError(msg, code="log.unknown_event", remedy="add it to LogEvent")
    for name, value in line.items():
        if name in _OWN_KEYS:
            continue
        if not isinstance(value, int | float | bool | str | None) or (
            isinstance(value, str) and (len(value) > LONGEST_VALUE or "\n" in value)
        ):
            msg = f"the log value {name!r} is not a short scalar"
            raise LogRuleError(msg, code="log.not_scalar", remedy="log a count, a code or an identifier")
    return line


def configure(level: str) -> None:
    """Write one JSON line per log event to standard error."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            only_known_scalars,
            structlog.processors.JSONRenderer(sort_keys=True),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        # Looked up for each line: whoever puts another standard error in place gets the lines that follow.
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
        cache_logger_on_first_use=False,
    )


def log() -> structlog.typing.FilteringBoundLogger:
    """The logger of the running process."""
    logger: structlog.typing.FilteringBoundLogger = structlog.get_logger()
    return logger
