"""Compare everything that is held with everything that is sealed and with what recipients hold; change nothing."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from broker.core.commitments import CommitmentError, check_opens, read_leaf
from broker.core.erasing import FORGOTTEN
from broker.core.errors import MashError
from broker.core.outcome import EventState, RecordKind
from broker.core.reconciling import Differs, Findings, Reconciled
from broker.core.records import about_record, read_openings
from broker.core.sealing import unseal
from broker.core.store_errors import KeyDestroyedError
from broker.ports.accounts import Accounts, DeliveryAccount, EventAccount, RecordAccount
from broker.ports.keys import Keys
from broker.ports.ledger import WITHOUT_RECORD, Ledger
from broker.services.key_for import key_for
from broker.services.receive_receipts import FOUND_BY_RECEIPT
from contracts.errors import ContractError
from contracts.words import Cause, ChildId, DeliveryId, Effect, EventId, ReceiptKind, RecipientId, RecordId

PAGE = 1000
PASSED_ON_WITHIN = timedelta(hours=1)
"""After its time: deadlines are swept with every turn, so that an hour is a fault and no accident."""
NEVER = datetime(1970, 1, 1, tzinfo=UTC)
_ERASURES = frozenset({Cause.ERASED, Cause.REPORT_ERASED})

Held = Mapping[RecipientId, Mapping[DeliveryId, str]]
"""By recipient: the digest of every delivery that it says it holds."""

Replaced = Mapping[RecipientId, Mapping[DeliveryId, DeliveryId]]
"""By recipient: of each delivery in whose place another of the same report stands, which that is."""


@dataclass(frozen=True, slots=True)
class OnRecord:
    """What was lost, as incidents tell. ``replaced``: given where a backup of the exchange's home was put in.

    ``lost_at``: when a recipient said that it had lost all that it held.
    """

    replaced: Replaced | None = None
    lost_at: Mapping[RecipientId, datetime] = field(default_factory=dict)


@dataclass(slots=True)
class _Sent:
    """What left for one recipient: digest by delivery, which of them it acknowledged, and notices of erasure."""

    digests: dict[DeliveryId, str] = field(default_factory=dict)
    left_at: dict[DeliveryId, datetime] = field(default_factory=dict)
    acknowledged: set[DeliveryId] = field(default_factory=set)
    erasing: set[DeliveryId] = field(default_factory=set)


def reconcile(
    accounts: Accounts, ledger: Ledger, keys: Keys, held: Held, *, now: datetime, on_record: OnRecord | None = None
) -> Reconciled:
    """Count everything and name every difference, by identifiers alone.

    What is compared: (1) every event is accepted or held, and every candidate considered has a decision; (2) every
    decision has a record, every decision to share a delivery, and a delivery is the one that its record names;
    (3) what left has a record of its release, under a checkpoint that covers its decision, and its receipts have
    theirs; (4) every held or unreadable thing and every open question has an owner and a deadline, and what waits past
    its time, a delivery, a receipt, an acknowledgement or a question, was passed on within the hour; (5) every record
    is the leaf it claims to be, and every leaf has its record; (6) each source's numbers have no gap; (7) recipients
    hold exactly what was released to them, except what is still on its way.

    What is on record as lost is counted, and is no difference. Where a backup was put in, that is what this home has
    forgotten: log entries without their record, and what a recipient holds in whose place stands what was released
    since. Where a recipient lost what it held, it is what had left for it until then.
    """
    findings, on_record = Findings(), on_record or OnRecord()
    sent: dict[RecipientId, _Sent] = {}
    matters = accounts.open_matters()
    for account in accounts.event_accounts():
        _check_event(account, matters, findings)  # (1) (4)
        _check_decisions(account, findings)  # (2)
        records = {each.record.record_id: each for each in account.records}
        for delivery in account.deliveries:
            _check_delivery(delivery, records, keys, findings)  # (2) (3)
            _note_sent(delivery, sent)
    for message in accounts.quarantined():
        findings.count("quarantined")
        if not message.owner:
            findings.differs(Differs.QUARANTINED_WITHOUT_OWNER, message=message.quarantine_id)
        if message.deadline < message.at:
            findings.differs(Differs.QUARANTINED_WITHOUT_DEADLINE, message=message.quarantine_id)
    _check_waiting(accounts, now, findings)  # (4)
    _check_ledger(accounts, ledger, findings, is_restored=on_record.replaced is not None)  # (5)
    for source, first, last in accounts.sequence_gaps():  # (6)
        findings.differs(Differs.NUMBERS_MISSING, source=source, first=first, last=last)
    _check_recipients(sent, held, on_record, findings)  # (7)
    return findings.whole()


def _check_waiting(accounts: Accounts, now: datetime, findings: Findings) -> None:
    for task in accounts.tasks():
        for question in task.questions:
            findings.count("questions_open")
            if not question.owner:
                findings.differs(Differs.QUESTION_WITHOUT_OWNER, question=question.question_id, code=question.code)
            if question.deadline <= NEVER:
                findings.differs(Differs.QUESTION_WITHOUT_DEADLINE, question=question.question_id, code=question.code)
    for overdue in accounts.overdue(now - PASSED_ON_WITHIN, PAGE):
        findings.differs(Differs.NOT_CHASED, waiting=overdue.kind.value, id=overdue.about)


def _check_event(account: EventAccount, matters: frozenset[tuple[str, EventId | None]], findings: Findings) -> None:
    match account.state:
        case None:
            findings.differs(Differs.EVENT_UNKNOWN, event=account.event_id)
        case EventState.ACCEPTED:
            findings.count("events_accepted")
            for recipient in sorted(set(account.considered) - {each.recipient for each in account.decisions}):
                findings.differs(Differs.EVENT_UNDECIDED, event=account.event_id, recipient=recipient)
        case EventState.HELD:
            findings.count("events_held")
            if account.held_until is None:
                findings.differs(Differs.HELD_WITHOUT_DEADLINE, event=account.event_id)
            owned = any(event == account.event_id for _, event in matters)
            if not owned and (account.held_reason, None) not in matters:
                findings.differs(Differs.HELD_WITHOUT_OWNER, event=account.event_id)
        case EventState.QUARANTINED | EventState.ERASED:
            findings.count(f"events_{account.state}")


def _check_decisions(account: EventAccount, findings: Findings) -> None:
    recorded = {each.record.about for each in account.records if each.record.kind is RecordKind.DECISION}
    delivered = Counter(each.decision_id for each in account.deliveries if not each.is_notice)
    for decision in account.decisions:
        findings.count("decisions")
        findings.count(f"decisions_to_{decision.effect}")
        if decision.decision_id not in recorded:
            findings.differs(Differs.DECISION_WITHOUT_RECORD, event=account.event_id, decision=decision.decision_id)
        if decision.effect is Effect.SHARE and not delivered[decision.decision_id]:
            findings.differs(Differs.SHARE_WITHOUT_DELIVERY, event=account.event_id, decision=decision.decision_id)
        if delivered[decision.decision_id] > 1:
            findings.differs(Differs.DELIVERY_TWICE, event=account.event_id, decision=decision.decision_id)
    _check_decided(account, recorded, findings)


def _check_decided(account: EventAccount, recorded: set[str], findings: Findings) -> None:
    for about in sorted(recorded - {each.decision_id for each in account.decisions}):
        findings.differs(Differs.RECORD_WITHOUT_DECISION, event=account.event_id, decision=about)
    shares = {each.decision_id: each.recipient for each in account.decisions if each.effect is Effect.SHARE}
    for delivery in account.deliveries:
        if shares.get(delivery.decision_id) != delivery.recipient:
            findings.differs(Differs.DELIVERY_WITHOUT_DECISION, delivery=delivery.delivery_id)
        if delivery.is_notice:
            findings.count("notices")
            if not any(_has_left_before(each, delivery) for each in account.deliveries):
                findings.differs(Differs.NOTICE_OF_NOTHING, delivery=delivery.delivery_id)


def _has_left_before(earlier: DeliveryAccount, notice: DeliveryAccount) -> bool:
    is_theirs = earlier.recipient == notice.recipient
    return is_theirs and earlier.revision < notice.revision and earlier.released_at is not None


def _check_delivery(
    delivery: DeliveryAccount, records: Mapping[RecordId, RecordAccount], keys: Keys, findings: Findings
) -> None:
    decided = records.get(delivery.record_id)
    _check_named(delivery, decided, keys, findings)
    if delivery.superseded_by is not None:
        findings.count("deliveries_superseded" if delivery.released_at is None else "deliveries_left_after_all")
        if not _tells_of(records.get(delivery.superseded_by), delivery):
            findings.differs(Differs.SUPERSEDED_WITHOUT_RECORD, delivery=delivery.delivery_id)
    if delivery.released_at is not None:
        findings.count("deliveries_released")
        _check_release(delivery, decided, records, findings)
    elif delivery.superseded_by is None:
        findings.count("deliveries_waiting")
    for kind, (digest, record_id) in delivery.receipts.items():
        findings.count(f"receipts_{kind}")
        if not _tells_of(records.get(record_id), delivery, RecordKind.RECEIPT):
            findings.differs(Differs.RECEIPT_WITHOUT_RECORD, delivery=delivery.delivery_id, kind=kind)
        if digest != delivery.digest:
            findings.differs(Differs.RECEIPT_FOR_OTHER_CONTENT, delivery=delivery.delivery_id, kind=kind)


def _check_release(
    delivery: DeliveryAccount,
    decided: RecordAccount | None,
    records: Mapping[RecordId, RecordAccount],
    findings: Findings,
) -> None:
    record = records.get(delivery.release_record) if delivery.release_record is not None else None
    if not _tells_of(record, delivery, RecordKind.RELEASE):
        findings.differs(Differs.RELEASE_WITHOUT_RECORD, delivery=delivery.delivery_id)
    if delivery.checkpoint_size == FOUND_BY_RECEIPT:
        findings.count("deliveries_found_by_receipt")
        return
    place = decided.leaf_index if decided is not None else None
    if place is None or delivery.checkpoint_size is None or place >= delivery.checkpoint_size:
        findings.differs(Differs.RELEASE_BEFORE_SEALED, delivery=delivery.delivery_id)


def _check_named(delivery: DeliveryAccount, decided: RecordAccount | None, keys: Keys, findings: Findings) -> None:
    """Open the record of the decision or notice: it names the delivery, its digest and its recipient."""
    about = delivery.delivery_id if delivery.is_notice else delivery.decision_id
    if decided is None or decided.record.about != about or decided.record.child is None:
        findings.differs(Differs.DELIVERY_NOT_IN_RECORD, delivery=delivery.delivery_id)
        return
    record = decided.record
    try:
        key = key_for(keys, decided.record.child)
        shown, _ = read_openings(unseal(key, record.sealed, about=about_record(record.record_id)))
        check_opens(read_leaf(record.leaf).disclosed, shown)
    except (CommitmentError, MashError, ContractError, KeyError):
        if _is_destroyed(keys, decided.record.child):
            findings.count("records_of_erased_children")
        else:
            findings.differs(Differs.RECORD_UNREADABLE, record=record.record_id)
        return
    named = (shown.content.get("delivery"), shown.content.get("digest"), shown.content.get("recipient"))
    if named != (delivery.delivery_id, delivery.digest, delivery.recipient):
        findings.differs(Differs.DELIVERY_NOT_IN_RECORD, delivery=delivery.delivery_id)


def _is_destroyed(keys: Keys, child: ChildId) -> bool:
    try:
        keys.child_key(child)
    except KeyDestroyedError:
        return True
    return False


def _tells_of(found: RecordAccount | None, delivery: DeliveryAccount, kind: RecordKind | None = None) -> bool:
    if found is None or found.record.about != delivery.delivery_id:
        return False
    return kind is None or found.record.kind is kind


def _check_ledger(accounts: Accounts, ledger: Ledger, findings: Findings, *, is_restored: bool) -> None:
    size = ledger.head().size
    findings.count("log_entries", size)
    findings.count("records_not_yet_sealed", accounts.records_pending())
    for start in range(0, size, PAGE):
        end = min(start + PAGE, size)
        leaves = {leaf.index: (leaf.record_id, leaf.leaf) for leaf in ledger.leaves(start, end)}
        claimed = {index: (record_id, leaf) for index, record_id, leaf in accounts.placed_records(start, end)}
        for index in range(start, end):
            leaf = leaves.get(index)
            if index in claimed or leaf is None:
                _compare(index, leaf, claimed.get(index), findings)
            elif is_restored and leaf[0] == WITHOUT_RECORD:
                findings.count("log_entries_lost_before_a_restore")
            elif _is_unmarked(accounts, *leaf):
                findings.count("records_sealed_but_not_marked")
            else:
                _compare(index, leaf, None, findings)
    for index, record_id, _ in accounts.placed_records(size, 2**62):
        findings.differs(Differs.RECORD_NOT_IN_LEDGER, record=record_id, entry=index)


def _is_unmarked(accounts: Accounts, record_id: RecordId, leaf: bytes) -> bool:
    """Whether the exchange stopped between adding the leaf and noting it; the next turn notes it."""
    found = accounts.record(record_id)
    return found is not None and found[1] is None and found[0].leaf == leaf


def _compare(
    index: int, leaf: tuple[RecordId, bytes] | None, claimed: tuple[RecordId, bytes] | None, findings: Findings
) -> None:
    if claimed is None:
        record = "" if leaf is None else leaf[0]
        findings.differs(Differs.LEDGER_WITHOUT_RECORD, entry=index, record=record)
    elif leaf is None:
        findings.differs(Differs.RECORD_NOT_IN_LEDGER, record=claimed[0], entry=index)
    elif leaf != claimed:
        findings.differs(Differs.RECORD_CHANGED, record=claimed[0], entry=index)


def _note_sent(delivery: DeliveryAccount, sent: dict[RecipientId, _Sent]) -> None:
    theirs = sent.setdefault(delivery.recipient, _Sent())
    if delivery.cause in _ERASURES:
        theirs.erasing.add(delivery.delivery_id)
    if delivery.released_at is None:
        return
    theirs.digests[delivery.delivery_id] = delivery.digest
    theirs.left_at[delivery.delivery_id] = delivery.released_at
    if ReceiptKind.DELIVERED in delivery.receipts or ReceiptKind.OPENED in delivery.receipts:
        theirs.acknowledged.add(delivery.delivery_id)


def _check_recipients(sent: Mapping[RecipientId, _Sent], held: Held, on_record: OnRecord, findings: Findings) -> None:
    for recipient in sorted({*sent, *held}):
        theirs = sent.get(recipient, _Sent())
        if recipient not in held:
            findings.differs(Differs.RECIPIENT_UNKNOWN, recipient=recipient, deliveries=len(theirs.digests))
            continue
        replaced = (on_record.replaced or {}).get(recipient, {})
        forgotten = {each for each, by in replaced.items() if by in theirs.digests}
        _set_aside_what_was_lost(theirs, held[recipient], on_record.lost_at.get(recipient), findings)
        _check_recipient(recipient, theirs, held[recipient], forgotten, findings)


def _set_aside_what_was_lost(
    theirs: _Sent, holds: Mapping[DeliveryId, str], lost_at: datetime | None, findings: Findings
) -> None:
    lost = {
        each
        for each, left_at in theirs.left_at.items()
        if lost_at is not None and left_at <= lost_at and each not in holds
    }
    if lost:
        findings.count("deliveries_lost_by_their_recipient", len(lost))
        theirs.digests = {each: digest for each, digest in theirs.digests.items() if each not in lost}


def _check_recipient(
    recipient: RecipientId,
    theirs: _Sent,
    holds: Mapping[DeliveryId, str],
    forgotten: Collection[DeliveryId],
    findings: Findings,
) -> None:
    findings.count(f"held_by_{recipient}", len(holds))
    for delivery, digest in theirs.digests.items():
        if delivery not in holds:
            if delivery in theirs.acknowledged:
                findings.differs(Differs.RECIPIENT_LACKS, recipient=recipient, delivery=delivery)
            else:
                findings.count("deliveries_on_the_way")
        elif holds[delivery] != digest and not _is_forgetting(theirs, holds, holds[delivery], digest, findings):
            findings.differs(Differs.RECIPIENT_HOLDS_OTHER, recipient=recipient, delivery=delivery)
    for delivery in holds:
        if delivery in forgotten and delivery not in theirs.digests:
            findings.count("deliveries_of_before_a_restore")
        elif delivery not in theirs.digests:
            findings.differs(Differs.RECIPIENT_HOLDS_MORE, recipient=recipient, delivery=delivery)


def _is_forgetting(theirs: _Sent, holds: Mapping[DeliveryId, str], held: str, digest: str, findings: Findings) -> bool:
    """Whether one side has forgotten what was delivered and the other was told to, or will be."""
    if held == FORGOTTEN and theirs.erasing & holds.keys():
        findings.count("deliveries_forgotten")
        return True
    if digest == FORGOTTEN and theirs.erasing - holds.keys():
        findings.count("deliveries_to_be_forgotten")
        return True
    return False
