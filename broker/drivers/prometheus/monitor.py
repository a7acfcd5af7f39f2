"""What a process tells its operators over HTTP: whether it lives, whether it works, and its figures for Prometheus."""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from time import monotonic
from typing import Any, ClassVar, Final
from wsgiref.simple_server import WSGIRequestHandler, make_server

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, make_wsgi_app
from prometheus_client.exposition import ThreadingWSGIServer

from broker.core.errors import MashError

LONGEST_TURN: Final = 120.0
"""Seconds: whoever has not ended a turn for so long does not live."""

Start = Callable[[str, list[tuple[str, str]]], object]


class MonitorError(MashError):
    """The address for health and figures cannot be used."""

    codes: ClassVar[Mapping[str, str]] = {
        "monitor.no_address": "The address for health and figures is taken, or is none of this machine's.",
    }


class Monitor:
    """What is known of one process. Nothing in it is about a person: names of figures and codes of errors alone.

    One thread tells it of turns; any may ask.
    """

    def __init__(self, process: str, *, now: Callable[[], float] = monotonic) -> None:
        """``process``: ``hub`` or ``agency.ID``; ``now``: seconds that never go back."""
        self.registry = CollectorRegistry()
        self._now = now
        self._turned_at = now()
        self._problem = "it has not done a turn yet"
        ProcessCollector(registry=self.registry)
        info = Gauge("mash_process", "Which process this is.", ["process"], registry=self.registry)
        info.labels(process).set(1)
        self._done = Counter("mash_done", "What was done, by kind.", ["what"], registry=self.registry)
        self._failed = Counter("mash_turns_failed", "Turns that failed, by code.", ["code"], registry=self.registry)
        self._seconds = Histogram("mash_turn_seconds", "How long turns take that did not fail.", registry=self.registry)
        self._last = Gauge("mash_last_good_turn_seconds", "When a turn last did not fail.", registry=self.registry)

    def turned(self, figures: Mapping[str, int], seconds: float) -> None:
        """A turn ended well, after so many seconds, with these figures."""
        self._turned_at, self._problem = self._now(), ""
        self._seconds.observe(seconds)
        self._last.set_to_current_time()
        for what, count in figures.items():
            self._done.labels(what).inc(count)

    def failed(self, code: str) -> None:
        """A turn failed."""
        self._turned_at, self._problem = self._now(), code
        self._failed.labels(code).inc()

    @property
    def lives(self) -> bool:
        """Whether its turns come to an end."""
        return self._now() - self._turned_at < LONGEST_TURN

    @property
    def problem(self) -> str:
        """Why it does not work just now; empty where it does."""
        return self._problem if self.lives else "its turn does not end"


@contextmanager
def telling(monitor: Monitor, address: tuple[str, int] | None) -> Iterator[tuple[str, int] | None]:
    """Answer ``/live``, ``/ready`` and ``/metrics`` at this address, where there is one; gives the address it has.

    Raises:
        MonitorError: the address cannot be used.
    """
    if address is None:
        yield None
        return
    try:
        server = make_server(*address, _app(monitor), server_class=ThreadingWSGIServer, handler_class=_Silent)
    except OSError as error:
        msg = f"nothing can listen at {address[0]}:{address[1]}"
        remedy = "name another in MASH_MONITOR_AT"
        raise MonitorError(msg, code="monitor.no_address", remedy=remedy) from error
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield address[0], server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Silent(WSGIRequestHandler):
    """Says nothing of requests: standard error is for the process's own log."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its parent's name
        """Say nothing."""


def _app(monitor: Monitor) -> Callable[[dict[str, Any], Start], Iterable[bytes]]:
    metrics: Callable[[dict[str, Any], Start], Iterable[bytes]] = make_wsgi_app(monitor.registry)

    def app(asked: dict[str, Any], start: Start) -> Iterable[bytes]:
        match asked.get("PATH_INFO"):
            case "/live":
                problem = "" if monitor.lives else monitor.problem
            case "/ready":
                problem = monitor.problem
            case "/metrics":
                return metrics(asked, start)
            case _:
                start("404 Not Found", [("Content-Type", "text/plain; charset=utf-8")])
                return [b"There is /live, /ready and /metrics.\n"]
        start("503 Service Unavailable" if problem else "200 OK", [("Content-Type", "text/plain; charset=utf-8")])
        return [(problem or "yes").encode() + b"\n"]

    return app
