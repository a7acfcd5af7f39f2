"""What an opened view shows besides the child: who opened it, what waits, how fresh each feed is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from broker.core.feeds import is_silent
from broker.recipient.view import ChildView
from broker.runtimes.compared import Side
from broker.services.explain import ExplainedDecision


@dataclass(frozen=True, slots=True)
class FeedHeard:
    """When one agency's feed was last heard, and what it does not cover.

    ``expected_from``: from when on it might have been heard; none before anything was.
    """

    agency: str
    name: str
    last_heard: datetime | None
    silent_after_hours: int
    does_not_cover: str
    expected_from: datetime | None = None

    def is_silent(self, now: datetime) -> bool:
        """Whether it has been silent for longer than its agreement allows."""
        since = self.last_heard or self.expected_from
        return since is not None and is_silent(since, self.silent_after_hours, now)


@dataclass(frozen=True, slots=True)
class Waiting:
    """One thing that waits for a person.

    ``child``: the child's name, as far as it was shared with whoever looks; ``report``: what it is about, in words.
    ``compare``: of a question of who a child is, whom to compare. ``grounds``: of one that a request led to, why it was
    made, in the asker's words.
    """

    task_id: str
    question_id: str
    words: str
    owner: str
    deadline: datetime
    code: str = ""
    recipient: str = ""
    event_id: str = ""
    grade: str = ""
    scope: str = ""
    recipient_name: str = ""
    child: str = ""
    report: str = ""
    compare: tuple[Side, ...] = ()
    grounds: str = ""


@dataclass(frozen=True, slots=True)
class Answered:
    """What whoever asked for information may know of what became of it.

    ``decision``: on the request itself, as they may read it; ``waiting``: reports that they are told of, of which a
    person still decides on a part, as far as they may know that.
    """

    event_id: str
    decision: ExplainedDecision
    waiting: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OpenView:
    """One opened view. ``titles``: what each type of report in it is called."""

    view: ChildView
    person: str
    role: str
    recipient: str
    recipient_name: str
    now: datetime
    feeds: tuple[FeedHeard, ...]
    waiting: tuple[Waiting, ...]
    titles: Mapping[str, str] = field(default_factory=dict)
