"""A process tells over HTTP whether it lives and works, and its figures; nothing of it is about a person."""

import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import pytest
from typer.testing import CliRunner

from broker.cli.main import app
from broker.core.errors import MashError
from broker.drivers.prometheus.monitor import LONGEST_TURN, Monitor, MonitorError, telling
from broker.runtimes.settings import SettingsError, read_settings
from broker.runtimes.streaming import run
from infra.local.ports import free_port

HERE = "127.0.0.1"


class Works:
    """A process whose turns do as they are told; it stops itself when there is nothing more to say."""

    name = "hub"

    def __init__(self, *turns: Callable[[], Mapping[str, int]]) -> None:
        self._turns = list(turns)
        self.stop = threading.Event()
        self.is_closed = False

    def turn(self) -> Mapping[str, int]:
        if len(self._turns) == 1:
            self.stop.set()
        return self._turns.pop(0)()

    def close(self) -> None:
        self.is_closed = True


@contextmanager
def told(monitor: Monitor) -> Iterator[Callable[[str], tuple[int, str]]]:
    with telling(monitor, (HERE, 0)) as address:
        assert address is not None

        def ask(path: str) -> tuple[int, str]:
            try:
                with urllib.request.urlopen(f"http://{HERE}:{address[1]}{path}", timeout=5) as answer:
                    return answer.status, answer.read().decode()
            except urllib.error.HTTPError as error:
                return error.code, error.read().decode()

        yield ask


def test_a_process_is_not_ready_before_its_first_turn_and_is_after_it() -> None:
    monitor = Monitor("hub")
    with told(monitor) as ask:
        assert ask("/ready")[0] == 503
        assert ask("/live")[0] == 200
        monitor.turned({"accepted": 3, "held": 0}, 0.2)
        assert ask("/ready") == (200, "yes\n")
        figures = ask("/metrics")[1]
    assert 'mash_done_total{what="accepted"} 3.0' in figures
    assert 'mash_process{process="hub"} 1.0' in figures


def test_what_fails_makes_it_not_ready_and_is_counted_and_ends_with_the_next_good_turn() -> None:
    monitor = Monitor("release")
    with told(monitor) as ask:
        monitor.failed("kafka.unreachable")
        assert ask("/ready") == (503, "kafka.unreachable\n")
        assert ask("/live")[0] == 200
        assert 'mash_turns_failed_total{code="kafka.unreachable"} 1.0' in ask("/metrics")[1]
        monitor.turned({}, 0.1)
        assert ask("/ready")[0] == 200


def test_a_turn_that_does_not_end_is_no_life() -> None:
    moment = [0.0]
    monitor = Monitor("hub", now=lambda: moment[0])
    monitor.turned({}, 0.1)
    moment[0] = LONGEST_TURN - 1
    with told(monitor) as ask:
        assert ask("/live")[0] == 200
        moment[0] = LONGEST_TURN + 1
        assert ask("/live")[0] == 503
        assert ask("/ready") == (503, "its turn does not end\n")


def test_anything_else_that_is_asked_for_is_not_there() -> None:
    with told(Monitor("hub")) as ask:
        assert ask("/children")[0] == 404


def test_no_address_is_listened_at_unless_one_is_named() -> None:
    assert read_settings({}).monitor_at is None
    with telling(Monitor("hub"), None) as address:
        assert address is None


def test_a_process_that_runs_tells_and_the_command_asks_it() -> None:
    port = free_port()
    environment = {"MASH_MONITOR_AT": f"{HERE}:{port}"}
    said: list[tuple[int, str]] = []

    def asks() -> Mapping[str, int]:
        result = CliRunner().invoke(app, ["health"], env=environment)
        said.append((result.exit_code, result.output.strip()))
        return {}

    def fails() -> Mapping[str, int]:
        msg = "Kafka cannot be used"
        raise MashError(msg, code="kafka.unreachable", remedy="see that the broker runs")

    process = Works(asks, asks, fails, asks)
    run(process, process.stop, monitor_at=(HERE, port))
    assert said == [(1, "it has not done a turn yet"), (0, "yes"), (1, "kafka.unreachable")]
    assert process.is_closed
    after = CliRunner().invoke(app, ["health"], env=environment)
    assert (after.exit_code, after.output.strip()) == (1, f"nobody answers at {HERE}:{port}")


def test_an_address_that_is_taken_ends_the_process_before_it_does_anything() -> None:
    process = Works(dict)
    with (
        telling(Monitor("hub"), (HERE, 0)) as address,
        pytest.raises(MonitorError) as taken,
    ):
        run(process, process.stop, monitor_at=address)
    assert taken.value.code == "monitor.no_address"
    assert not process.stop.is_set()
    assert process.is_closed


@pytest.mark.parametrize("wrong", ["9464", "127.0.0.1", "127.0.0.1:x", ":9464", "127.0.0.1:99999"])
def test_what_is_no_address_is_said(wrong: str) -> None:
    with pytest.raises(SettingsError) as said:
        read_settings({"MASH_MONITOR_AT": wrong})
    assert said.value.code == "settings.address"
