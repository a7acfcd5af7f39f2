"""Keeps people from being asked the same thing twice, or what needs no answer any more."""

from collections.abc import Iterable, Sequence

from broker.core.outcome import Record, RecordKind, TaskQuestion
from broker.core.records import RecordWriter
from broker.ports.journal import Journal
from contracts.words import ChildId


def not_open_yet(journal: Journal, questions: Sequence[TaskQuestion]) -> tuple[TaskQuestion, ...]:
    """Those of ``questions`` that nobody has open already: same matter, event, recipient and owner."""
    if not questions:
        return ()
    children = {each.child for each in questions}
    open_now = {_matter(each) for child in children for each in journal.open_questions(child)}
    return tuple(each for each in questions if _matter(each) not in open_now)


def closing(
    questions: Iterable[TaskQuestion], writer: RecordWriter, *, why: str, child: ChildId | None = None
) -> tuple[list[str], list[Record]]:
    """What closes ``questions`` without an answer: their ids, and a record of each that says why.

    ``child``: whose key ``writer`` writes under; none: the partnership's.
    """
    gone = {question.question_id: question.code for question in questions}
    records = [
        writer.write(
            RecordKind.TASK_OUTCOME, about=each, child=child, disclosed={}, internal={"code": code, "closed": why}
        )
        for each, code in gone.items()
    ]
    return list(gone), records


def is_pattern(question: TaskQuestion) -> bool:
    """Whether it asks about small things that add up: about the child, whichever event made them enough."""
    return question.code.startswith("pattern.")


def _matter(question: TaskQuestion) -> tuple[object, ...]:
    detail = tuple(sorted((name, str(value)) for name, value in question.detail.items())) if not question.child else ()
    return (
        question.child,
        question.code,
        question.owner,
        None if is_pattern(question) else question.event_id,
        question.recipient,
        question.scope,
        detail,
    )
