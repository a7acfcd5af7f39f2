"""From the event as it travels to its envelope and typed content, and back to content bytes."""

import re
from typing import TypeVar

from pydantic import ValidationError

from contracts.base import Model
from contracts.canonical import LARGEST_CONTENT, LARGEST_MESSAGE, MOST_VALUES, canonical, not_json, read_json_object
from contracts.envelope import Envelope, SignedEvent
from contracts.errors import EnvelopeError, PayloadError
from contracts.events import payload_model
from contracts.events.mash import ReportWithdrawn
from contracts.events.police import NoticeKept
from contracts.leaves import leaves
from contracts.payload import Payload

AnyModel = TypeVar("AnyModel", bound=Model)
_PLACE_IN_A_LIST_OR_FIELD = re.compile(r"[a-z][a-z0-9_]*|[0-9]+", re.ASCII)


def read_event(event: SignedEvent) -> tuple[Envelope, Model]:
    """Read a signed event whose signature has been, or will be, verified apart.

    Values must be of the type that the published schema says; nothing is coerced.

    Raises:
        EnvelopeError: the attributes are not acceptable, or the content is too large.
        PayloadError: the type is unknown, the content is not JSON or does not fit its type, or it
            contradicts the envelope. It names the place, never a value.
    """
    check_size(len(event.data))
    envelope = Envelope.from_attributes(event.attributes)
    payload = read_payload(envelope.type, event.data)
    if isinstance(payload, Payload) and payload.times.occurred != envelope.time:
        raise _invalid(path="times.occurred", why="it is not the envelope's time")
    if isinstance(payload, NoticeKept) and payload.subject != envelope.subject:
        raise _invalid(path="subject", why="it is not the envelope's subject")
    if isinstance(payload, ReportWithdrawn):
        _check_withdrawal(envelope, payload)
    return envelope, payload


def read_payload(event_type: str, data: bytes) -> Model:
    """Read the content of an event of ``event_type``.

    Raises:
        PayloadError: the type is unknown, or the content is not JSON or does not fit.
    """
    model = payload_model(event_type)
    return read_model(model, data)


def read_model(model: type[AnyModel], data: bytes) -> AnyModel:
    """Read any published model from JSON, strictly.

    Raises:
        PayloadError: the content is not JSON or does not fit.
    """
    read_json_object(data)
    try:
        return model.model_validate_json(data, strict=True)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        if first["type"] == "json_invalid":
            why = "a text holds what is no Unicode character"
            raise not_json(why) from None
        raise _invalid(path=_path(first["type"], first["loc"]), why=_reason(first["type"], first["msg"])) from None


def write_payload(payload: Model) -> bytes:
    """Write content as it is signed: RFC 8785 JSON, what is not known left out."""
    return canonical(payload.model_dump(mode="json", exclude_none=True))


def _check_withdrawal(envelope: Envelope, payload: ReportWithdrawn) -> None:
    if payload.withdrawn != envelope.time:
        raise _invalid(path="withdrawn", why="it is not the envelope's time")
    if not envelope.corrects:
        raise _invalid(path="corrects", why="it does not say which report it withdraws")


def check_to_send(payload: Model, data: bytes) -> None:
    """Check that content is none that the exchange refuses for its size, before it gets a number.

    Raises:
        EnvelopeError: it is larger than a message leaves room for.
        PayloadError: there are more than five thousand single values in it.
    """
    check_size(len(data), LARGEST_CONTENT)
    check_values(payload, data)


def check_values(payload: Model, data: bytes) -> None:
    """Check how many single values an event's content has, so that every delivery of it can be carried.

    ``data`` is the content as it is written: where it has fewer bytes than that, nothing needs to be counted.

    Raises:
        PayloadError: there are more than five thousand.
    """
    number = len(leaves(payload)) if isinstance(payload, Payload) and len(data) > MOST_VALUES else 0
    if number > MOST_VALUES:
        msg = f"the content has {number} values and the exchange reads at most {MOST_VALUES}"
        remedy = "send one event about one child, and what is long as one text"
        raise PayloadError(msg, code="payload.too_many_values", remedy=remedy)


def check_size(size: int, most: int = LARGEST_MESSAGE) -> None:
    """Check a message's size in bytes before anything reads it.

    Raises:
        EnvelopeError: it is larger than ``most``: one million bytes unless it is a delivery.
    """
    if size > most:
        msg = f"the message has {size} bytes and the exchange reads at most {most}"
        raise EnvelopeError(
            msg, code="envelope.too_large", remedy="send one event about one child, without attachments"
        )


def _path(problem: str, place: tuple[int | str, ...]) -> str:
    """Name the place; a field that nobody knows may itself be a name, so only what holds it is named."""
    parts = [str(part) for part in (place[:-1] if problem == "extra_forbidden" else place)]
    return ".".join(part for part in parts if _PLACE_IN_A_LIST_OR_FIELD.fullmatch(part))


def _reason(problem: str, message: str) -> str:
    """Give the words of our own rules, which hold no values; of any other problem only its kind."""
    return message.removeprefix("Value error, ") if problem == "value_error" else problem


def _invalid(*, path: str, why: str) -> PayloadError:
    msg = f"the content does not fit its event type ({why})"
    return PayloadError(
        msg, code="payload.invalid", path=path, remedy="compare the content with the schema of its event type"
    )
