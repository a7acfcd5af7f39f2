"""What is published: every event type, and the messages around them."""

from dataclasses import dataclass
from typing import Literal

from contracts.base import Model
from contracts.delivery import Delivery, Parcel
from contracts.envelope import Envelope
from contracts.events import EVENT_TYPES
from contracts.heartbeat import Heartbeat
from contracts.question import Question
from contracts.receipt import Receipt
from contracts.reply import Reply
from contracts.verdict import Verdict

Direction = Literal["accepted", "produced"]
"""Whether the exchange reads a document that others write, or writes one that others read."""


@dataclass(frozen=True, slots=True)
class Document:
    """One published document. ``name`` ends in its version and is its schema's file name."""

    name: str
    model: type[Model]
    direction: Direction
    is_event: bool = False


EVENTS: tuple[Document, ...] = tuple(
    Document(name, model, "accepted", is_event=True) for name, model in sorted(EVENT_TYPES.items())
)
ENVELOPE = Document("envelope.v1", Envelope, "accepted")
QUESTION = Document("question.v1", Question, "produced")
VERDICT = Document("verdict.v1", Verdict, "accepted")
DELIVERY = Document("delivery.v1", Delivery, "produced")
PARCEL = Document("parcel.v1", Parcel, "produced")
HEARTBEAT = Document("heartbeat.v1", Heartbeat, "accepted")
RECEIPT = Document("receipt.v1", Receipt, "accepted")
REPLY = Document("reply.v1", Reply, "produced")
AROUND: tuple[Document, ...] = (ENVELOPE, QUESTION, VERDICT, DELIVERY, PARCEL, RECEIPT, REPLY, HEARTBEAT)
DOCUMENTS: tuple[Document, ...] = (*EVENTS, *AROUND)

PARTS = "parts.v1"
"""The file of the parts that events share."""
