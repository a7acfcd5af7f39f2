"""Turning agreements, law and catalogue into the data that rules read: dates as UTC seconds, words as keys."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from fnmatch import fnmatchcase
from typing import Any, get_args

from policies.engine.agreement import Agreement
from policies.engine.explanations import RuleTexts
from policies.engine.files import PolicyFiles
from policies.engine.law import Article, Condition, Gateway, Identifier, Law, LawRow, Part3Exit
from policies.engine.terms import Column, MatrixRow, Pattern
from policies.engine.times import start_of, start_or_never

COLUMNS = get_args(Column)

LARGEST_COUNT = 50
"""More events of one kind in one week than this count as this many."""

FIRST_MONDAY = date(2025, 1, 6)
WEEKS = 520
"""Ten years of weeks, so that a window of weeks is looked up and never computed."""

Json = dict[str, Any]


def data_document(files: PolicyFiles, texts: RuleTexts) -> Json:
    """The whole document, ready for the engine; the same files always give the same document."""
    event_types = [event.type for event in files.catalogue.events]
    newest_last = sorted(files.agreements, key=lambda agreement: (agreement.valid_to, agreement.id))
    return {
        "agreements": {a.id: _agreement(a, event_types) for a in newest_last},
        "pairs": _pairs(newest_last),
        "recipients": {recipient.id: a.id for a in newest_last for recipient in a.recipients},
        "catalogue": {
            e.type: {
                "gated": e.gated,
                "domestic_abuse": e.domestic_abuse,
                "relocates": e.relocates,
                "is_move": e.is_move,
                "is_news": e.is_news,
                "goes_to_those_told": e.goes_to_those_told,
            }
            for e in files.catalogue.events
        },
        "law": _law(files.law),
        "numbers": list(range(1, LARGEST_COUNT + 1)),
        "codes": _codes(texts),
    }


def _pairs(agreements: Iterable[Agreement]) -> Json:
    pairs: dict[str, dict[str, str]] = {}
    for agreement in agreements:
        for party in agreement.parties:
            covered = pairs.setdefault(party.id, {})
            covered.update({recipient.id: agreement.id for recipient in agreement.recipients})
    return pairs


def _agreement(agreement: Agreement, event_types: list[str]) -> Json:
    return {
        "id": agreement.id,
        "version": agreement.version,
        "state": agreement.state,
        "valid_from": start_of(agreement.valid_from),
        "review_due": start_of(agreement.review_due),
        "valid_to": start_of(agreement.valid_to),
        "switches": dict(agreement.switches),
        "open_cases_bypass_triage": agreement.open_cases_bypass_triage,
        "parties": {p.id: {"capacity": p.capacity} for p in agreement.parties},
        "recipients": {
            r.id: {"agency": r.agency, "kind": r.kind, "column": r.column, "roles": _keys(r.roles)}
            for r in agreement.recipients
        },
        "patterns": [_pattern(pattern) for pattern in agreement.patterns],
        "columns": _keys(COLUMNS),
        "matrix": {column: _column(agreement, column) for column in COLUMNS},
        "free_text": _keys(agreement.free_text),
        "clocks": {grade: {"hours": clock.hours} for grade, clock in agreement.clocks.items()},
        "approvals": {code: _keys(roles) for code, roles in agreement.approvals.items()},
        "purposes": {
            terms.purpose: {
                "consent_not_sought": terms.consent_not_sought,
                "necessity": _necessity(
                    ((n.events, n.recipients) for n in terms.necessity),
                    event_types,
                ),
            }
            for terms in agreement.purposes
        },
    }


def _pattern(pattern: Pattern) -> Json:
    """A pattern with, for each ISO week, until when an event of that week still counts."""
    window = timedelta(weeks=pattern.weeks + 1)
    return {
        "code": pattern.code,
        "counts": [count.model_dump(mode="json") for count in pattern.counts],
        "counts_until": {
            f"{monday.isocalendar().year}-W{monday.isocalendar().week:02d}": start_of(monday + window)
            for monday in _mondays()
        },
    }


def _mondays() -> Iterable[date]:
    return (FIRST_MONDAY + timedelta(weeks=number) for number in range(WEEKS))


def _column(agreement: Agreement, column: str) -> Json:
    rows: dict[str, dict[str, Json]] = {}
    for row in agreement.matrix:
        for about in row.about:
            rows.setdefault(row.category, {})[about] = _cell(agreement, row, column)
    return rows


def _cell(agreement: Agreement, row: MatrixRow, column: str) -> Json:
    written: str = getattr(row, column)
    if not written.startswith("ask "):
        return {"form": written, "code": "", "then": ""}
    question = agreement.questions[written.removeprefix("ask ")]
    return {"form": "ask", "code": question.code, "then": question.then}


def _necessity(
    rows: Iterable[tuple[tuple[str, ...], Mapping[Any, str]]], event_types: list[str]
) -> dict[str, dict[str, str]]:
    sentences: dict[str, dict[str, str]] = {}
    for families, recipients in rows:
        for event_type in event_types:
            if any(fnmatchcase(family(event_type), each) for each in families):
                kinds = sentences.setdefault(event_type, {})
                for kind, sentence in recipients.items():
                    kinds.setdefault(str(kind), sentence)
    return sentences


def family(event_type: str) -> str:
    """The family of an event type, as purposes name it: without ``uk.mash.`` and version."""
    return event_type.removeprefix("uk.mash.").rpartition(".")[0]


def _law(law: Law) -> Json:
    return {
        "article6": [_article6(row) for row in law.articles if row.article == "6"],
        "article9": [_article9(row) for row in law.articles if row.article == "9"],
        "conditions": {row.id: _condition(row) for row in law.conditions},
        "special": _keys(law.special_categories),
        "offence": _keys(law.offence_categories),
        "confidential": _keys(law.confidential_categories),
        "official": _keys(law.official_authority),
        "part3_exits": [_part3_exit(row) for row in sorted(law.part3_exits, key=lambda row: row.rank)],
        "gateways": _gateways(law.gateways),
        "identifiers": [_identifier(row) for row in law.identifiers],
        "bars": [
            {**_dates(row), "code": row.code, "restriction": row.restriction, "lasts": row.lasts} for row in law.bars
        ],
    }


def _gateways(rows: Iterable[Gateway]) -> Json:
    index: dict[str, dict[str, dict[str, list[Json]]]] = {}
    for row in sorted(rows, key=lambda row: (row.rank, row.id)):
        found = {
            **_dates(row),
            "id": row.id,
            "effect": row.effect,
            "switch": row.switch,
            "sorts": _keys(row.sorts),
            "triggers": list(row.triggers),
            "at_any_level": row.at_any_level,
            "without_agreement": row.without_agreement,
        }
        for sender in row.senders:
            for recipient in row.recipients:
                for purpose in row.purposes:
                    by_recipient = index.setdefault(str(sender), {}).setdefault(str(recipient), {})
                    by_recipient.setdefault(str(purpose), []).append(found)
    return index


def _dates(row: LawRow) -> Json:
    return {"from": start_of(row.in_force_from), "to": start_or_never(row.in_force_to), "judged_at": row.judged_at}


def _article6(row: Article) -> Json:
    return {**_dates(row), "id": row.id, "controllers": _keys(row.may_use.controllers), "needs": row.may_use.needs}


def _article9(row: Article) -> Json:
    use = row.may_use
    return {**_dates(row), "id": row.id, "senders": _keys(use.senders), "recipients": _keys(use.recipients)}


def _condition(row: Condition) -> Json:
    return {**_dates(row), "policy_document": row.policy_document, "consent_reason": row.consent_reason}


def _identifier(row: Identifier) -> Json:
    senders, recipients = _keys(row.senders), _keys(row.recipients)
    return {**_dates(row), "id": row.id, "switch": row.switch, "senders": senders, "recipients": recipients}


def _part3_exit(row: Part3Exit) -> Json:
    senders, purposes = _keys(row.senders), _keys(row.purposes)
    return {**_dates(row), "id": row.id, "duty": row.duty, "senders": senders, "purposes": purposes}


def _codes(texts: RuleTexts) -> Json:
    return {
        "forbids": {text.code: True for text in texts.codes if text.forbids},
        "would_allow": {text.code: True for text in texts.codes if text.would_allow},
        "visibility": {text.code: dict(text.visibility) for text in texts.codes if text.visibility},
    }


def _keys(words: Iterable[str]) -> dict[str, bool]:
    return {str(word): True for word in words}
