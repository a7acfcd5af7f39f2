"""An OPA server with this policy's bundle decides as the engine in process does; anything else is no verdict."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from time import sleep
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings

from broker.drivers.opa.server import ServedPolicy, ServerAt
from broker.ports.policy import NoVerdictError
from broker.runtimes.came_to import came_to
from broker.runtimes.policies import open_policy
from broker.runtimes.settings import SettingsError
from contracts.canonical import canonical
from contracts.question import Question
from infra.local.opa import LocalOpa, an_opa_server
from tests.support import homes
from tests.support.busy_week import busy_week
from tests.support.hub import StillClock
from tests.support.questions import DOMESTIC_INCIDENT, Case
from tests.support.random_questions import questions

pytestmark = pytest.mark.slow
ENGINE = homes.engine()
QUESTION = Case(ENGINE, "wrenshire-police", DOMESTIC_INCIDENT).question("mash-core", "school-ashdown")


@pytest.fixture(scope="module")
def opa_server(opa: Path) -> Iterator[LocalOpa]:
    with an_opa_server(ENGINE.bundle(), opa) as server:
        yield server


@contextmanager
def served(address: str, clock: StillClock | None = None) -> Iterator[ServedPolicy]:
    at = ServerAt.of(address)
    assert at is not None
    policy = ServedPolicy(ENGINE, at, clock or StillClock())
    try:
        yield policy
    finally:
        policy.disconnect()


def test_it_decides_every_question_as_the_engine_in_process_does(opa_server: LocalOpa) -> None:
    with served(opa_server.address) as policy:

        @hypothesis_settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow])
        @given(question=questions(ENGINE))
        def same(question: Question) -> None:
            here, there = ENGINE.decide_here(question), policy.decide(question)
            assert canonical(there.model_dump(mode="json")) == canonical(here.model_dump(mode="json"))

        same()


def test_a_whole_week_comes_to_the_same_by_either(opa_server: LocalOpa, tmp_path: Path) -> None:
    results = []
    for name, url in (("here", ""), ("there", opa_server.address)):
        (tmp_path / name).mkdir()
        settings = replace(homes.a_home(tmp_path / name), opa_url=url)
        homes.spool(settings, busy_week(children=6))
        with homes.opened(settings) as runtime:
            runtime.tick()
            results.append(came_to(runtime))
            assert runtime.reconcile().differences == ()
    assert results[0] == results[1]


@dataclass
class Pretender:
    """A server that says whatever the test wants, with which status and how late."""

    said: bytes = b"{}"
    status: int = 200
    late: float = 0.0
    asked: list[Any] = field(default_factory=list)


@contextmanager
def pretending(pretender: Pretender) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers["Content-Length"]))
            pretender.asked.append((self.path, json.loads(content)))
            sleep(pretender.late)
            self.send_response(pretender.status)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(pretender.said)

        def log_message(self, *_: Any) -> None:
            """Be quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def true_answer() -> dict[str, Any]:
    verdict = ENGINE.decide_here(QUESTION).model_dump(mode="json")
    del verdict["policy_digest"]
    return {"verdict": verdict, "digest": ENGINE.policy_digest}


def written(result: object) -> bytes:
    return json.dumps({"result": result}).encode()


WRONG = {
    "nothing": Pretender(),
    "an error": Pretender(status=500),
    "not found": Pretender(written(true_answer()), status=404),
    "no JSON": Pretender(b"<html>"),
    "a verdict without its digest": Pretender(written(true_answer()["verdict"])),
    "more than was asked": Pretender(written({**true_answer(), "more": 1})),
    "no verdict": Pretender(written({**true_answer(), "verdict": {"decisions": "all"}})),
    "a verdict on fewer": Pretender(
        written({**true_answer(), "verdict": {**true_answer()["verdict"], "decisions": []}})
    ),
    "another policy": Pretender(written({**true_answer(), "digest": "0" * 64})),
    "too late": Pretender(written(true_answer()), late=3),
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_whatever_is_not_a_whole_verdict_of_this_policy_is_no_verdict(wrong: Pretender) -> None:
    with pretending(wrong) as address, served(address) as policy:
        for _ in range(1 if wrong.late else 5):
            with pytest.raises(NoVerdictError) as error:
                policy.decide(QUESTION)
            assert error.value.code in {"policy.no_verdict", "policy.other_digest"}
            assert error.value.remedy
    assert {path for path, _ in wrong.asked} == {"/v1/data/mash_served/answer?strict-builtin-errors=true"}


def test_a_server_that_fails_is_stood_in_for_only_once_it_has_decided_alike_and_only_for_a_while() -> None:
    clock, pretender = StillClock(), Pretender(written(true_answer()))
    expected = ENGINE.decide_here(QUESTION)
    with pretending(pretender) as address, served(address, clock) as policy:
        assert policy.decide(QUESTION) == expected
        pretender.status = 503
        for _ in range(2):
            with pytest.raises(NoVerdictError):
                policy.decide(QUESTION)
        assert policy.decide(QUESTION) == expected, "the third failure running: it is stood in for"
        asked = len(pretender.asked)
        assert policy.decide(QUESTION) == expected
        assert len(pretender.asked) == asked, "it is left alone"
        clock.moment += timedelta(seconds=31)
        pretender.status = 200
        assert policy.decide(QUESTION) == expected
        assert len(pretender.asked) == asked + 1, "it is asked again"


def test_a_server_of_another_policy_is_never_stood_in_for() -> None:
    pretender = Pretender(written(true_answer()))
    with pretending(pretender) as address, served(address) as policy:
        policy.decide(QUESTION)
        pretender.said = written({**true_answer(), "digest": "0" * 64})
        with pytest.raises(NoVerdictError, match="decides by policy 000000000000"):
            policy.decide(QUESTION)
        pretender.status = 503
        for _ in range(5):
            with pytest.raises(NoVerdictError):
                policy.decide(QUESTION)


def test_while_the_server_is_away_everything_is_held_and_afterwards_decided(tmp_path: Path, opa: Path) -> None:
    with an_opa_server(ENGINE.bundle(), opa) as server:
        settings = replace(homes.a_home(tmp_path), opa_url=server.address)
        homes.spool(settings, busy_week(children=4))
        server.stop()
        with homes.opened(settings) as runtime:
            assert not next(each for each in runtime.doctor() if each.check == "policy").is_fine
            done = runtime.tick()
            assert done.held
            assert not done.released
            server.start(ENGINE.bundle())
            assert next(each for each in runtime.doctor() if each.check == "policy").is_fine
            clock = runtime.clock
            clock.advance(timedelta(minutes=11))  # type: ignore[attr-defined]
            runtime.tick()
            assert {state for _, state, _ in came_to(runtime).answers} == {"accepted"}
            assert runtime.reconcile().differences == ()


@pytest.mark.parametrize(
    "url", ["nonsense", "ftp://host", "http://", "http://host:port", "http://host/path", "http://h?x=1"]
)
def test_what_is_no_address_of_a_server_is_refused(url: str) -> None:
    with pytest.raises(SettingsError) as error:
        open_policy(ENGINE, StillClock(), url)
    assert error.value.code == "settings.opa"


def test_the_bundle_is_the_same_each_time_and_names_its_policy() -> None:
    assert ENGINE.bundle() == ENGINE.bundle()
    assert ServerAt.of("https://opa.example") == ServerAt("opa.example", 8181, encrypted=True)
