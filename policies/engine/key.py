"""The key under which a verdict is remembered: all that the rules read of a question, and nothing else."""

from bisect import bisect_right
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter, itemgetter
from typing import Any, Self

from contracts.canonical import canonical
from contracts.question import Question

EXACT = (
    "operation",
    "event.type",
    "event.level.value",
    "event.level.given_by",
    "event.grade.value",
    "event.grade.given_by",
    "event.categories[].category",
    "event.categories[].about",
    "event.locating[].category",
    "event.locating[].about",
    "event.restrictions[]",
    "event.entry_kinds[]",
    "event.handling_code",
    "event.crime_indicator",
    "event.fgm_known",
    "event.sexual_offence_told",
    "event.return_due",
    "event.new_address",
    "event.claims.art6",
    "event.claims.service_agreement",
    "event.claims.dissent",
    "event.claims.more_detrimental",
    "event.claims.unsure",
    "event.claims.consent_not_sought",
    "event.encompass.both_parties_16_or_over",
    "event.encompass.party_works_at[]",
    "event.encompass.suspects_child_elsewhere",
    "event.identity_unsure",
    "request.role",
    "request.purpose",
    "request.what[]",
    "request.under",
    "actor.role",
    "actor.assigned",
    "child.is_unborn",
    "child.has_died",
    "child.open_case.value",
    "child.section_47.value",
    "child.on_plan.value",
    "child.home_educated.value",
    "child.restrictions[].restriction",
    "child.address_guarded",
    "child.processing_restricted",
    "sender.kind",
    "sender.sort",
    "sender.public_authority",
    "sender.competent_authority",
    "approvals[].ask",
    "approvals[].role",
    "approvals[].person",
    "approvals[].at",
    "approvals[].recipient",
    "approvals[].scope",
    "approvals[].granted",
    "candidates[].kind",
    "candidates[].role",
    "candidates[].purpose",
    "candidates[].relation",
    "candidates[].confidence",
    "candidates[].held_old_address",
)
"""What enters as it stands; ``[]``: of each element. The build fails when a rule reads anything else of a question."""

OTHERWISE: Mapping[str, str] = {
    "now": "which dates of the law and the agreements have passed",
    "event.occurred_at": "which dates of the law had passed",
    "event.not_before": "whether it has passed",
    "event.quality_flags[]": "whether consent was believed to be needed",
    "child.age": "unknown, before reception, four, of school age, or grown up",
    "request.by": "whether anybody asks",
    "request.grounds": "whether any are given",
    "actor.person": "whether anybody is named",
    "history[].kind": "with its row",
    "history[].agency_kind": "with its row",
    "history[].grade": "with its row",
    "history[].count": "with its row",
    "history[].week": "for which patterns it still counts; a row that counts for none is left out",
    "sender.id": "which agreements cover it and whom",
    "sender.policy_documents[].condition": "with its document",
    "sender.policy_documents[].review_due": "whether its review is due",
    "candidates[].recipient": "its agreements and its entry in the directory; by name where the question names any",
}
"""What enters by what the rules make of it. ``policies.keyed`` holds the words in which they may read it."""

RECEPTION, ALWAYS_AT_SCHOOL, GROWN_UP = 4, 5, 18
BELIEVED_NEEDED = "claims.consent_believed_needed"

_OPTIONAL = ("request", "actor")
_DATES = frozenset({"from", "to", "valid_from", "valid_to", "review_due"})

Json = dict[str, Any]


class VerdictKey:
    """Two questions with one key have one verdict, but for the names of the recipients."""

    def __init__(self, document: Json) -> None:
        """Take the rules' data document: its dates, its directory, its patterns."""
        self._law = sorted(set(_dates(document["law"])))
        self._dates = sorted({*self._law, *_dates(document["agreements"])})
        self._weeks = _weeks(document["agreements"].values())
        self._directory = _Directory(document)

    def of(self, question: Question) -> tuple[Hashable, ...]:
        """The key."""
        now = question.now
        event, request = question.event, question.request
        is_by_name = names_recipients(question)
        return (
            tuple([take(part(question).__dict__) for part, take in _parts.single]),
            tuple(
                [
                    take(found.__dict__) if (found := part(question)) is not None else None
                    for part, take in _parts.optional
                ]
            ),
            tuple([tuple([take(row.__dict__) for row in rows(question)]) for rows, take in _parts.listed]),
            bisect_right(self._dates, now),
            bisect_right(self._law, event.occurred_at),
            now < event.not_before,
            BELIEVED_NEEDED in event.quality_flags,
            bisect_right((0, RECEPTION, ALWAYS_AT_SCHOOL, GROWN_UP), question.child.age),
            request is not None and request.grounds != "",
            self._history(question),
            tuple([(each.condition, now < each.review_due) for each in question.sender.policy_documents]),
            self._directory.sender(question.sender.id),
            tuple([each.recipient for each in question.candidates])
            if is_by_name
            else self._directory.recipients(question),
        )

    def _history(self, question: Question) -> tuple[Hashable, ...]:
        """Rows that still count for some pattern; in what order they stand, no rule can tell."""
        rows = []
        for row in question.history:
            counts = tuple([question.now < until for until in self._weeks.get(row.week, ())])
            if True in counts:
                rows.append((row.kind, str(row.agency_kind), str(row.grade), row.count, counts))
        return tuple(sorted(rows))


def names_recipients(question: Question) -> bool:
    """Whether the question speaks of recipients by name elsewhere than in its list of candidates."""
    return bool(question.approvals or question.event.encompass.party_works_at)


class _Directory:
    """Which agencies and recipients the rules cannot tell apart."""

    def __init__(self, document: Json) -> None:
        self._document = document
        self._numbers: dict[bytes, int] = {}
        self._senders = {each: self._number(covers) for each, covers in document["pairs"].items()}
        self._recipients: dict[str, dict[str, int]] = {each: {} for each in self._senders}

    def sender(self, agency: str) -> int:
        return self._senders.get(agency, -1)

    def recipients(self, question: Question) -> tuple[int, ...]:
        agency = question.sender.id
        known = self._recipients.get(agency, {})
        return tuple(
            [
                known[each.recipient] if each.recipient in known else self._recipient(agency, each.recipient)
                for each in question.candidates
            ]
        )

    def _recipient(self, agency: str, recipient: str) -> int:
        """The number of all that the rules can find under this recipient's name; -1 where there is nothing."""
        listing = self._document["recipients"].get(recipient)
        if listing is None:
            return -1
        covering = self._document["pairs"].get(agency, {}).get(recipient, "")
        under = [self._entry(each, recipient, asks=agency) for each in (covering, listing) if each]
        number = self._number([covering, listing, *under])
        if agency in self._recipients:
            self._recipients[agency][recipient] = number
        return number

    def _entry(self, agreement: str, recipient: str, *, asks: str) -> list[object]:
        """The entry without the name of its agency, what the agreement says of that agency, whether it is who asks."""
        terms = self._document["agreements"][agreement]
        entry = {**terms["recipients"].get(recipient, {})}
        owner = entry.pop("agency", "")
        return [entry, terms["parties"].get(owner, {}), owner == asks]

    def _number(self, content: object) -> int:
        return self._numbers.setdefault(canonical(content), len(self._numbers))


def _dates(part: object) -> Iterator[int]:
    """Every moment that stands under the name of a date, however deep."""
    if isinstance(part, dict):
        for name, value in part.items():
            if name in _DATES and isinstance(value, int):
                yield value
            else:
                yield from _dates(value)
    elif isinstance(part, list):
        for value in part:
            yield from _dates(value)


def _weeks(agreements: Iterable[Json]) -> dict[str, tuple[int, ...]]:
    """For each week, pattern by pattern, the moment until which its events count; 0: never."""
    patterns = [pattern["counts_until"] for agreement in agreements for pattern in agreement["patterns"]]
    weeks = {week for counts_until in patterns for week in counts_until}
    return {week: tuple(counts_until.get(week, 0) for counts_until in patterns) for week in weeks}


Take = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class _Parts:
    """How to take what enters as it stands: from single objects, from those that need not be there, from lists."""

    single: Sequence[tuple[Take, Take]]
    optional: Sequence[tuple[Take, Take]]
    listed: Sequence[tuple[Take, Take]]

    @classmethod
    def of(cls, paths: Iterable[str]) -> Self:
        kinds: dict[str, dict[str, list[str]]] = {"single": {}, "optional": {}, "listed": {}}
        for path in paths:
            group, is_listed, name = path.removesuffix("[]").rpartition("[].")
            if not is_listed:
                group, _, name = name.rpartition(".")
            kind = "listed" if is_listed else "optional" if group in _OPTIONAL else "single"
            kinds[kind].setdefault(group, []).append(name)
        return cls(
            **{
                kind: [(attrgetter(group) if group else _itself, itemgetter(*names)) for group, names in groups.items()]
                for kind, groups in kinds.items()
            }
        )


def _itself(question: Question) -> Question:
    return question


_parts = _Parts.of(EXACT)
