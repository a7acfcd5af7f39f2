"""Whatever is answered to the six questions, the policy gives an answer, and a graver concern is never told less."""

from datetime import UTC, datetime
from itertools import product
from typing import get_args

from hypothesis import given
from hypothesis import strategies as st

from broker.services.advise import CONCERNS, PARTS, Asked, Concern, Family, Known, advise
from contracts.words import AgencyId, Effect, RecipientId
from tests.support.hub import shipped_policy

POLICY = shipped_policy()
NOW = datetime(2026, 3, 9, 9, tzinfo=UTC)
AGENCIES, PLACES = sorted(POLICY.directory().agencies), sorted(POLICY.directory().recipients)
FAMILY, KNOWN = get_args(Family), get_args(Known)


@given(
    sender=st.sampled_from(AGENCIES),
    to=st.sampled_from(PLACES),
    concern=st.sampled_from(sorted(CONCERNS)),
    what=st.lists(st.sampled_from(sorted(PARTS)), max_size=4),
    family=st.sampled_from(FAMILY),
    known=st.sampled_from(KNOWN),
)
def test_there_is_always_an_answer_with_its_reasons(
    sender: AgencyId, to: RecipientId, concern: Concern, what: list[str], family: Family, known: Known
) -> None:
    leg = advise(Asked(sender, to, concern, what, family, known), POLICY, now=NOW).leg
    match leg.effect:
        case Effect.SHARE:
            assert leg.basis.art6
            assert leg.given
        case Effect.ASK:
            assert leg.needs_a_person
        case Effect.WITHHOLD:
            assert leg.why_not


def test_nobody_is_told_less_of_a_child_in_danger_than_of_a_small_worry() -> None:
    for sender, family, known in product(AGENCIES, FAMILY, KNOWN):
        effects = [
            advise(Asked(sender, RecipientId("mash-core"), each, ["childs_words"], family, known), POLICY, now=NOW)
            for each in ("worry", "danger")
        ]
        worry, danger = (each.leg.effect is Effect.SHARE for each in effects)
        assert danger >= worry, (sender, family, known)
