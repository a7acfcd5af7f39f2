"""Opens the policy alone, for a question that is about nobody."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import ClassVar

from broker.core.errors import MashError
from broker.drivers.opa.embedded import EmbeddedPolicy
from broker.ports.clock import Clock
from broker.runtimes.agreements import load_engine
from broker.runtimes.exchange import clock_of
from broker.runtimes.home import Home
from broker.services.advise import PARTS, Advice, Asked, advise


class AdviceError(MashError):
    """A question cannot be answered."""

    codes: ClassVar[Mapping[str, str]] = {
        "policy.unknown_word": "An answer to one of the six questions is none of those to choose from.",
    }


@dataclass(frozen=True, slots=True)
class Adviser:
    """The policy of a home, or of the fictional county where there is none."""

    policy: EmbeddedPolicy
    clock: Clock

    def agencies(self) -> Mapping[str, str]:
        """Who may ask: id and name."""
        return {each: entry.name for each, entry in sorted(self.policy.directory().agencies.items())}

    def places(self) -> Mapping[str, str]:
        """Who may be told: id and name."""
        return {each: entry.name for each, entry in sorted(self.policy.directory().recipients.items())}

    def advise(self, asked: Asked) -> Advice:
        """Answer.

        Raises:
            AdviceError: a word is none of those to choose from.
            NoVerdictError: the engine gave no verdict.
        """
        _check(asked.sender, self.agencies(), "agency")
        _check(asked.recipient, self.places(), "place that can be told")
        for each in asked.what:
            _check(each, tuple(PARTS), "kind of information")
        return advise(asked, self.policy, now=self.clock.now())


@contextmanager
def an_adviser(home: Home) -> Iterator[Adviser]:
    """Open one; it needs no home to be there.

    Raises:
        PolicyFileError: an agreement of the home cannot be used.
    """
    engine = load_engine(home)
    try:
        yield Adviser(EmbeddedPolicy(engine), clock_of(home))
    finally:
        engine.close()


def _check(word: str, known: Mapping[str, str] | Sequence[str], what: str) -> None:
    if word not in known:
        msg = f"{word!r} is no {what}"
        raise AdviceError(msg, code="policy.unknown_word", remedy=f"choose one of {', '.join(known)}")
