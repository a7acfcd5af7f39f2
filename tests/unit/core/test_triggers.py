"""What makes past decisions worth asking again."""

from datetime import datetime

import pytest

from broker.core.facts import Fact, FactKind
from broker.core.triggers import PARENT_LEFT, triggers_of
from contracts.words import AgencyId, ChildId, EventId
from tests.support.event_parts import at

CHILD, NOW = ChildId("c"), at("2026-03-09")


def known(kind: FactKind, key: str = "k", value: str = "father", *, until: datetime | None = None) -> Fact:
    return Fact(CHILD, kind, key, value, NOW, EventId("e"), AgencyId("wrenshire-council"), until=until)


def why(before: tuple[Fact, ...], learned: Fact) -> list[str]:
    return [each.why for each in triggers_of(CHILD, before, (learned,), now=NOW)]


LIVES_THERE, LEFT = known(FactKind.ADULT), known(FactKind.ADULT, until=at("2026-03-01"))


@pytest.mark.parametrize(
    "before, learned, reasons",
    [
        ((), LEFT, [PARENT_LEFT]),
        ((LIVES_THERE,), LEFT, [PARENT_LEFT]),
        ((LEFT,), LIVES_THERE, [PARENT_LEFT]),
        ((), LIVES_THERE, []),
        ((LEFT,), LEFT, []),
        ((), known(FactKind.ADULT, value="other", until=at("2026-03-01")), []),
    ],
)
def test_a_parent_who_left_or_is_back_is_asked_about(
    before: tuple[Fact, ...], learned: Fact, reasons: list[str]
) -> None:
    assert why(before, learned) == reasons
