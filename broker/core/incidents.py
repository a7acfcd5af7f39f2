"""One incident for one common cause, however much waits because of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from broker.core.partnership import OnCover
from contracts.words import RecordId

ENGINE_DOWN: Final = "policy.no_verdict"
UNKNOWN_TYPE: Final = "contract.unknown_type"
FEED_SILENT: Final = "feed.silent"
AGREEMENT_LAPSED: Final = "paper.agreement_lapsed"
DOCUMENT_LAPSED: Final = "paper.document_lapsed"
PAPERS_LAPSE_SOON: Final = "paper.lapses_soon"
"""Of all papers that lapse on one day: one incident for each of the moments at which their owners are warned."""
RESTORING: Final = "restore.incomplete"
VIEW_LOST: Final = "recipient.view_lost"
"""Of a recipient: from when on it held nothing of what it was told before."""
HELD_BACK_FOR: Final = timedelta(minutes=5)
"""For so long after a backup was put in, and after the process that listens was started, no share leaves: feeds say
every half minute that they live, and send again at once what was lost, so that what protects a child is known first."""
WATCHED: Final = frozenset({FEED_SILENT, AGREEMENT_LAPSED, DOCUMENT_LAPSED, PAPERS_LAPSE_SOON, RESTORING})
"""Causes that begin and end by themselves."""
HOLDS_NOTHING: Final = WATCHED | {VIEW_LOST}
"""All others are over when nothing is held because of them any more."""

WORDS: Final[Mapping[str, str]] = {
    ENGINE_DOWN: "The policy engine gives no verdict: reports are held, nothing of them leaves",
    UNKNOWN_TYPE: "Reports of a type that the exchange does not know are held",
    FEED_SILENT: "A feed is silent for longer than its agreement allows: ring the agency, ask what is waiting there",
    AGREEMENT_LAPSED: "Reports come under an agreement that is not in force: have the partners review and sign it",
    PAPERS_LAPSE_SOON: "Papers lapse soon, and what rests on them then waits: have their owners review and sign them",
    RESTORING: "A backup was put in: no share leaves for five minutes, until agencies have sent again what was lost",
    VIEW_LOST: "A recipient lost what it held, and is sent anew what it may hold: tell its data protection officer",
    DOCUMENT_LAPSED: "An agency reports on a policy document past its review: ask its data protection officer",
}
"""What people are told of each cause; in `mash doctor` too."""


@dataclass(frozen=True, slots=True)
class Incident:
    """That something goes wrong for one cause, open until that is over. One at most is open of a cause and subject.

    ``subject``: whom or what it is about (an agency, an event type), if not everything. ``question_id``: what the
    person who sees to it was asked. ``record_id``: the record that tells of it.
    """

    incident_id: str
    cause: str
    subject: str
    question_id: str
    record_id: RecordId
    opened_at: datetime
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class IncidentEnded:
    """That the cause of an incident is over, and the record that tells so."""

    incident_id: str
    record_id: RecordId
    at: datetime


def who_sees_to_it(may: tuple[str, ...], cover: OnCover | None, *, otherwise: str) -> str:
    """The role that is asked: of those who may, the one on duty, else a deputy of the team on duty; never nobody."""
    if cover is None:
        return next(iter(may), otherwise)
    on_duty = (cover.role, *cover.deputies)
    return next((role for role in on_duty if role in may), cover.role)
