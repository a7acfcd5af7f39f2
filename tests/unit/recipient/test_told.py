"""When what a recipient was told first came, and what came since."""

from datetime import UTC, datetime

from broker.recipient.told import came_since, last_told, standing
from tests.unit.recipient.test_view import kept

MONDAY = datetime(2026, 3, 9, 9, 0, tzinfo=UTC)
BEFORE, AFTER = "2026-03-09T08:59:59Z", "2026-03-09T09:00:00Z"


def test_of_each_report_its_last_revision_stands_in_whatever_order_they_came() -> None:
    first, second = kept("a"), kept("b", revises="a", revision=2)
    assert standing([first, second]) == standing([second, first]) == [second]


def test_what_comes_again_is_no_other_report() -> None:
    first, again = kept("a", came=BEFORE), kept("b", came=AFTER, revises="a", revision=2)
    assert last_told([first, again]) == last_told([again, first]) == datetime.fromisoformat(BEFORE)
    assert last_told([first, again, kept("c", came=AFTER)]) == MONDAY
    assert last_told([]) is None


def test_what_came_since_is_every_revision_of_a_report_whose_last_word_did_and_takes_nothing_back() -> None:
    old, told = kept("a", came=BEFORE), kept("b", came=AFTER)
    early, corrected = kept("c", came=BEFORE), kept("d", came=AFTER, revises="c", revision=2, kind="correction")
    given, taken = kept("e", came=AFTER), kept("f", came=AFTER, revises="e", revision=2, kind="retraction")
    assert came_since([old, told, early, corrected, given, taken], MONDAY) == [told, early, corrected]
