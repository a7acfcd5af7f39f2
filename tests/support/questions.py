"""Building questions for the policy: a base case that shares, and what is changed about it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from contracts.question import CandidateAsked, CategoryAbout, Question
from contracts.verdict import CandidateVerdict, Verdict
from policies.engine import Engine

DOMESTIC_INCIDENT = "uk.mash.police.domestic_incident.notified.v1"
EMERGENCY_ATTENDANCE = "uk.mash.health.emergency_attendance.recorded.v1"
GP_CHANGED = "uk.mash.health.gp_registration.changed.v1"
HEALTH_CONCERN = "uk.mash.health.concern.raised.v1"
POLICE_CONCERN = "uk.mash.police.concern.raised.v1"
RECORD_OPENED = "uk.mash.mash.record.opened.v1"
SCHOOL_CONCERN = "uk.mash.school.concern.recorded.v1"
VOLUNTARY_CONCERN = "uk.mash.voluntary.concern.raised.v1"

SUNDAY_NIGHT = "2026-03-08T22:50:00+00:00"


def seconds(text: str) -> int:
    """UTC seconds of an ISO moment with its zone."""
    return int(datetime.fromisoformat(text).timestamp())


def pairs(*cells: str) -> tuple[CategoryAbout, ...]:
    """``id.core/child`` and so on, as the question lists them."""
    return tuple(
        CategoryAbout.model_validate(dict(zip(("category", "about"), c.split("/"), strict=True))) for c in cells
    )


_RELATIONS = {
    "mash-core": ("mash_core", "mash_practitioner", "front_door"),
    "csc-north-team": ("csc_team", "allocated_worker", "allocated_worker"),
    "police-mash": ("police_mash", "police_mash_practitioner", "police"),
    "gp-elm-street": ("gp", "practice_safeguarding_lead", "gp"),
    "gp-harbour": ("gp", "practice_safeguarding_lead", "gp"),
    "hv-wrenshire": ("health_visitor", "health_visitor", "health_visitor"),
    "midwives-wren-valley": ("midwifery", "named_midwife", "midwifery"),
    "school-ashdown": ("school", "designated_safeguarding_lead", "school"),
    "nursery-acorn": ("nursery", "designated_safeguarding_lead", "nursery"),
    "la-education": ("la_education", "education_safeguarding_officer", "home_education"),
    "icb-safeguarding": ("health_safeguarding", "designated_nurse", "health_safeguarding"),
    "probation-wrenshire": ("probation", "probation_officer", "requested"),
    "child-death-panel": ("child_death_panel", "child_death_review_coordinator", "child_death_panel"),
    "partnership-analyst": ("analyst", "analyst", "requested"),
    "pennine-app": ("vendor", "supplier", "requested"),
}


def candidate(recipient: str, **changes: Any) -> CandidateAsked:
    """A recipient of the Wrenshire directory, verified a day before the weekend."""
    kind, role, relation = _RELATIONS[recipient]
    base = {
        "recipient": recipient,
        "kind": kind,
        "role": role,
        "purpose": "safeguarding",
        "relation": relation,
        "relation_as_at": seconds("2026-03-05T09:00:00+00:00"),
    }
    return CandidateAsked.model_validate({**base, **changes})


@dataclass(frozen=True)
class Case:
    """A question in the making. Each method gives a changed copy of its facts."""

    engine: Engine
    agency: str
    event_type: str
    at: str = SUNDAY_NIGHT
    facts: Mapping[str, Any] = field(default_factory=dict)

    def question(self, *candidates: CandidateAsked | str, **changes: Any) -> Question:
        """The question about ``candidates``; ``event`` and ``child`` are laid over the base, the rest replaces it."""
        now = seconds(self.at)
        event = {
            "type": self.event_type,
            "agency": self.agency,
            "occurred_at": now - 600,
            "level": {"value": 3, "given_by": "sender"},
            "grade": {"value": "amber", "given_by": "sender"},
            "categories": pairs("event.meta/child", "id.core/child", "sc.status/child"),
            **self.facts.get("event", {}),
            **changes.pop("event", {}),
        }
        child = {"age": 9, **self.facts.get("child", {}), **changes.pop("child", {})}
        whole = {
            "operation": "share",
            "now": now,
            "event": event,
            "child": child,
            "sender": self.engine.sender(self.agency),
            "candidates": [candidate(c) if isinstance(c, str) else c for c in candidates],
            **changes,
        }
        return Question.model_validate(whole)

    def decide(self, *candidates: CandidateAsked | str, **changes: Any) -> Verdict:
        """The verdict on that question."""
        return self.engine.decide(self.question(*candidates, **changes))


def answer(verdict: Verdict, recipient: str) -> CandidateVerdict:
    """The decision for one recipient."""
    return next(d for d in verdict.decisions if d.recipient == recipient)


def codes(reasons: Any) -> set[str]:
    """The codes of reasons or obligations."""
    return {reason.code for reason in reasons}


def forms(decision: CandidateVerdict) -> dict[str, str]:
    """The forms by ``category/about``."""
    return {f"{cell.category}/{cell.about}": str(cell.form) for cell in decision.categories}
