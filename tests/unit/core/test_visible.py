"""Of what a verdict obliges to, each audience sees what the rule shows it; the rest changes nothing for it."""

import pytest

from broker.core.visible import Audience, obligations_shown, reason_shown
from broker.services.comparing import _turns_on
from contracts.verdict import CandidateVerdict, Obligation, Visibility
from contracts.words import Duty, Effect

OPEN, SECRET = Obligation(code="receipt.opened"), Obligation(code="notice.silent")
HIDDEN = (
    Visibility(code="notice.silent", audience="recipient", show="nothing"),
    Visibility(code="notice.silent", audience="mash", show="ask_the_mash"),
    Visibility(code="notice.silent", audience="dpo", show="show"),
)


def verdict(*obligations: Obligation) -> CandidateVerdict:
    return CandidateVerdict(
        recipient="school-ashdown", effect=Effect.SHARE, duty=Duty.MAY, obligations=obligations, visibility=HIDDEN
    )


@pytest.mark.parametrize(
    "audience, seen",
    [("sender", (OPEN, SECRET)), ("recipient", (OPEN,)), ("mash", (OPEN,)), ("dpo", (OPEN, SECRET))],
)
def test_an_obligation_is_told_to_whom_its_rule_shows_it(audience: Audience, seen: tuple[Obligation, ...]) -> None:
    assert obligations_shown(verdict(OPEN, SECRET), audience) == seen


def test_what_a_recipient_may_not_know_makes_no_other_word_for_it() -> None:
    assert _turns_on(verdict(OPEN)) == _turns_on(verdict(OPEN, SECRET))
    assert _turns_on(verdict(OPEN)) != _turns_on(verdict())


def test_a_reason_of_which_no_rule_speaks_is_told_to_the_front_door_and_the_officer_alone() -> None:
    told = {each: reason_shown("level.gate", verdict(), each) for each in ("sender", "recipient", "mash", "dpo")}
    assert told == {"sender": "ask_the_mash", "recipient": "ask_the_mash", "mash": "show", "dpo": "show"}
