"""What of a verdict each audience may see."""

from typing import Literal

from contracts.verdict import CandidateVerdict, Obligation

Audience = Literal["sender", "recipient", "mash", "dpo"]
Show = Literal["show", "ask_the_mash", "nothing"]


def reason_shown(code: str, verdict: CandidateVerdict, audience: Audience) -> Show:
    """How a reason is shown; one that no rule speaks of is shown to the MASH and the DPO only."""
    for visibility in verdict.visibility:
        if visibility.code == code and visibility.audience == audience:
            return visibility.show
    return "show" if audience in {"mash", "dpo"} else "ask_the_mash"


def obligations_shown(verdict: CandidateVerdict, audience: Audience) -> tuple[Obligation, ...]:
    """The obligations that are told: all but those of which the rule says otherwise, for they tell a secret."""
    hidden = {each.code for each in verdict.visibility if each.audience == audience and each.show != "show"}
    return tuple(each for each in verdict.obligations if each.code not in hidden)
