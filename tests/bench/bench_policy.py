"""The policy step: the shipped rules in process, beside an OPA server with the same rules, data and questions."""

import http.client
import json
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from shutil import copytree, ignore_patterns
from time import perf_counter, process_time

from broker.core.sealing import unseal
from broker.runtimes.embedded import Embedded
from broker.services.deciding import about_question
from contracts.question import Question
from contracts.verdict import Verdict
from policies.build import SOURCES, document
from policies.engine import Engine, EngineLimits
from policies.engine.files import ROOT
from policies.opa import OpaError, find_opa
from tests.bench.figure import Figure, figure

NO_OPA = "NOT MEASURED: the policy step beside an OPA server, because this machine has no `opa` (`make opa` gets it)."
_SECONDS_TO_START = 20


def questions_asked(runtime: Embedded, most: int = 100) -> list[Question]:
    """Questions that the exchange has put, opened again from where they are kept for replay."""
    hub, found = runtime.hub, []
    for event in hub.journal.events():
        decisions = hub.journal.decisions(event.event_id)
        sealed = hub.journal.asked(decisions[0].decision_id) if decisions else None
        if sealed is not None:
            about = about_question(decisions[0].decision_id)
            content = unseal(hub.keys.child_key(decisions[0].child), sealed, about=about)
            found.append(Question.model_validate_json(content))
        if len(found) == most:
            break
    return found


def deciding(questions: Sequence[Question], *, rounds: int = 5) -> tuple[list[Figure], str]:
    """Questions a second, from the question to the checked verdict, and what was not measured.

    Reference: the same questions to ``opa run --server`` on this machine, over one connection kept open, each answer
    checked in the same way. The two take turns, and must answer the same.
    """
    try:
        opa = find_opa()
    except OpaError:
        return [], NO_OPA
    engine = Engine.load()
    ours, theirs = 0.0, 0.0
    with _server(opa) as connection:
        for question in questions:
            if engine.decide(question).decisions != _ask(connection, question).decisions:
                msg = "the server answers otherwise than the engine in process"
                raise AssertionError(msg)
        for _ in range(rounds):
            began = perf_counter()
            for question in questions:
                engine.decide(question)
            ours += perf_counter() - began
            began = perf_counter()
            for question in questions:
                _ask(connection, question)
            theirs += perf_counter() - began
    engine.close()
    many = rounds * len(questions)
    return [figure("policy step, six candidates, against an OPA server", many / ours, many / theirs, "questions/s")], ""


def recalling(questions: Sequence[Question], *, rounds: int = 20) -> list[Figure]:
    """What a remembered verdict costs. Reference: the same one evaluated; they take turns, and are equal."""
    fresh, remembering = Engine.load(), Engine.load(limits=EngineLimits(remembered=1000))
    found, evaluated = 0.0, 0.0
    for question in questions:
        if remembering.decide(question) != fresh.decide(question):
            msg = "what is remembered is not what would be decided"
            raise AssertionError(msg)
    for _ in range(rounds):
        began = process_time()
        for question in questions:
            remembering.decide(question)
        found += process_time() - began
        began = process_time()
        for question in questions:
            fresh.decide(question)
        evaluated += process_time() - began
    fresh.close()
    remembering.close()
    many = rounds * len(questions) / 1e6
    return [figure("remembered verdict, six candidates, found", found / many, evaluated / many, "us")]


def _ask(connection: http.client.HTTPConnection, question: Question) -> Verdict:
    body = b'{"input":%b}' % question.model_dump_json().encode()
    connection.request("POST", "/v1/data/mash/verdict", body, {"Content-Type": "application/json"})
    return Verdict.model_validate({**json.loads(connection.getresponse().read())["result"], "policy_digest": ""})


@contextmanager
def _server(opa: Path) -> Iterator[http.client.HTTPConnection]:
    """An OPA server with the rules and their data; ended afterwards."""
    with tempfile.TemporaryDirectory(prefix="mash-bench-opa-") as name:
        folder = Path(name)
        for source in SOURCES:
            _copy(ROOT / source, folder / "rules" / source)
        (folder / "data.json").write_text(json.dumps(document()), encoding="utf-8")
        port = _free_port()
        address = f"127.0.0.1:{port}"
        command = [opa, "run", "--server", "--addr", address, "--log-level", "error", "--skip-version-check"]
        server = subprocess.Popen([str(part) for part in (*command, folder / "rules", folder / "data.json")])
        try:
            yield _connected(port)
        finally:
            server.terminate()
            server.wait(timeout=10)


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        copytree(source, target, ignore=ignore_patterns("*_test.rego"))
    else:
        target.write_bytes(source.read_bytes())


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _connected(port: int) -> http.client.HTTPConnection:
    last = perf_counter() + _SECONDS_TO_START
    while True:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        try:
            connection.request("GET", "/health")
            connection.getresponse().read()
        except OSError:
            if perf_counter() > last:
                raise
            time.sleep(0.1)
        else:
            return connection
