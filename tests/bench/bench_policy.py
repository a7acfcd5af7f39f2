"""The policy step: the shipped rules in process, beside an OPA server with the same rules, data and questions."""

import http.client
import json
from collections.abc import Sequence
from contextlib import closing
from time import perf_counter, process_time
from urllib.parse import urlsplit

from broker.core.sealing import unseal
from broker.runtimes.embedded import Embedded
from broker.services.deciding import about_question
from contracts.lean import lean_converter
from contracts.question import Question
from contracts.verdict import Verdict
from infra.local.opa import an_opa_server
from policies.engine import Engine, EngineLimits
from policies.opa import OpaError, find_opa
from tests.bench.figure import Figure, figure

NO_OPA = "NOT MEASURED: the policy step beside an OPA server, because this machine has no `opa` (`make opa` gets it)."


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
    with an_opa_server(engine.bundle(), opa) as server, closing(_connected(server.address)) as connection:
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
    return lean_converter(Verdict)({**json.loads(connection.getresponse().read())["result"], "policy_digest": ""})


def _connected(address: str) -> http.client.HTTPConnection:
    parts = urlsplit(address)
    return http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=10)
