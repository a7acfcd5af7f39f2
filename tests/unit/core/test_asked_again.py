"""Of why something was asked again, recipients and senders are told nothing that may be the secret itself."""

import pytest

from broker.core.asked_again import CHANGED, DECIDED, LOST, SENT_AGAIN, told_of, without_who_decided


@pytest.mark.parametrize(
    "why, told",
    [
        ("", ""),
        ("decided by adoption_gatekeeper", DECIDED),
        ("decided by mash_manager", DECIDED),
        ("asked again because a restriction was raised", CHANGED),
        ("asked again because a section 47 enquiry began; a worker was allocated", CHANGED),
        ("what is known of the child changed before it could leave", CHANGED),
        ("requested by gp-elm-street", "requested by gp-elm-street"),
        ("requested by gp-elm-street; what is known of the child changed", "requested by gp-elm-street"),
        (LOST, SENT_AGAIN),
        (f"requested by gp-elm-street; {LOST}", SENT_AGAIN),
    ],
)
def test_others_are_told_that_it_was_asked_again_and_not_what_became_known_or_who_decided(why: str, told: str) -> None:
    assert told_of(why) == told


def test_the_front_door_is_told_what_became_known_and_not_who_decided() -> None:
    assert without_who_decided("decided by adoption_gatekeeper") == DECIDED
    assert without_who_decided("asked again because a restriction was raised").endswith("a restriction was raised")
