"""The policy engine: questions in, verdicts out, and what stands in agreements, law and catalogue."""

from policies.engine.agreement import Agreement
from policies.engine.catalogue import CandidateRule, Catalogue, EventEntry
from policies.engine.edge import EdgeVerdict
from policies.engine.engine import Engine, EngineLimits
from policies.engine.errors import NoVerdictError, PolicyFileError, UnknownInPolicyError
from policies.engine.explanations import RuleText
from policies.engine.remembered import Recalled
from policies.engine.terms import Cover, Party, Recipient

__all__ = [
    "Agreement",
    "CandidateRule",
    "Catalogue",
    "Cover",
    "EdgeVerdict",
    "Engine",
    "EngineLimits",
    "EventEntry",
    "NoVerdictError",
    "Party",
    "PolicyFileError",
    "Recalled",
    "Recipient",
    "RuleText",
    "UnknownInPolicyError",
]
