"""What a recipient is sent: a flat list of released values, and nothing that joins it to anyone else's."""

from typing import Annotated, Literal

from pydantic import Field

from contracts.base import Instant, Model
from contracts.canonical import canonical_fields, digest
from contracts.verdict import Basis, Obligation
from contracts.words import About, Cause, DataCategory, Duty, Form, Purpose


class Value(Model):
    """One released value. In form ``token`` the value is the stand-in text, never the original."""

    path: str
    category: DataCategory
    about: About
    form: Literal[Form.TOKEN, Form.SUMMARY, Form.GIVE]
    value: str | int | bool


class Notice(Model):
    """Something the recipient is told besides values: that another service is involved, or what is kept back."""

    kind: Literal["existence", "withheld", "how_to_ask"]
    text: str


class Delivery(Model):
    """The digested body of one delivery to one recipient.

    ``delivery_id`` is a keyed hash under the recipient's own key of event and revision; ``child`` is
    the recipient's own pseudonym of the child. It holds no time but the event's and the decision's.
    ``kind``: a share, a correction of an earlier one, or a retraction ("this was about a different child").
    ``report``: the recipient's own name for the event; of all deliveries that bear it, the highest revision is what
    stands: the second of its decision, but always more than the one before. ``revises``: the one before it.
    ``agency``: who reported; to an analyst only what kind of agency, and of ``occurred_at`` only the day.
    ``cause``: why an earlier one is corrected or retracted; of a share, why less is given than before.
    """

    delivery_id: str
    report: str = ""
    revision: Annotated[int, Field(ge=1)]
    kind: Literal["share", "correction", "retraction"] = "share"
    recipient: str
    child: str
    event_type: str
    agency: str
    incident: str = ""
    occurred_at: Instant
    decided_at: Instant
    purpose: Purpose
    duty: Duty
    basis: Basis
    agreement: str
    necessity: str = ""
    asked_again: str = ""
    revises: str = ""
    cause: Cause | None = None
    unmatched: bool = False
    obligations: tuple[Obligation, ...] = ()
    values: tuple[Value, ...] = ()
    notices: tuple[Notice, ...] = ()

    def body(self) -> bytes:
        """The exact bytes that are delivered and digested."""
        return canonical_fields(self)

    def body_digest(self) -> str:
        """SHA-256 of the body, in hexadecimal; what a receipt names."""
        return digest(self.body())


class Parcel(Model):
    """A delivery in its wrapper. Outside the digested body travels the latest checkpoint that is kept for ever."""

    recipient: str
    delivery_id: str
    body: bytes
    checkpoint: str
