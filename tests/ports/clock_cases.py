"""What every driver of the Clock and Ids ports promises."""

from datetime import UTC
from time import sleep

from broker.ports.clock import Clock
from broker.ports.ids import Ids


class ClockCases:
    """Subclassed once for each driver, with a ``clock`` fixture."""

    def test_the_time_is_in_utc_and_does_not_go_backwards(self, clock: Clock) -> None:
        first = clock.now()
        assert first.tzinfo is UTC
        assert clock.now() >= first


class IdsCases:
    """Subclassed once for each driver, with an ``ids`` fixture."""

    def test_identifiers_do_not_repeat_and_read_as_hexadecimal(self, ids: Ids) -> None:
        made = [make() for make in (ids.new, ids.in_order) for _ in range(1000)]
        assert len(set(made)) == len(made)
        assert {len(each) for each in made} == {32}
        assert all(set(each) <= set("0123456789abcdef") for each in made)

    def test_people_tell_identifiers_apart_by_their_start(self, ids: Ids) -> None:
        assert len({ids.new()[:8] for _ in range(100)}) == 100

    def test_what_is_made_later_sorts_behind(self, ids: Ids) -> None:
        before = ids.in_order()
        sleep(0.002)
        assert before < ids.in_order()

    def test_chance_has_the_size_that_was_asked_for(self, ids: Ids) -> None:
        assert [len(ids.random(size)) for size in (0, 12, 32)] == [0, 12, 32]
        assert ids.random(32) != ids.random(32)
