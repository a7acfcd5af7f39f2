"""What travels back to a source agency. An adapter that ignores replies still works."""

from contracts.base import Instant, Model
from contracts.words import ReplyKind


class Reply(Model):
    """One short answer to an agency about one of its events, or about a gap in its numbering.

    ``code`` and ``path`` say what was refused and where, never with content. ``first_missing`` and
    ``last_missing`` bound a gap in ``source``'s numbers. ``text`` is for people.
    """

    agency: str
    kind: ReplyKind
    event_id: str = ""
    source: str = ""
    sequence: int = 0
    code: str = ""
    path: str = ""
    text: str = ""
    until: Instant | None = None
    first_missing: int = 0
    last_missing: int = 0
    at: Instant
