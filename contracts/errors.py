"""What can be wrong with a message, each with a stable code and a remedy."""

from typing import ClassVar


class ContractError(Exception):
    """A message does not keep to the published language.

    ``path`` names the place (never the value), ``remedy`` says what to do.
    """

    codes: ClassVar[dict[str, str]] = {}

    def __init__(self, message: str, *, code: str, path: str = "", remedy: str = "") -> None:
        """Keep the parts apart, so that a reply can carry code and path without any content."""
        super().__init__(message)
        self.message = message
        self.code = code
        self.path = path
        self.remedy = remedy

    def __str__(self) -> str:
        """Message, place, remedy and code in one line."""
        place = f" at {self.path}" if self.path else ""
        remedy = f" {self.remedy[:1].upper()}{self.remedy[1:]}." if self.remedy else ""
        return f"{self.message}{place}.{remedy} [{self.code}]"


class EnvelopeError(ContractError):
    """The envelope's attributes are missing, malformed or do not belong together."""

    codes: ClassVar[dict[str, str]] = {
        "envelope.malformed": "An attribute of the envelope is missing, unknown or malformed.",
        "envelope.too_large": "The message is larger than the exchange reads.",
        "envelope.source_mismatch": "The signing key, the source and the channel name different agencies.",
        "envelope.corrects_erased": "An event corrects a report of a child who was erased at the exchange since.",
        "envelope.corrects_anothers": "An event says that it corrects one of another agency, or itself.",
        "envelope.clock": "The event's time lies too far in the future.",
    }


class SignatureError(ContractError):
    """The signature is absent, by an unknown key, or does not fit."""

    codes: ClassVar[dict[str, str]] = {
        "signature.missing": "The message carries no signature.",
        "signature.unknown_key": "The key that signed is not registered, or not valid at that time.",
        "signature.invalid": "The signature does not fit the attributes and the content.",
    }


class PayloadError(ContractError):
    """The content does not fit the event type's contract."""

    codes: ClassVar[dict[str, str]] = {
        "payload.not_json": "The content is not JSON, or nested too deeply.",
        "payload.invalid": "The content does not fit the contract of its event type.",
        "payload.too_many_values": "The content has more single values than the exchange reads of one event.",
        "payload.unknown_type": "The exchange does not know this event type.",
        "payload.unknown_agency": "A request asks an agency that the partnership does not have.",
    }
