"""What an agency was told that the exchange has, and which is not here, is asked for: once a day, of that feed."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from broker.core.feeds import missing_numbers
from broker.drivers.clock.scripted import ScriptedClock
from broker.services.missing import Missing
from contracts.heartbeat import Heartbeat
from contracts.reply import Reply
from contracts.words import ReplyKind
from tests.support.homes import MONDAY

SOURCE = "wrenshire-police/notices/0000000a"


class Numbers:
    """A journal that has heard these numbers, and nothing else."""

    def __init__(self, *runs: tuple[int, int]) -> None:
        self.runs = {SOURCE: runs}

    def numbers_missing(self, source: str, up_to: int) -> Sequence[tuple[int, int]]:
        return missing_numbers(self.runs.get(source, ()), up_to)


def alive(**answered: int) -> Heartbeat:
    return Heartbeat(agency="wrenshire-police", at=MONDAY, incarnation="0000000a", answered=answered, keyid="k")


def test_what_is_missing_below_what_was_answered_is_asked_for_and_nothing_else(tmp_path: Path) -> None:
    clock = ScriptedClock(tmp_path / "clock.json")
    clock.set(MONDAY)
    missing = Missing(Numbers((1, 3), (6, 7)), clock)  # type: ignore[arg-type]  # all that is asked of a journal
    assert missing.asked_for(alive(notices=3)) == ()
    asked = missing.asked_for(alive(notices=9))
    assert [(each.kind, each.source, each.first_missing, each.last_missing) for each in asked] == [
        (ReplyKind.MISSING, SOURCE, 4, 5),
        (ReplyKind.MISSING, SOURCE, 8, 9),
    ]
    assert missing.asked_for(alive(notices=9)) == ()
    assert [each.last_missing for each in missing.asked_for(alive(concerns=2))] == [2]
    clock.advance(timedelta(days=1))
    assert missing.asked_for(alive(notices=9)) == asked_at(asked, clock)


def asked_at(asked: Sequence[Reply], clock: ScriptedClock) -> tuple[Reply, ...]:
    return tuple(each.model_copy(update={"at": clock.now()}) for each in asked)
