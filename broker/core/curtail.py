"""What stays told though nothing is decided anew about it: nothing of that may be what must be kept back today."""

from collections.abc import Mapping
from dataclasses import dataclass

from broker.core.content import Content
from broker.core.less import cause_of_less
from broker.core.minimise import GOES_ALONG, Reader, minimise, released_forms
from broker.core.partnership import RecipientEntry
from contracts.delivery import Delivery, Value
from contracts.verdict import CandidateVerdict, CategoryForm
from contracts.words import Cause, Effect, Form, RecipientId


@dataclass(frozen=True, slots=True)
class Curtailed:
    """What still applies of what one recipient was told, and why the rest is taken back; no values: all of it is."""

    cause: Cause
    values: tuple[Value, ...] | None


def curtailed(
    said: Mapping[RecipientId, Delivery],
    content: Content,
    verdicts: Mapping[RecipientId, CandidateVerdict],
    directory: Mapping[RecipientId, RecipientEntry],
) -> Mapping[RecipientId, Curtailed]:
    """By recipient, what is taken back of its last word about a report; only those of whom anything is.

    ``said``: the last word of each, sent or about to be. ``content``: what the report says that stands today, guarded
    as it is today. ``verdicts``: today's; under one to share, only what that gives stays. Nothing is ever added.
    """
    found = {}
    for recipient, last in said.items():
        if recipient not in directory:
            continue
        kept = _kept(last, content, Reader(directory[recipient].kind, contact=""), verdicts.get(recipient))
        if len(kept) < len(last.values):
            cause = cause_of_less(last.values, kept) or Cause.NO_LONGER_LAWFUL
            is_empty = all(each.category in GOES_ALONG for each in kept)
            found[recipient] = Curtailed(cause, None if is_empty else kept)
    return found


def _kept(last: Delivery, content: Content, reader: Reader, verdict: CandidateVerdict | None) -> tuple[Value, ...]:
    """The values that would be given today too, were all that was given then asked for; stand-ins tell nothing."""
    given = _as_given(last)
    if verdict is not None and verdict.effect is Effect.SHARE:
        now = released_forms(verdict)
        still = (each for each in given.categories if _reaches(now.get((each.category, each.about)), each.form))
        given = given.model_copy(update={"categories": tuple(still), "free_text": verdict.free_text})
    found = {
        (each.category, each.about, each.value)
        for in_full in (given, given.model_copy(update={"free_text": False}))
        for each in minimise(content, in_full, reader).taken
    }
    return tuple(
        each for each in last.values if each.form is Form.TOKEN or (each.category, each.about, each.value) in found
    )


def _as_given(last: Delivery) -> CandidateVerdict:
    """What was given, as a verdict that gives just that."""
    cells = sorted({(each.category, each.about, each.form) for each in last.values if each.form is not Form.TOKEN})
    return CandidateVerdict(
        recipient=last.recipient,
        effect=Effect.SHARE,
        duty=last.duty,
        categories=tuple(CategoryForm(category=category, about=about, form=form) for category, about, form in cells),
        free_text=True,
    )


def _reaches(now: Form | None, before: Form) -> bool:
    return now is not None and now.disclosure >= before.disclosure
