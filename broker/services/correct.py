"""A report that stands in place of an earlier one: whoever was told that is told, within what it was given."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from broker.core.content import Content
from broker.core.facts import PROTECTING, KnownChild
from broker.core.minimise import Reader, minimise
from broker.core.outcome import SHARE, EventState, Outcome, StoredEvent
from broker.core.recall import Told
from broker.core.records import RecordWriter
from broker.core.sealing import Sealer
from broker.core.store_errors import KeyDestroyedError
from broker.core.triggers import triggers_of
from broker.ports.ids import Ids
from broker.ports.journal import Journal
from broker.ports.keys import Keys
from broker.ports.policy import Policy
from broker.services.curtailing import latest, subject_of
from broker.services.deciding import Asking, Deciding, Prepared
from broker.services.identity_joining import UNSURE
from broker.services.key_for import key_for
from broker.services.open_questions import closing, is_pattern
from broker.services.recalling import Recalling
from contracts.delivery import Value
from contracts.envelope import Envelope
from contracts.errors import EnvelopeError
from contracts.events.mash import ReportWithdrawn
from contracts.verdict import CandidateVerdict, CategoryForm
from contracts.words import Cause, Effect, EventId, Form, RecipientId

CORRECTED = "corrected by the agency that reported it"
WITHDRAWN = "withdrawn by the agency that reported it"
ANOTHER = "a person said that it was about a different child"


@dataclass(frozen=True, slots=True)
class Ending:
    """How an earlier report ends: by which event, why, when, and what applies instead, if anything.

    ``applies``: by report of the line that is corrected, and by recipient of it; what is not there is about a different
    child.
    """

    by: EventId
    cause: Cause
    now: datetime
    why: str
    applies: Mapping[EventId, Mapping[RecipientId, tuple[Value, ...]]] | None = None


@dataclass(frozen=True, slots=True)
class _Standing:
    """The report that stands in the end, if any does; what is known for it; and who was told it, or is about to be."""

    event: StoredEvent | None
    prepared: Prepared | None
    told: frozenset[RecipientId]


class Correcting:
    """Gives what a correction adds to the outcome of its own acceptance; the caller holds the transaction."""

    def __init__(self, journal: Journal, keys: Keys, policy: Policy, ids: Ids, deciding: Deciding) -> None:
        """Take what it reads from."""
        self._journal = journal
        self._keys = keys
        self._policy = policy
        self._ids = ids
        self._deciding = deciding
        self._recalling = Recalling(journal, keys, policy, ids)

    def check(self, envelope: Envelope) -> None:
        """Refuse what says that it corrects itself, or a report of another agency.

        Raises:
            EnvelopeError: it does (code ``envelope.corrects_anothers``), or that report was erased
                (``envelope.corrects_erased``).
        """
        if not envelope.corrects:
            return
        earlier = self._journal.event(EventId(envelope.corrects))
        if envelope.corrects == envelope.id or (earlier is not None and earlier.agency != envelope.agency):
            msg = "the event says that it corrects itself, or an event of another agency; nothing was corrected"
            remedy = "name in corrects an earlier event of your own; tell the other agency what is wrong in theirs"
            raise EnvelopeError(msg, code="envelope.corrects_anothers", path="corrects", remedy=remedy)
        if earlier is not None and earlier.state is EventState.ERASED:
            msg = "the event corrects a report of a child who was erased here since; nothing was kept of it"
            remedy = "if there is a concern now, report it anew, as an event that corrects nothing"
            raise EnvelopeError(msg, code="envelope.corrects_erased", path="corrects", remedy=remedy)

    def corrected_by(self, envelope: Envelope) -> EventId | None:
        """The report of the same agency that has come before this one and stands in its place."""
        by = self._journal.correction_of(EventId(envelope.id))
        later = self._journal.event(by) if by is not None else None
        return by if later is not None and later.agency == envelope.agency else None

    def known(self, envelope: Envelope, known: KnownChild) -> KnownChild:
        """What is known of a child once the report that this one corrects teaches nothing any more."""
        earlier = self._earlier(EventId(envelope.id), envelope.corrects)
        if earlier is None or earlier.child not in known.members:
            return known
        return replace(known, facts=tuple(self._journal.facts_without(known.child, earlier.event_id)))

    def added(self, outcome: Outcome, prepared: Prepared, *, now: datetime, why: str = CORRECTED) -> Outcome:
        """The outcome of accepting a report, with what follows where it corrects an earlier one.

        Everybody who was told the earlier one is told that it was corrected, whatever is decided today; so is whoever
        was told only what that one corrected. Who is told the correction itself needs nothing more; to all others goes
        what applies now of the parts that they were given. What has not left yet does not leave.
        """
        event = outcome.event
        earlier = self._earlier(event.event_id, event.corrects) if event is not None else None
        if event is None or earlier is None:
            return outcome
        told_anew = {each.recipient for each in outcome.deliveries if each.kind == SHARE}
        last = _Standing(event, prepared, frozenset(told_anew))
        if event.corrected_by is not None:
            last = self._last(event, now)
        applies = {
            past.event_id: self._applies(last, past)
            for past in self._line(earlier)
            if last.event is None or past.child == last.event.child
        }
        cause = Cause.CORRECTED if earlier.child == event.child else Cause.DIFFERENT_CHILD
        return self._ended(outcome, earlier, Ending(event.event_id, cause, now, why, applies))

    def _last(self, event: StoredEvent, now: datetime) -> _Standing:
        """What stands where a still later report has come before this one."""
        later = latest(event, self._journal)
        subject = None if later is None else subject_of(later, self._journal, self._keys)
        if later is None or subject is None:
            return _Standing(later, None, frozenset())
        prepared = self._deciding.prepare(subject, now=now, asking=Asking(asked_again=CORRECTED))
        return _Standing(later, prepared, frozenset(self._recalling.said(later.event_id)))

    def withdrawn(self, outcome: Outcome, *, now: datetime, why: str = WITHDRAWN) -> Outcome:
        """The outcome of accepting what withdraws a report: everybody who was told it is told to disregard it."""
        event = outcome.event
        earlier = self._earlier(event.event_id, event.corrects) if event is not None else None
        if event is None or earlier is None:
            return outcome
        return self._ended(outcome, earlier, Ending(event.event_id, Cause.WITHDRAWN, now, why))

    def of_another(self, earlier: StoredEvent, *, by: EventId, now: datetime) -> Outcome:
        """The outcome of finding that a report was about a different child, where nothing stands in its place."""
        return self._ended(Outcome(), earlier, Ending(by, Cause.DIFFERENT_CHILD, now, ANOTHER))

    def found_late(self, past: StoredEvent, recipient: RecipientId, *, now: datetime) -> Outcome:
        """The outcome of finding only now that a report that holds no more had left for one recipient.

        It is told what it would have been told when the report was corrected or withdrawn.
        """
        by = past.corrected_by or past.event_id
        last = latest(past, self._journal)
        if last is not None and last.event_type == ReportWithdrawn.event_type:
            ending = Ending(by, Cause.WITHDRAWN, now, WITHDRAWN)
        elif last is not None and last.child != past.child:
            ending = Ending(by, Cause.DIFFERENT_CHILD, now, ANOTHER)
        else:
            applies = self._applies(self._last(past, now), past)
            ending = Ending(by, Cause.CORRECTED, now, CORRECTED, {past.event_id: applies})
        return self._told_of_it(Outcome(), past, ending, only=frozenset({recipient}))

    def _ended(self, outcome: Outcome, earlier: StoredEvent, ending: Ending) -> Outcome:
        outcome = replace(outcome, corrected=(*outcome.corrected, (earlier.event_id, ending.by)))
        corrected = self._unlearned(self._asked_no_more(outcome, earlier, ending), earlier, ending)
        for past in self._line(earlier):
            corrected = self._told_of_it(corrected, past, ending)
        return corrected

    def _told_of_it(
        self, outcome: Outcome, past: StoredEvent, ending: Ending, *, only: frozenset[RecipientId] | None = None
    ) -> Outcome:
        """With the notices to whoever, or who of these, holds something of one report of the line that ends."""
        applies = None if ending.applies is None else ending.applies.get(past.event_id)
        is_parted = ending.cause is Cause.CORRECTED and applies is None
        cause = Cause.DIFFERENT_CHILD if is_parted else ending.cause
        try:
            recalled = self._recalling.outcome(
                past.event_id, cause=cause, now=ending.now, why=ending.why, recipients=only, applies=applies
            )
        except KeyDestroyedError:
            return outcome
        if recalled is None:
            return outcome
        return replace(
            outcome,
            records=(*outcome.records, *recalled.records),
            deliveries=(*outcome.deliveries, *recalled.deliveries),
            superseded=(*outcome.superseded, *recalled.superseded),
        )

    def _line(self, last: StoredEvent) -> list[StoredEvent]:
        """A report and those in whose place it stands, oldest first: who holds a correction of one holds that of all.

        Each says which it corrects, and may name any earlier one of the line.
        """
        first, seen = last, {last.event_id}
        while first.corrects is not None and first.corrects not in seen:
            seen.add(first.corrects)
            earlier = self._journal.event(first.corrects)
            if earlier is None or earlier.agency != last.agency or earlier.state is not EventState.ACCEPTED:
                break
            first = earlier
        line = {first.event_id: first}
        while first.corrected_by is not None and first.corrected_by not in line:
            later = self._journal.event(first.corrected_by)
            if later is None:
                break
            line[later.event_id] = first = later
        return [*(each for each in line.values() if each.event_id != last.event_id), last]

    def _asked_no_more(self, outcome: Outcome, earlier: StoredEvent, ending: Ending) -> Outcome:
        """What waited for a person about the earlier report alone needs no answer any more; who the child is, does."""
        if earlier.child is None:
            return outcome
        moot = [
            each
            for each in self._journal.open_questions(earlier.child)
            if each.event_id == earlier.event_id and each.code != UNSURE and not is_pattern(each)
        ]
        sealer = Sealer(key_for(self._keys, earlier.child), self._ids.random)
        writer = RecordWriter(sealer, self._keys.secret("log"), self._ids.in_order, ending.now)
        ids, records = closing(moot, writer, why=ending.why, child=earlier.child)
        return replace(outcome, closed=(*outcome.closed, *ids), records=(*outcome.records, *records))

    def _unlearned(self, outcome: Outcome, earlier: StoredEvent, ending: Ending) -> Outcome:
        """What the earlier report taught is known no longer; what was known before is again, and is asked about."""
        if earlier.child is None:
            return outcome
        known = self._journal.known_child(earlier.child)
        if known is None:
            return outcome
        instead = {(fact.kind, fact.key): fact for fact in self._journal.facts_without(known.child, earlier.event_id)}
        taught_anew = {(fact.kind, fact.key) for fact in outcome.facts if fact.child in known.members}
        changed = tuple(
            instead.get((fact.kind, fact.key), replace(fact, until=ending.now))
            for fact in known.facts
            if fact.source_event == earlier.event_id
            and fact.kind not in PROTECTING
            and (fact.kind, fact.key) not in taught_anew
        )
        return replace(
            outcome,
            unlearned=(*outcome.unlearned, (earlier.child, earlier.event_id)),
            triggers=(*outcome.triggers, *triggers_of(known.standing, known.facts, changed, now=ending.now)),
        )

    def _earlier(self, event_id: EventId, corrects: str | None) -> StoredEvent | None:
        """The report that this one corrects, or what stands in its place already."""
        earlier = self._journal.event(EventId(corrects)) if corrects else None
        while earlier is not None and earlier.corrected_by is not None:
            earlier = self._journal.event(earlier.corrected_by)
        if earlier is None or earlier.event_id == event_id or earlier.state is not EventState.ACCEPTED:
            return None
        return earlier

    def _applies(self, last: _Standing, past: StoredEvent) -> Mapping[RecipientId, tuple[Value, ...]]:
        """By recipient, what applies now of what it was given of a past report; nothing where nothing can be said."""
        try:
            told = self._recalling.told(past.event_id)
            content = None if last.prepared is None else self._deciding.content(last.prepared)
        except KeyDestroyedError:
            return {}
        if content is None:
            return {}
        directory = self._policy.directory().recipients
        return {
            recipient: within(each, content, Reader(directory[recipient].kind, contact=""))
            for recipient, each in told.items()
            if recipient not in last.told and recipient in directory
        }


def within(told: Told, content: Content, reader: Reader) -> tuple[Value, ...]:
    """What of a content lies within what was told: the same categories about the same people, in no fuller form.

    Free text goes only as its sender wrote it for this reader.
    """
    forms: dict[tuple[str, str], CategoryForm] = {}
    for value in told.delivery.values:
        if value.form is Form.TOKEN:
            continue
        cell = (value.category.value, value.about.value)
        known = forms.get(cell)
        if known is None or known.form.disclosure < value.form.disclosure:
            forms[cell] = CategoryForm(category=value.category, about=value.about, form=value.form)
    verdict = CandidateVerdict(
        recipient=told.delivery.recipient,
        effect=Effect.SHARE,
        duty=told.delivery.duty,
        categories=tuple(forms[cell] for cell in sorted(forms)),
    )
    return minimise(content, verdict, reader).values
