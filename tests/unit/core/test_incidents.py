"""Whoever is on duty sees to an incident."""

import pytest

from broker.core.incidents import who_sees_to_it
from broker.core.partnership import OnCover

FRONT_DOOR = OnCover("front door", "mash_practitioner", ("mash_manager",), "01632 960100")
DUTY_TEAM = OnCover("emergency duty team", "duty_manager", ("mash_manager",), "01632 960101")


@pytest.mark.parametrize(
    "may, cover, who",
    [
        (("mash_manager", "duty_manager"), FRONT_DOOR, "mash_manager"),
        (("mash_manager", "duty_manager"), DUTY_TEAM, "duty_manager"),
        (("caldicott_guardian",), DUTY_TEAM, "duty_manager"),
        (("mash_manager", "duty_manager"), None, "mash_manager"),
        ((), None, "somebody"),
    ],
)
def test_of_those_who_may_whoever_is_on_duty_is_asked(may: tuple[str, ...], cover: OnCover | None, who: str) -> None:
    assert who_sees_to_it(may, cover, otherwise="somebody") == who
