"""The envelope: CloudEvents 1.0 context attributes, all of them signed."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Literal, Self

from pydantic import Field, ValidationError, field_validator

from contracts.base import Instant, Model
from contracts.errors import EnvelopeError
from contracts.words import AgencyId, AgencyKind

TYPE_PATTERN = re.compile(r"^uk\.mash\.([a-z_]+)\.([a-z0-9_]+)\.([a-z_]+)\.v([1-9][0-9]*)$")
SOURCE_PATTERN = re.compile(r"^([a-z0-9][a-z0-9-]{1,62})/([a-z0-9][a-z0-9._-]{0,62})/([0-9a-f]{8,32})$")
DELIVERY_TYPE = "uk.mash.delivery.v1"
KEYED_HASH_PATTERN = r"^[0-9a-f]{32,64}$"
KeyedHash = Annotated[str, Field(pattern=KEYED_HASH_PATTERN)]


class Envelope(Model):
    """The context attributes of one submitted event, without the signature.

    ``id``: keyed hash of agency, event type, native record key and version, and child reference.
    ``source``: agency / adapter instance / incarnation. ``sequence``: per source, from 1.
    ``time``: when it occurred. ``subject``: keyed hash of the agency's own id for the child.
    ``rawhash`` and ``incident``: keyed under the agency's secret, so that nobody can guess content.
    """

    specversion: Literal["1.0"] = "1.0"
    id: KeyedHash
    source: Annotated[str, Field(max_length=200)]
    type: Annotated[str, Field(max_length=120)]
    time: Instant
    subject: KeyedHash
    datacontenttype: Literal["application/json"] = "application/json"
    sequence: Annotated[int, Field(ge=1, le=2**53 - 1)]
    rawhash: KeyedHash
    incident: KeyedHash | None = None
    adapter: Annotated[str, Field(max_length=100)]
    corrects: KeyedHash | None = None
    keyid: Annotated[str, Field(max_length=100)]

    @field_validator("type")
    @classmethod
    def _is_a_mash_type(cls, value: str) -> str:
        if not TYPE_PATTERN.match(value):
            msg = "an event type reads uk.mash.<agency kind>.<noun>.<past verb>.v<n>"
            raise ValueError(msg)
        return value

    @field_validator("source")
    @classmethod
    def _names_agency_adapter_incarnation(cls, value: str) -> str:
        if not SOURCE_PATTERN.match(value):
            msg = "a source reads <agency>/<adapter>/<incarnation>"
            raise ValueError(msg)
        return value

    @property
    def agency(self) -> AgencyId:
        """The source agency."""
        return AgencyId(self.source.split("/", 1)[0])

    @property
    def incarnation(self) -> str:
        """One life of the adapter's spool; sequence numbers start anew in each."""
        return self.source.rsplit("/", 1)[1]

    @property
    def agency_kind(self) -> AgencyKind | None:
        """The kind of agency in the type, or none where the type names an unknown kind."""
        word = self.type.split(".")[2]
        return next((kind for kind in AgencyKind if kind == word), None)

    def attributes(self) -> dict[str, str]:
        """Every attribute that is set, as CloudEvents writes it: text, times in UTC with Z."""
        return {
            name: write_time(value) if isinstance(value, datetime) else str(value)
            for name, value in self.__dict__.items()
            if value is not None
        }

    @classmethod
    def from_attributes(cls, attributes: Mapping[str, str]) -> Self:
        """Read attributes back.

        Raises:
            EnvelopeError: one is missing, unknown, malformed or not in canonical form.
        """
        try:
            envelope = cls.model_validate(dict(attributes))
        except ValidationError as error:
            first = error.errors(include_input=False, include_context=False)[0]
            raise _malformed(".".join(str(part) for part in first["loc"]), first["type"]) from None
        written = envelope.attributes()
        for name in (*written, *attributes):
            if written.get(name) != attributes.get(name):
                raise _malformed(name, "missing or not in canonical form")
        return envelope


@dataclass(frozen=True, slots=True)
class SignedEvent:
    """One event as it travels: attributes, detached signature, content bytes."""

    attributes: Mapping[str, str]
    signature: str
    data: bytes


def write_time(value: datetime) -> str:
    """Write an instant as ``2026-03-08T22:50:00Z``."""
    return f"{value.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='seconds')}Z"


def _malformed(attribute: str, why: str) -> EnvelopeError:
    known = attribute if attribute in Envelope.model_fields else ""
    return EnvelopeError(
        f"the envelope attribute {known!r} is not acceptable ({why})" if known else f"an attribute is {why}",
        code="envelope.malformed",
        path=known,
        remedy="send exactly the attributes that the contract lists, in their canonical form",
    )
