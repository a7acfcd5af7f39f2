"""The policy on an OPA server: the same rules under the same digest, or no verdict."""

import asyncio
import threading
from collections.abc import Coroutine
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

import aiohttp
from opa_client.opa_async import AsyncOpaClient

from broker.drivers.opa.embedded import EmbeddedPolicy
from broker.ports.clock import Clock
from broker.ports.policy import NoVerdictError
from contracts.question import Question
from contracts.verdict import Verdict
from policies.engine import Engine, errors
from policies.engine.bundle import PACKAGE, RULE

SECONDS: Final = 2.0
"""How long one answer may take, connecting included."""
_STRICT: Final = {"strict-builtin-errors": "true"}
_FAILURES: Final = 3
_LEFT_ALONE: Final = timedelta(seconds=30)

_NO_ANSWER: Final = (aiohttp.ClientError, OSError, TimeoutError, ValueError, RecursionError)
"""Nobody there, cut off, another status than 200, too late; no JSON, or nested without end."""

T = TypeVar("T")


class OtherDigestError(NoVerdictError):
    """The server answers by another policy than this exchange's."""


@dataclass(frozen=True, slots=True)
class ServerAt:
    """Where an OPA server is."""

    host: str
    port: int
    encrypted: bool

    @classmethod
    def of(cls, url: str) -> "ServerAt | None":
        """The server at ``http://host:port``; none where that is no such address."""
        try:
            parts = urlsplit(url)
            port = parts.port or 8181
        except ValueError:
            return None
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path not in {"", "/"} or parts.query:
            return None
        return cls(parts.hostname, port, parts.scheme == "https")


class ServedPolicy(EmbeddedPolicy):
    """Asks an OPA server; everything else about the policy comes from the engine in process.

    Whatever is not a whole verdict by the same digest is no verdict. A server that fails several times running is left
    alone for a while, and the engine in process decides instead: but only where the server's last answer was by the
    same digest. A server that answers by another one, or has not answered yet, is never stood in for.
    """

    def __init__(self, engine: Engine, at: ServerAt, clock: Clock, home: str = "") -> None:
        """Take a loaded engine and where the server is; it is connected to when it is first asked."""
        super().__init__(engine, home)
        self._clock = clock
        self._loop = _Loop()
        self._client = AsyncOpaClient(host=at.host, port=at.port, ssl=at.encrypted, timeout=SECONDS, retries=0)
        self._loop.run(self._client._init_session())  # noqa: SLF001 - else it begins with an `async with`
        self._is_same = False
        self._failed = 0
        self._left_alone_until: datetime | None = None

    def decide(self, question: Question) -> Verdict:
        """Give the verdict for every candidate, in one evaluation.

        Raises:
            NoVerdictError: the server failed, was late, answered by another policy, or its answer is no verdict.
        """
        try:
            return self._engine.decide(question, by=self._stood_in_for)
        except errors.NoVerdictError as error:
            raise NoVerdictError(error.message, code="policy.no_verdict", remedy=error.remedy) from error

    def trouble(self) -> str:
        """Why the server would give no verdict now; empty where it would."""
        try:
            self._check_digest(self._answer({"candidates": []}))
        except NoVerdictError as error:
            return error.message
        return ""

    def disconnect(self) -> None:
        """Let go of the server."""
        self._loop.run(self._client.close_connection())
        self._loop.close()

    def _stood_in_for(self, question: Question) -> Verdict:
        """The server's verdict; or the engine's, where the server is known to decide alike and does not answer."""
        now = self._clock.now()
        if self._left_alone_until is not None and now < self._left_alone_until:
            return self._engine.decide_here(question)
        try:
            verdict = self._asked(question)
        except OtherDigestError:
            self._is_same = False
            raise
        except (NoVerdictError, errors.NoVerdictError):
            self._failed += 1
            if self._failed < _FAILURES or not self._is_same:
                raise
            self._left_alone_until = now + _LEFT_ALONE
            return self._engine.decide_here(question)
        self._is_same, self._failed, self._left_alone_until = True, 0, None
        return verdict

    def _asked(self, question: Question) -> Verdict:
        answer = self._answer(question.model_dump(mode="json"))
        return self._engine.read_verdict(self._check_digest(answer), question)

    def _check_digest(self, answer: object) -> object:
        """The verdict in an answer, where it is by this exchange's own policy."""
        if not isinstance(answer, dict) or answer.keys() != {"verdict", "digest"}:
            why = "the OPA server gave no answer of this policy's"
            raise _none(why, "load the bundle that mash policy bundle writes")
        if answer["digest"] != self.digest:
            msg = f"the OPA server decides by policy {str(answer['digest'])[:12]}, this exchange by {self.digest[:12]}"
            raise OtherDigestError(msg, code="policy.other_digest", remedy="load the same bundle on every server")
        return answer["verdict"]

    def _answer(self, asked: dict[str, Any]) -> object:
        try:
            said = self._loop.run(self._client.query_rule(asked, PACKAGE, RULE, _STRICT))
        except _NO_ANSWER as error:
            why = f"the OPA server gave no answer ({type(error).__name__})"
            raise _none(why, "see that it runs and is healthy") from error
        return said.get("result") if isinstance(said, dict) else None


def _none(why: str, remedy: str) -> NoVerdictError:
    return NoVerdictError(why, code="policy.no_verdict", remedy=remedy)


class _Loop:
    """An event loop in a thread of its own, for one client that lives as long as the exchange."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="opa-client", daemon=True)
        self._thread.start()

    def run(self, what: Coroutine[Any, Any, T]) -> T:
        """Run it there, and wait for it."""
        return asyncio.run_coroutine_threadsafe(what, self._loop).result()

    def close(self) -> None:
        """End the loop."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
