"""What the reference fixtures come to, as reviewed JSON: counts, coded key facts and digests, never their content.

Run ``python -m tests.support.native_snapshots`` to write them anew; read the difference before committing it.
"""

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from adapters.health.hl7_adt import adapter as hl7_adt
from adapters.kit.draft import said
from adapters.kit.records import Adapter
from adapters.kit.run import FileReading, read_file
from adapters.local_authority.cin import adapter as cin
from adapters.schools.roll import adapter as roll
from contracts.canonical import digest
from tests.support.native_results import a_reading
from tests.support.shared_material import shared_files
from tests.support.tree import TOP

SNAPSHOTS = TOP / "tests" / "snapshots"
KEY_FIELDS = (
    "changed",
    "referral_source",
    "primary_need",
    "no_further_action",
    "category_of_abuse",
    "previous_plans",
    "is_injury",
    "left_before_seen",
    "discharged",
)
"""Coded facts that tell nobody's name, number, birth or place."""

MOST_LISTED = 20
FIXTURES: dict[str, tuple[Adapter, str, str]] = {
    "health_hl7": (hl7_adt, "fixtures/health", "*.hl7"),
    "local_authority_cin": (cin, "fixtures/local_authority", "*.xml"),
    "schools_roll": (roll, "fixtures/schools", "*.csv"),
}
"""Snapshot name: the adapter, and where its fixtures lie."""


def taken(name: str) -> dict[str, Any]:
    """Read every fixture of one format, each as if it were the first, and say what it came to."""
    adapter, folder, pattern = FIXTURES[name]
    return {place.name: _file(adapter, place) for place in shared_files(folder, pattern)}


def kept(name: str) -> dict[str, Any]:
    """The reviewed snapshot."""
    found: dict[str, Any] = json.loads(_place(name).read_text(encoding="utf-8"))
    return found


def _file(adapter: Adapter, place: Path) -> dict[str, Any]:
    read = read_file(adapter, place.read_bytes(), a_reading())
    events = [_event(event.payload) for event in read.events]
    if len(events) > MOST_LISTED:
        return {"summary": read.summary.as_json(), "events": _counted(events), "digest": _whole(read)}
    return {"summary": read.summary.as_json(), "events": events}


def _event(payload: Any) -> dict[str, Any]:
    content = payload.model_dump(mode="json")
    return {
        "type": payload.event_type,
        "year": content["times"]["occurred"][:4],
        "identifier_checks": [f"{one['kind']} {one['check']}" for one in content["child"]["identifiers"]],
        "people": [person["role"] for person in content["people"]],
        "quality_flags": content["quality_flags"],
        **{field: content[field] for field in KEY_FIELDS if content.get(field) not in (None, [])},
        "digest": digest(said(payload))[:16],
    }


def _counted(events: Iterable[dict[str, Any]]) -> dict[str, dict[str, int]]:
    fields = ("type", "referral_source", "primary_need", "no_further_action", "quality_flags")
    counts: dict[str, Counter[str]] = {field: Counter() for field in fields}
    for event in events:
        for field in fields:
            counts[field][json.dumps(event.get(field))] += 1
    return {field: dict(sorted(found.items())) for field, found in counts.items()}


def _whole(read: FileReading) -> str:
    return digest(b"\n".join(said(event.payload) for event in read.events))[:16]


def _place(name: str) -> Path:
    return SNAPSHOTS / f"{name}.json"


if __name__ == "__main__":
    SNAPSHOTS.mkdir(exist_ok=True)
    for snapshot in FIXTURES:
        _place(snapshot).write_text(json.dumps(taken(snapshot), indent=2, sort_keys=True) + "\n", encoding="utf-8")
