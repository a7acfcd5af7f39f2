"""Checks that a message comes from the agency it names, unchanged, on that agency's own channel."""

from datetime import datetime, timedelta

from broker.ports.agency_keys import AgencyKeys
from broker.ports.transport import Submitted
from contracts.base import Model
from contracts.envelope import Envelope
from contracts.errors import EnvelopeError, SignatureError
from contracts.payload import Payload
from contracts.reading import check_size, read_event
from contracts.signing import verify_event

CLOCK_TOLERANCE = timedelta(minutes=5)
CLOCK = "envelope.clock"
"""The code of a message that is authentic but lies in the future."""


def authenticate(submitted: Submitted, keys: AgencyKeys, *, now: datetime) -> Envelope:
    """Give the envelope of a message that may be trusted.

    Checked in order:

    1. it is no larger than the exchange reads;
    2. its attributes are exactly those of the contract, in canonical form;
    3. the key that it names is registered and valid now;
    4. the key's owner, the source agency and the channel are one and the same;
    5. the signature covers these attributes and this content;
    6. it did not occur in the future, but for five minutes of clocks that differ.

    Raises:
        EnvelopeError: 1, 2, 4 or 6 does not hold.
        SignatureError: 3 or 5 does not hold.
    """
    event = submitted.event
    check_size(len(event.data))  # 1
    envelope = Envelope.from_attributes(event.attributes)  # 2
    entry = keys.key(envelope.keyid)
    if entry is None or not entry.is_valid_at(now):  # 3
        msg = "the signing key is not registered, or not valid now"
        raise SignatureError(
            msg, code="signature.unknown_key", path="keyid", remedy="register the agency's current key"
        )
    if not entry.owner == envelope.agency == submitted.channel:  # 4
        msg = "the signing key, the source and the channel name different agencies"
        raise EnvelopeError(
            msg, code="envelope.source_mismatch", path="source", remedy="send on the agency's own channel, with its key"
        )
    verify_event(event, entry.key)  # 5
    if envelope.time > now + CLOCK_TOLERANCE:  # 6
        raise _future(path="time")
    return envelope


def read_content(submitted: Submitted, *, now: datetime) -> Model:
    """Read the content of an authentic message.

    Raises:
        PayloadError: the type is not known, or the content does not fit it.
        EnvelopeError: it was observed in the future.
    """
    _, payload = read_event(submitted.event)
    if isinstance(payload, Payload):
        observed = payload.times.observed
        if observed is not None and observed > now + CLOCK_TOLERANCE:
            raise _future(path="times.observed")
    return payload


def _future(*, path: str) -> EnvelopeError:
    msg = "the event lies in the future"
    return EnvelopeError(msg, code=CLOCK, path=path, remedy="set the sending system's clock")
