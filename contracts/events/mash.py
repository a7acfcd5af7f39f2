"""Events of the multi-agency safeguarding hub itself."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from contracts.base import Category, Instant, Model
from contracts.payload import Line, Meta, Payload, Text
from contracts.words import DataCategory, Grade, Purpose, RequestedUnder

Detail = Category(DataCategory.SC_NARRATIVE)


class InformationRequested(Payload):
    """One party asks another for information about a child, saying what for.

    ``under``: the statute that makes whoever is asked answer, where the asker says that it asks under one.
    """

    event_type: ClassVar[str] = "uk.mash.mash.information.requested.v1"
    asked_by: Annotated[Line, Meta]
    role: Annotated[Line, Meta]
    asked_of: Annotated[Line, Meta]
    purpose: Annotated[Purpose, Meta]
    what: Annotated[tuple[DataCategory, ...], Meta] = ()
    grounds: Annotated[Text | None, Detail] = None
    under: Annotated[RequestedUnder | None, Meta] = None


class ReportWithdrawn(Model):
    """A report that the same sender made does not hold; the envelope's ``corrects`` names it. Nothing about anybody."""

    event_type: ClassVar[str] = "uk.mash.mash.report.withdrawn.v1"
    reason: Annotated[Literal["recorded_in_error", "not_involved"], Meta]
    withdrawn: Annotated[Instant, Meta]


class InformationReturned(Payload):
    """An answer to a request."""

    event_type: ClassVar[str] = "uk.mash.mash.information.returned.v1"
    request: Annotated[Line, Meta]
    answer: Annotated[Literal["given", "nothing_held", "not_given"], Meta]


class RecordOpened(Payload):
    """A named person in a role opened the view of a child."""

    event_type: ClassVar[str] = "uk.mash.mash.record.opened.v1"
    opened_by: Annotated[Line, Meta]
    role: Annotated[Line, Meta]


class CaseRegraded(Payload):
    """A person set another grade or level, with a reason."""

    event_type: ClassVar[str] = "uk.mash.mash.case.regraded.v1"
    regrades: Annotated[Line, Meta]
    new_grade: Annotated[Grade | None, Meta] = None
    new_level: Annotated[Annotated[int, Field(ge=1, le=4)] | None, Meta] = None
    reason: Annotated[Text, Detail]


class OutcomeRecorded(Payload):
    """What came of a referral, in one word, for the agency that made it."""

    event_type: ClassVar[str] = "uk.mash.mash.outcome.recorded.v1"
    regarding: Annotated[Line, Meta]
    outcome: Annotated[
        Literal["no_further_action", "advice", "early_help", "assessment", "section_47", "open_case"], Meta
    ]
