"""Explains decisions in plain words: why, under which law, what was kept back, what would allow it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from broker.core.asked_again import told_of, without_who_decided
from broker.core.errors import MashError
from broker.core.minimise import UNSPOKEN, source
from broker.core.outcome import Decision, EventState, StoredEvent
from broker.core.partnership import RuleText
from broker.core.visible import Audience, obligations_shown, reason_shown
from broker.ports.journal import Journal
from broker.ports.policy import Policy
from contracts.events.mash import ReportWithdrawn
from contracts.verdict import Basis, CandidateVerdict, Reason
from contracts.words import AgencyId, DataCategory, DeliveryId, Duty, Effect, EventId, Form, RecipientId

ASK_THE_MASH, ASK_THE_MASH_CODE = "Ask the MASH: the reason cannot be shown here.", "ask_the_mash"


class UnknownEventError(MashError):
    """The exchange holds no event of that id that this caller may ask about."""

    codes: ClassVar[dict[str, str]] = {
        "explain.unknown_event": "No report of that id was received that concerns you.",
        "explain.erased": "The child that the report was about was erased.",
    }


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: as one recipient, one source agency, or with sight of every leg (DPO, MASH manager)."""

    audience: Audience
    recipient: RecipientId | None = None
    agency: AgencyId | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """One reason in words, with its law and code."""

    text: str
    references: tuple[tuple[str, str], ...]
    code: str


@dataclass(frozen=True, slots=True)
class ExplainedDecision:
    """One leg: what was decided for one recipient, in words."""

    recipient: RecipientId
    recipient_name: str
    effect: Effect
    duty: str
    decided_at: datetime
    asked_again: str
    why: tuple[Said, ...]
    why_not: tuple[Said, ...]
    needs_a_person: tuple[Said, ...]
    basis: Basis
    agreement: str
    necessity: str
    given: tuple[tuple[str, str, Form], ...]
    kept_back: tuple[tuple[str, str, Form], ...]
    you_must: tuple[str, ...]
    would_allow: tuple[str, ...]
    deliveries: tuple[DeliveryId, ...] = ()


@dataclass(frozen=True, slots=True)
class Explanation:
    """Every leg of one event that the caller may see.

    ``ended``: ``corrected`` or ``withdrawn``, where the report does not hold any more and the caller may know.
    """

    event_id: EventId
    event_type: str
    title: str
    agency: str
    occurred_at: datetime
    state: str
    held_reason: str
    decisions: tuple[ExplainedDecision, ...]
    not_considered: tuple[tuple[str, str], ...]
    ended: str = ""
    ended_at: datetime | None = None


def explain(event_id: EventId, caller: Caller, *, journal: Journal, policy: Policy) -> Explanation:
    """Explain what was decided about one event, as far as ``caller`` may see it.

    A recipient sees its own leg alone, and a reason only where its rule lets that audience see it.

    Raises:
        UnknownEventError: there is no such event, or none with a leg of this caller's.
    """
    event = journal.event(event_id)
    if event is None:
        raise _unknown(event_id)
    decisions = tuple(d for d in journal.decisions(event_id) if _may_see(d, event, caller))
    if not decisions and (caller.recipient is not None or (caller.agency and caller.agency != event.agency)):
        raise _unknown(event_id)
    if event.state is EventState.ERASED:
        msg = f"the child of report {event_id} was erased; only that it was received is still known"
        raise UnknownEventError(msg, code="explain.erased", remedy="the ledger's proofs still hold; see mash ledger")
    sees_all = caller.audience in {"mash", "dpo"}
    left = _left(event_id, journal) if caller.audience != "sender" else {}
    by = ending_of(event, journal) if sees_all or caller.audience == "sender" or left else None
    agency, occurred_at = _source(event, caller, policy)
    return Explanation(
        event_id=event.event_id,
        event_type=event.event_type,
        title=policy.catalogue(event.event_type).title,
        agency=agency,
        occurred_at=occurred_at,
        state=event.state,
        held_reason=event.held_reason,
        decisions=tuple(in_words(d, caller.audience, policy, left.get(d.decision_id, ())) for d in decisions),
        not_considered=event.not_considered if sees_all else (),
        ended="" if by is None else ended_as(by),
        ended_at=None if by is None else by.received_at,
    )


def _source(event: StoredEvent, caller: Caller, policy: Policy) -> tuple[str, datetime]:
    """Who reported, and when it happened, as the caller may know it."""
    entry = policy.directory().recipients.get(caller.recipient) if caller.recipient else None
    if entry is None:
        return event.agency, event.occurred_at
    return source(event.agency, policy.sender(event.agency).kind, event.occurred_at, entry.kind)


def ending_of(event: StoredEvent, journal: Journal) -> StoredEvent | None:
    """What stands in a report's place or takes it back; none while it holds."""
    return None if event.corrected_by is None else journal.event(event.corrected_by)


def ended_as(by: StoredEvent) -> str:
    """In one word how a report ended: ``corrected`` or ``withdrawn``."""
    return "withdrawn" if by.event_type == ReportWithdrawn.event_type else "corrected"


def _may_see(decision: Decision, event: StoredEvent, caller: Caller) -> bool:
    match caller.audience:
        case "mash" | "dpo":
            return True
        case "recipient":
            return decision.recipient == caller.recipient
        case "sender":
            return event.agency == caller.agency


def _left(event_id: EventId, journal: Journal) -> Mapping[str, tuple[DeliveryId, ...]]:
    """By decision, the deliveries that left on the strength of it: each can be proved."""
    left: dict[str, tuple[DeliveryId, ...]] = {}
    for status in journal.deliveries(event=event_id):
        if status.released_at is not None:
            decision = status.delivery.decision_id
            left[decision] = (*left.get(decision, ()), status.delivery.delivery_id)
    return left


def in_words(
    decision: Decision, audience: Audience, policy: Policy, left: tuple[DeliveryId, ...] = ()
) -> ExplainedDecision:
    """One decision as ``audience`` may read it; ``left``: what left on the strength of it."""
    verdict = decision.verdict
    entry = policy.directory().recipients.get(decision.recipient)
    may_see_law = audience != "recipient" or decision.effect is Effect.SHARE
    return ExplainedDecision(
        recipient=decision.recipient,
        recipient_name=entry.name if entry else decision.recipient,
        effect=decision.effect,
        duty=_duty_in_words(verdict, audience, policy),
        decided_at=decision.decided_at,
        asked_again=_asked_again(decision.asked_again, audience),
        why=_say(verdict.grounds, verdict, audience, policy),
        why_not=_say(verdict.bars, verdict, audience, policy),
        needs_a_person=_say((*verdict.asks, *verdict.category_asks), verdict, audience, policy),
        basis=verdict.basis if may_see_law else Basis(),
        agreement=" ".join(p for p in (verdict.agreement.id, verdict.agreement.version) if p),
        necessity=verdict.necessity,
        given=_given(verdict, audience),
        kept_back=_kept_back(verdict, audience),
        you_must=tuple(policy.words(o.code).message for o in obligations_shown(verdict, audience)),
        would_allow=_would_allow(verdict, audience, policy),
        deliveries=left,
    )


def _asked_again(why: str, audience: Audience) -> str:
    match audience:
        case "dpo":
            return why
        case "mash":
            return without_who_decided(why)
        case _:
            return told_of(why)


def _say(
    reasons: tuple[Reason, ...], verdict: CandidateVerdict, audience: Audience, policy: Policy
) -> tuple[Said, ...]:
    said = []
    for reason in reasons:
        match reason_shown(reason.code, verdict, audience):
            case "show":
                words = policy.words(reason.code)
                said.append(Said(_with_detail(words, reason), words.references, reason.code))
            case "ask_the_mash":
                said.append(Said(ASK_THE_MASH, (), ASK_THE_MASH_CODE))
            case _:
                continue
    return tuple(dict.fromkeys(said))


def _with_detail(words: RuleText, reason: Reason) -> str:
    detail = ", ".join(
        f"{name.replace('_', ' ')}: {value}" for name, value in sorted(reason.detail.items()) if value != ""
    )
    return f"{words.message} ({detail})" if detail else words.message


def _would_allow(verdict: CandidateVerdict, audience: Audience, policy: Policy) -> tuple[str, ...]:
    codes = [r.code for r in (*verdict.bars, *verdict.asks) if reason_shown(r.code, verdict, audience) == "show"]
    texts = [policy.words(code).would_allow for code in codes]
    return tuple(dict.fromkeys(text for text in texts if text))


def _given(verdict: CandidateVerdict, audience: Audience) -> tuple[tuple[str, str, Form], ...]:
    """What was given; the front door is not told that others were given what nobody else may know is there."""
    hidden = UNSPOKEN if audience == "mash" else frozenset()
    return tuple(each for each in _cells(verdict, given=True) if each[0] not in hidden)


def _kept_back(verdict: CandidateVerdict, audience: Audience) -> tuple[tuple[str, str, Form], ...]:
    """What is kept back, to whoever may see every leg; not that of which nobody is told that it is there at all."""
    match audience:
        case "dpo":
            hidden = frozenset({DataCategory.PROTECTED_PERSON})
        case "mash":
            hidden = UNSPOKEN
        case _:
            return ()
    return tuple(each for each in _cells(verdict, given=False) if each[0] not in hidden)


def _cells(verdict: CandidateVerdict, *, given: bool) -> tuple[tuple[str, str, Form], ...]:
    return tuple(
        (cell.category.value, cell.about.value, cell.form)
        for cell in verdict.categories
        if (cell.form.disclosure > 0) is given
    )


def _duty_in_words(verdict: CandidateVerdict, audience: Audience, policy: Policy) -> str:
    """The duty; that the law forbids it only to whoever may know by which rule, for it tells what cannot be told."""
    shown = [reason.code for reason in verdict.bars if reason_shown(reason.code, verdict, audience) == "show"]
    if verdict.duty is Duty.MUST_NOT and any(policy.words(code).forbids for code in shown):
        return "the law forbids this"
    return "the law requires it" if verdict.duty is Duty.MUST else "allowed, and expected unless you say why not"


def _unknown(event_id: EventId) -> UnknownEventError:
    return UnknownEventError(
        f"no report {event_id} was received that concerns you",
        code="explain.unknown_event",
        remedy="check the id; reports are listed in the view of the child",
    )
