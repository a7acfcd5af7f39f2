"""Events that an agency already writes in the published language: one JSON object, a list, or one per line."""

import json
from collections.abc import Iterator
from typing import Any

from adapters.kit.errors import ContentError
from adapters.kit.json_items import Item, read_items
from adapters.kit.records import GaveEvents, Mapped, NativeRecord, Quarantined, Reading
from contracts.base import Model
from contracts.envelope import TYPE_PATTERN
from contracts.errors import ContractError
from contracts.events.mash import InformationRequested, InformationReturned, ReportWithdrawn
from contracts.payload import Payload
from contracts.reading import read_payload
from contracts.words import AgencyKind

KIND = "contract_json"
_NEEDED = ("type", "native_key", "native_version", "child_ref", "payload")
_WRAPPERS = frozenset({"events"})
ANYBODY = frozenset({InformationRequested.event_type, InformationReturned.event_type, ReportWithdrawn.event_type})
"""Types that any party may send: everybody may ask, answer, and take back what it reported."""
_REMEDY = "compare the record with the schema of the event type that it names"


class ContractJson:
    """Reads ``{type, native_key, native_version, child_ref, payload}`` with ``incident`` and ``corrects`` if there.

    One object is one native record. The type must belong to the agency's kind (the setting ``agency_kind``),
    but anybody may ask for information, answer, and take back a report. What ``mash read`` writes can be read back.
    """

    kind = KIND
    agency_kind = AgencyKind.VOLUNTARY
    version = "1"

    def read(self, content: bytes, reading: Reading) -> Iterator[NativeRecord]:
        """Yield every record of ``content`` with the one thing it came to."""
        for item in read_items(content, wrappers=_WRAPPERS):
            yield _record(item, reading)


def as_json(event: Mapped) -> dict[str, Any]:
    """A mapped event as plain values, in the form that :class:`ContractJson` reads."""
    out: dict[str, Any] = {
        "type": str(getattr(event.payload, "event_type", "")),
        "native_key": event.native_key,
        "native_version": event.native_version,
        "child_ref": event.child_ref,
        "payload": event.payload.model_dump(mode="json", exclude_none=True),
    }
    if event.incident:
        out["incident"] = event.incident
    if event.corrects:
        out["corrects"] = list(event.corrects)
    if event.corrects_type:
        out["corrects_type"] = event.corrects_type
    return out


def _record(item: Item, reading: Reading) -> NativeRecord:
    position = f"item {item.place}"
    try:
        item.check()
        event = _mapped(item.value, reading)
    except ContractError as error:
        path = f"{position}, {error.path}" if error.path else position
        return NativeRecord(path, Quarantined(error.code, error.remedy or _REMEDY, item.raw), item.flags)
    said = event.payload.quality_flags if isinstance(event.payload, Payload) else ()
    return NativeRecord(position, GaveEvents((event,)), (*item.flags, *said))


def _mapped(item: Any, reading: Reading) -> Mapped:
    if not isinstance(item, dict) or not all(name in item for name in _NEEDED):
        raise _not_contract(path=", ".join(_NEEDED))
    words = [item[name] for name in _NEEDED[:-1]]
    if not all(isinstance(word, str) and word for word in words):
        raise _not_contract(path=", ".join(_NEEDED[:-1]))
    event_type, native_key, native_version, child_ref = words
    _check_type(event_type, reading)
    return Mapped(
        _payload(event_type, item["payload"]),
        native_key,
        native_version,
        child_ref,
        str(item.get("incident", "")),
        _corrects(item.get("corrects")),
        str(item.get("corrects_type", "")),
    )


def _check_type(event_type: str, reading: Reading) -> None:
    match = TYPE_PATTERN.match(event_type)
    allowed = reading.settings.get("agency_kind", "")
    if match is None or (allowed and match.group(1) != allowed and event_type not in ANYBODY):
        raise _not_contract(path="type")


def _payload(event_type: str, content: Any) -> Model:
    return read_payload(event_type, json.dumps(content, ensure_ascii=True).encode())


def _corrects(value: Any) -> tuple[str, str] | None:
    if value is None:
        return None
    if isinstance(value, list) and [type(part) for part in value] == [str, str]:
        return value[0], value[1]
    raise _not_contract(path="corrects")


def _not_contract(*, path: str) -> ContentError:
    msg = "the record does not fit the event type that it names"
    return ContentError(msg, code="content.not_contract", path=path, remedy=_REMEDY)


adapter = ContractJson()
