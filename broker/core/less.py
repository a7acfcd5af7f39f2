"""What a recipient was told and may be told no longer: whether, and why, it is taken back."""

from collections.abc import Iterable, Mapping, Sequence

from broker.core.facts import Fact, FactKind
from broker.core.minimise import Taken
from broker.core.partnership import RecipientEntry
from contracts.delivery import Value
from contracts.verdict import CandidateVerdict
from contracts.words import Cause, DataCategory, Effect, EventId, Form, RelationKind

_PLACES = frozenset({DataCategory.ID_ADDRESS, DataCategory.ID_RESTRICTED_ADDRESS})

STAYS = frozenset(
    {
        "agreement.lapsed",
        "agreement.missing",
        "schedule1.document_lapsed",
        "schedule1.not_in_force",
        "lawful_basis.none_fits",
        "special_category.no_condition",
        "offence_data.no_condition",
        "encompass.roll_not_current",
        "relation.not_current",
        "timing.planned_arrest",
        "processing.restricted",
        "grown_up.at_risk",
        "answer.no_enquiry",
        "nursery.before_reception",
    }
)
"""Bars and asks of a day: paper that lapsed, a fact not vouched for lately, use restricted for a while, an age.

What was lawfully told then stays told.
"""

PROTECTS = frozenset(
    {
        "protected_person.never",
        "gender_recognition.protected",
        "statutory_bar.stands",
        "adoption.gatekeeper",
        "court.permission_needed",
        "sexual_health.caldicott",
        "hold.stands",
        "intelligence.conditions",
        "minimise.nothing_left",
        "new_address.not_told",
        "approval.refused",
    }
)
"""Bars and asks under which what was told may be used no longer."""


def cause_of_less(given: Sequence[Value], taken: Iterable[Taken | Value]) -> Cause | None:
    """Why a new revision takes something back, if it does: a value given before is not given, or in a lesser form.

    A place that is now kept back is recalled; anything else may no longer be shared, be it words that give away what
    is guarded since.
    """
    if not given:
        return None
    kept = tuple(taken)
    now = {(each.category, each.about): each.form.disclosure for each in kept}
    less = any(now.get((each.category, each.about), 0) < each.form.disclosure for each in given)
    less = less or bool(_words(given) - _words(kept))
    if _places(given) - _places(kept):
        return Cause.ADDRESS_RECALLED
    return Cause.NO_LONGER_LAWFUL if less else None


def gives_other(given: Sequence[Value], taken: Sequence[Taken]) -> bool:
    """Whether a recipient to whom something was given would be given anything else today."""
    return bool(given) and _told(given) != _told(taken)


def _told(values: Sequence[Value | Taken]) -> set[tuple[object, ...]]:
    return {(each.path, each.category, each.about, each.form, each.value) for each in values}


def _words(values: Sequence[Value | Taken]) -> set[object]:
    """The sentences of people that are given as they were said."""
    return {(each.about, each.value) for each in values if each.form is Form.GIVE and each.path.endswith(".text")}


def _places(values: Sequence[Value | Taken]) -> set[object]:
    return {each.value for each in values if each.category in _PLACES and each.form is not Form.TOKEN}


def cause_of_loss(verdict: CandidateVerdict | None) -> Cause | None:
    """Why what was told to a recipient is taken back; none where it stands, or where only paper has lapsed.

    ``verdict``: today's, or none where the recipient is no longer considered: then its relation has ended.
    """
    if verdict is None:
        return Cause.RELATION_ENDED
    if verdict.effect is Effect.SHARE:
        return None
    codes = {reason.code for reason in (*verdict.bars, *verdict.asks)}
    if codes & PROTECTS:
        return Cause.NO_LONGER_LAWFUL
    return None if codes and codes <= STAYS else Cause.RELATION_ENDED


def ended_by(facts: Sequence[Fact], recipient: RecipientEntry, visitors: Mapping[str, str]) -> frozenset[EventId]:
    """The events that ended a recipient's relation to the child: what they say stays with whom it ended for.

    ``visitors``: the health visitor of each practice.
    """
    return frozenset(
        fact.source_event
        for fact in facts
        if fact.kind is FactKind.RELATION and fact.until is not None and _is_theirs(fact, recipient, visitors)
    )


def _is_theirs(fact: Fact, recipient: RecipientEntry, visitors: Mapping[str, str]) -> bool:
    relation, _, code = fact.key.partition(":")
    if code in recipient.organisations:
        return True
    return relation == RelationKind.GP and visitors.get(code) == recipient.recipient
