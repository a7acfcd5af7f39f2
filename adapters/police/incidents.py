"""From a read notice and one of its children to the event about that child."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from adapters.kit.dates import local_day
from adapters.kit.fields import Fields
from adapters.kit.grading import level, urgency
from adapters.police.persons import Party, both_grown, home_of, make_child, others, school_of
from contracts.events.police import DomesticIncidentNotified, NoFurtherActionRecorded, PoliceConcernRaised
from contracts.payload import Child, Claims, Entry, Level, Payload, ReleaseText, Times, Urgency
from contracts.words import About, DataCategory, EntryKind, Grade, RecipientKind, Restriction

ACUTE = 4
CONDITIONS = "C"
KEPT_AT_FORCE = "intelligence.kept_at_force"
_HANDLING = {"P": "P", "C": "C"}
_OUTCOMES: dict[str, Literal["no_further_action", "unfounded", "acquitted"]] = {
    "nfa": "no_further_action",
    "no_further_action": "no_further_action",
    "unfounded": "unfounded",
    "acquitted": "acquitted",
}
_MARKERS = {restriction.value: restriction for restriction in Restriction}
_AUDIENCES = frozenset(RecipientKind)
_PRESENT: dict[bool | None, Literal["yes", "no", "unknown"]] = {True: "yes", False: "no", None: "unknown"}


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice as read: what all its events share."""

    fields: Fields
    kind: str
    reference: str
    occurred: datetime
    recorded: datetime | None
    observed: datetime
    parties: tuple[Party, ...]


def outcome_of(fields: Fields) -> Literal["no_further_action", "unfounded", "acquitted"] | None:
    """What the force says came of it; none while it says nothing. An unknown outcome is flagged."""
    code = fields.code("outcome")
    if code and code not in _OUTCOMES:
        fields.flags.add("code.unknown")
    return _OUTCOMES.get(code)


def payloads(notice: Notice, party: Party) -> tuple[Payload, ...]:
    """The events about one child: the incident or concern, the use of powers beside it, or the outcome."""
    common = _common(notice, party)
    outcome = outcome_of(notice.fields)
    if outcome is not None:
        return (_sealed(NoFurtherActionRecorded(**common, reference=notice.reference, outcome=outcome), notice),)
    is_protected = notice.fields.one("police_powers").yes("s46") is True
    if notice.kind != "domestic":
        return (_sealed(_concern(notice, common, is_protected=is_protected), notice),)
    found: list[Payload] = [_domestic(notice, party, common)]
    if is_protected:
        found.append(_concern(notice, common, is_protected=True))
    return tuple(_sealed(payload, notice) for payload in found)


def _sealed(payload: Payload, notice: Notice) -> Payload:
    """With the flags of the whole notice; that intelligence was kept back leaves no trace."""
    flags = tuple(flag for flag in notice.fields.flags.all() if flag != KEPT_AT_FORCE)
    return payload.model_copy(update={"quality_flags": flags})


def _common(notice: Notice, party: Party) -> dict[str, Any]:
    fields = notice.fields
    child: Child = make_child(party)
    return {
        "child": child,
        "times": Times(
            occurred=notice.occurred,
            recorded=notice.recorded,
            observed=notice.observed,
            not_before=fields.moment("not_before"),
        ),
        "people": tuple(others(notice.parties, party, as_at=local_day(notice.recorded or notice.occurred))),
        "address": home_of(party),
        "level": level(fields, "level"),
        "grade": urgency(fields, "grade"),
        "restrictions": _restrictions(fields),
        "claims": _claims(fields),
        "entries": (*_circumstances(notice, party), *_words(fields, party), *_intelligence(fields)),
    }


def _domestic(notice: Notice, party: Party, common: dict[str, Any]) -> DomesticIncidentNotified:
    fields = notice.fields
    crime = fields.yes("crime")
    return DomesticIncidentNotified(
        **common,
        reference=notice.reference,
        child_present="yes" if party.role == "present" else _PRESENT[party.fields.yes("present")],
        child_whereabouts=party.fields.line("whereabouts"),
        place=_place(fields),
        risk_factors=fields.lines("factors"),
        is_crime=crime is not False,
        both_parties_16_or_over=both_grown(notice.parties),
        party_works_at=tuple(place for one in _adults(notice) for place in one.fields.lines("works_at")),
        suspects_child_elsewhere=any(
            one.fields.yes("children_elsewhere") is True for one in _adults(notice) if one.role == "suspect"
        ),
        school=school_of(party),
    )


def _concern(notice: Notice, common: dict[str, Any], *, is_protected: bool) -> PoliceConcernRaised:
    """A concern. Of a child taken into police protection the council hears as soon as can be, whatever it was graded.

    Source: Children Act 1989 section 46(3)(a).
    """
    concerns: dict[str, Literal["child", "adult", "missing"]] = {"adult": "adult", "missing": "missing"}
    if is_protected:
        common = common | {"level": Level(value=ACUTE), "grade": Urgency(value=Grade.RED)}
    return PoliceConcernRaised(
        **common,
        reference=notice.reference,
        concern=concerns.get(notice.kind, "child"),
        risk_factors=notice.fields.lines("factors"),
        is_crime=notice.fields.yes("crime") is True,
        police_protection=is_protected,
    )


def _adults(notice: Notice) -> tuple[Party, ...]:
    return tuple(party for party in notice.parties if party.role in {"suspect", "victim", "parent"})


def _place(fields: Fields) -> str | None:
    location = fields.one("location")
    parts = (*location.lines("lines"), location.line("description"), location.line("postcode"), location.line("uprn"))
    named = [part for part in parts if part]
    return ", ".join(named)[:500] or None


def _circumstances(notice: Notice, party: Party) -> tuple[Entry, ...]:
    """What officers were told, an allegation until established, with the texts written per audience."""
    text = notice.fields.free_text("circumstances")
    if text is None:
        return ()
    return (
        Entry(
            kind=EntryKind.ALLEGATION,
            category=DataCategory.POLICE_INCIDENT,
            code=f"{notice.kind}_notice",
            text=text,
            released=_released(notice, party),
        ),
    )


def _released(notice: Notice, party: Party) -> tuple[ReleaseText, ...]:
    """Texts written about this child; one written for the whole notice is used only where there is no other child."""
    written = party.fields.one("share_texts")
    if not written.native and sum(one.is_child for one in notice.parties) == 1:
        written = notice.fields.one("share_texts")
    return tuple(
        ReleaseText(audience=RecipientKind(audience), text=given)
        for audience in written.native
        if audience in _AUDIENCES and (given := written.free_text(audience)) is not None
    )


def _words(fields: Fields, party: Party) -> tuple[Entry, ...]:
    """What this child said, as the officer wrote it down; another child's words stay with that child."""
    said = (
        words.free_text("words")
        for words in fields.each("child_words")
        if words.line("person_id") in {party.reference, None}
    )
    return tuple(
        Entry(kind=EntryKind.CHILD_WORDS, category=DataCategory.CHILD_VOICE, about=About.CHILD, text=text)
        for text in said
        if text is not None
    )


def _intelligence(fields: Fields) -> tuple[Entry, ...]:
    """Intelligence that may go out; what stands under conditions, or under a code nobody knows, stays at the force."""
    given = []
    for item in fields.each("intelligence"):
        handling = _HANDLING.get((item.line("handling_code") or "").upper())
        if handling is None:
            fields.flags.add("handling_code.unknown")
        if handling is None or handling == CONDITIONS:
            fields.flags.add(KEPT_AT_FORCE)
            continue
        text, code = item.free_text("text"), item.line("code")
        if text is not None or code is not None:
            given.append(
                Entry(
                    kind=EntryKind.INTELLIGENCE,
                    category=DataCategory.POLICE_INTEL,
                    about=About.ADULT,
                    code=code,
                    text=text,
                    reliability=item.line("grading"),
                    handling_code="P",
                )
            )
    return tuple(given)


def _restrictions(fields: Fields) -> tuple[Restriction, ...]:
    """The notice's markers. A notice that stands under conditions as a whole is marked so, and the edge keeps it."""
    found = []
    for marker in fields.lines("markers"):
        code = "_".join(marker.lower().split())
        if code not in _MARKERS:
            fields.flags.add("code.unknown")
        found.append(_MARKERS.get(code, Restriction.HOLD))
    if (fields.line("handling_code") or "").upper() == CONDITIONS:
        found.append(Restriction.INTELLIGENCE_CONDITIONS)
    return tuple(dict.fromkeys(found))


def _claims(fields: Fields) -> Claims:
    return Claims(
        part3_exit=fields.line("part3_authority"),
        dissent=fields.yes("dissent") is True,
        unsure=fields.yes("unsure") is True,
        necessity=fields.free_text("necessity"),
    )
