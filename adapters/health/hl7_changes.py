"""Changes of a person as events: demographics, practice, merge, death and its withdrawal."""

import hashlib
import json
from collections.abc import Iterator
from datetime import date
from typing import Literal

from adapters.health.hl7_codes import YES
from adapters.health.hl7_message import Segment
from adapters.health.hl7_patient import Patient, numbers
from adapters.health.hl7_visit import told_at
from adapters.kit.dates import local_day, read_date
from adapters.kit.flags import Flags
from adapters.kit.records import Mapped, Snapshot
from adapters.kit.text import line
from adapters.kit.versions import content_digest
from contracts.canonical import canonical
from contracts.events.health import DeathNotified, DeathRetracted, DemographicsChanged, GpRegistrationChanged
from contracts.payload import Times
from contracts.words import IdentifierKind

_DIGITS = 16
Part = Literal["name", "address", "nhs_number", "birth_date", "other"]
_PARTS: tuple[Part, ...] = ("name", "address", "nhs_number", "birth_date")


def demographics(
    patient: Patient, times: Times, *, tells_anew: bool, snapshot: Snapshot, flags: Flags
) -> Iterator[Mapped]:
    """What changed in name, address, NHS number or birth date since the feed last told of this person.

    ``tells_anew``: the message says that something changed. Of someone never seen before, that cannot be
    compared: the address is treated as new, and flagged. Without it, the first sight is only remembered.
    """
    key = f"person/{patient.ref}"
    now = _fingerprints(patient)
    kept = snapshot.last(key)
    state = json.loads(kept) if kept else None
    at = told_at(times).isoformat()
    if state is not None and at < state["at"]:
        return
    if state is not None and state["parts"] == now:
        return
    generation = state["generation"] + 1 if state else 0
    snapshot.propose(key, json.dumps({"parts": now, "at": at, "generation": generation}, sort_keys=True))
    if state is None and not tells_anew:
        return
    changed = _changed(patient, state["parts"] if state else None, now, flags)
    is_new = "address" in changed and patient.address is not None
    address = patient.address.model_copy(update={"is_new": True}) if is_new and patient.address else patient.address
    payload = DemographicsChanged(
        child=patient.child,
        times=times,
        people=patient.people,
        address=address,
        restrictions=patient.restrictions,
        changed=changed,
        quality_flags=flags.all(),
    )
    version = f"{content_digest(payload)}.{generation}"
    yield Mapped(payload, f"person:{patient.ref}", version, patient.ref)


def practice(patient: Patient, times: Times, *, tells_anew: bool, snapshot: Snapshot, flags: Flags) -> Iterator[Mapped]:
    """A practice other than the one last told. The first sight of one is told by a message about the person only."""
    if patient.practice is None:
        return
    key = f"practice/{patient.ref}"
    kept = snapshot.last(key)
    state = json.loads(kept) if kept else None
    at = told_at(times).isoformat()
    if state is None and not tells_anew:
        return
    if state is not None and (state["code"] == patient.practice.code or at < state["at"]):
        return
    generation = state["generation"] + 1 if state else 0
    proposal = {"code": patient.practice.code, "at": at, "generation": generation}
    snapshot.propose(key, json.dumps(proposal, sort_keys=True))
    payload = GpRegistrationChanged(
        child=patient.child,
        times=times,
        restrictions=patient.restrictions,
        practice=patient.practice,
        practice_code=patient.practice.code,
        previous_practice_code=state["code"] if state else None,
        quality_flags=flags.all(),
    )
    yield Mapped(payload, f"practice:{patient.ref}", f"{content_digest(payload)}.{generation}", patient.ref)


def merges(patient: Patient, pair: Segment, times: Times, *, flags: Flags) -> Iterator[Mapped]:
    """A number that now means this child (MRG-1 to PID-3)."""
    nhs, _ = numbers(pair, 1)
    superseded = tuple(
        value for number in pair.repetitions(1) if (value := line(pair.get(1, repetition=number), flags))
    )
    if not superseded:
        return
    payload = DemographicsChanged(
        child=patient.child,
        times=times,
        people=patient.people,
        restrictions=patient.restrictions,
        changed=("nhs_number",) if nhs else ("other",),
        superseded=superseded,
        quality_flags=flags.all(),
    )
    key = f"merge:{'+'.join(superseded)}>{patient.ref}"
    yield Mapped(payload, key, content_digest(payload), patient.ref)


def death(patient: Patient, pid: Segment, times: Times, *, snapshot: Snapshot, flags: Flags) -> Iterator[Mapped]:
    """A death not told before, or the withdrawal of one that was."""
    key = f"death/{patient.ref}"
    known = snapshot.last(key) or ""
    died_on = _died_on(pid, times, flags)
    if died_on is not None:
        if known == died_on.isoformat():
            return
        snapshot.propose(key, died_on.isoformat())
        notified = DeathNotified(
            child=patient.child,
            times=times,
            restrictions=patient.restrictions,
            died_on=died_on,
            quality_flags=flags.all(),
        )
        version = f"{died_on.isoformat()}@{told_at(times).isoformat()}"
        yield Mapped(notified, f"death:{patient.ref}", version, patient.ref)
    elif known and (pid.get(30).upper() == "N" or pid.is_null(29) or pid.is_null(30)):
        snapshot.propose(key, None)
        retracted = DeathRetracted(
            child=patient.child, times=times, restrictions=patient.restrictions, quality_flags=flags.all()
        )
        yield Mapped(retracted, f"death:{patient.ref}", f"not {known}@{told_at(times).isoformat()}", patient.ref)


def _died_on(pid: Segment, times: Times, flags: Flags) -> date | None:
    died_on = read_date(pid.get(29)[:8] or None, flags)
    if died_on is not None or pid.get(30).upper() not in YES:
        return died_on if pid.get(30).upper() != "N" else None
    flags.add("death.date_missing")
    return local_day(told_at(times))


def _fingerprints(patient: Patient) -> dict[str, str]:
    child = patient.child
    nhs = [one.value for one in child.identifiers if one.kind is IdentifierKind.NHS_NUMBER]
    address = patient.address
    parts: dict[str, object] = {
        "name": [(child.forenames or "").upper(), (child.surname or "").upper()],
        "birth_date": child.birth_date.isoformat() if child.birth_date else "",
        "nhs_number": nhs,
        "address": [address.postcode, *(part.upper() for part in address.lines)] if address else [],
    }
    return {name: hashlib.sha256(canonical(value)).hexdigest()[:_DIGITS] for name, value in parts.items()}


def _changed(patient: Patient, before: dict[str, str] | None, now: dict[str, str], flags: Flags) -> tuple[Part, ...]:
    if before is not None:
        return tuple(name for name in _PARTS if before[name] != now[name])
    flags.add("change.not_compared")
    return ("address",) if patient.address else ("other",)
