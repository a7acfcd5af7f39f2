"""One view of one child, built only from what was released to this recipient."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from broker.recipient.store import RETRACTION, Kept
from broker.recipient.told import standing
from contracts.delivery import Delivery, Value
from contracts.verdict import Obligation
from contracts.words import EntryKind, Form

SECTION_NAMES = ("child", "people", "address", "entries", "times", "level", "grade", "inform_family", "quality_flags")
"""Parts of a payload that have their own place in a view; everything else is particular to the event's type."""

_LISTS = frozenset({"entries", "people"})
_DETAIL = "its event type's own"
_NOT_DETAIL = frozenset({"role", "about", "category", "forenames", "surname"})
_PATHS_KEPT = 1000


@dataclass(frozen=True, slots=True)
class Statement:
    """One thing said about the child, marked for what it is.

    ``sort``: fact, opinion, allegation, intelligence, child_words. ``form``: give, summary or token.
    """

    sort: str
    category: str
    about: str
    text: str
    said_by: str
    status: str
    status_as_at: str
    form: Form


@dataclass(frozen=True, slots=True)
class PersonSeen:
    """One other person, as far as this recipient may know of them; ``as_at`` is the day of the report."""

    role: str
    about: str
    name: str
    detail: Mapping[str, str]
    as_at: str


@dataclass(frozen=True, slots=True)
class Moment:
    """One report on the timeline.

    ``given_as``: of a report that is in no child's record yet, whom it is said to be about, for a person to compare.
    """

    delivery_id: str
    kind: str
    occurred_at: str
    received_at: str
    agency: str
    event_type: str
    incident: str
    urgency: str
    level: str
    details: Mapping[str, str]
    statements: tuple[Statement, ...]
    kept_back: tuple[str, ...]
    also_told: tuple[str, ...]
    obligations: tuple[Obligation, ...]
    purpose: str
    basis: str
    asked_again: str
    unmatched: bool
    is_withdrawn: bool
    cause: str
    opened: str
    given_as: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Dated:
    """A status with the day it was last known to be so; of an address, whether it only says whom to ask."""

    text: str
    as_at: str
    agency: str
    is_kept_back: bool = False


@dataclass(frozen=True, slots=True)
class ChildView:
    """Everything one recipient may see about one child.

    ``child`` is this recipient's pseudonym. ``child_words`` come first wherever a view is shown.
    ``unread`` counts deliveries nobody has opened.
    """

    child: str
    name: str
    birth_date: str
    identifiers: tuple[str, ...]
    child_words: tuple[tuple[str, str, str], ...]
    people: tuple[PersonSeen, ...]
    address: tuple[Dated, ...]
    plan: tuple[Dated, ...]
    worker: tuple[Dated, ...]
    timeline: tuple[Moment, ...]
    kept_back: tuple[str, ...]
    unread: int


@dataclass(frozen=True, slots=True)
class _Told:
    """One delivery, its values by path; those in lists also by list and place; ``details``: the event type's own."""

    delivery: Delivery
    values: Mapping[str, Value]
    groups: Mapping[str, Mapping[str, Mapping[str, Value]]]
    address: Sequence[Value]
    details: Mapping[str, Value]

    def text(self, path: str) -> str:
        """One value in words; empty where it was not given."""
        return _text(self.values, path)


def _told(delivery: Delivery) -> _Told:
    groups: dict[str, dict[str, dict[str, Value]]] = {}
    values: dict[str, Value] = {}
    address: list[Value] = []
    details: dict[str, Value] = {}
    for value in delivery.values:
        path = value.path
        values[path] = value
        section, index, name = _place(path)
        if index:
            groups.setdefault(section, {}).setdefault(index, {})[name] = value
        elif section == "address":
            address.append(value)
        elif section == _DETAIL:
            details[path] = value
    return _Told(delivery, values, groups, address, details)


@lru_cache(maxsize=_PATHS_KEPT)
def _place(path: str) -> tuple[str, str, str]:
    """Where a path has its place in a view; of what stands in a list: its list, its place there, its own name."""
    head, _, rest = path.partition(".")
    if head == "child" and rest.startswith("identifiers."):
        section, index, name = rest.split(".", 2)
        return section, index, name
    if head in _LISTS:
        index, _, name = rest.partition(".")
        return head, index, name
    is_detail = head not in SECTION_NAMES and not path.endswith("scheme")
    return (_DETAIL if is_detail else head), "", ""


def build_view(child: str, kept: Iterable[Kept]) -> ChildView:
    """Merge a child's deliveries into one view; of each report its last revision stands.

    Where that is a retraction, nothing of the report is shown but that it is to be disregarded, and why. ``kept`` in
    any order; the same deliveries always give the same view.
    """
    reports = [(each, _told(each.delivery)) for each in standing(_in_order(kept))]
    about_child = [told for _, told in reports if _is_about_child(told.delivery)]
    timeline = tuple(_moment(each, told) for each, told in reports)
    return ChildView(
        child=child,
        name=_latest_name(about_child),
        birth_date=_latest(about_child, "child.birth_date") or _latest(about_child, "child.expected_date"),
        identifiers=_identifiers(about_child),
        child_words=tuple(
            (m.occurred_at, m.agency, s.text)
            for m in timeline
            if not m.is_withdrawn
            for s in m.statements
            if s.sort == EntryKind.CHILD_WORDS and s.text
        ),
        people=_people(about_child),
        address=tuple(_addresses(about_child)),
        plan=tuple(_statuses(about_child)),
        worker=tuple(_workers(about_child)),
        timeline=timeline,
        kept_back=tuple(dict.fromkeys(n for m in timeline for n in m.kept_back)),
        unread=sum(1 for each, _ in reports if each.opened_at is None),
    )


def _moment(kept: Kept, told: _Told) -> Moment:
    d = kept.delivery
    return Moment(
        delivery_id=d.delivery_id,
        kind=d.kind,
        occurred_at=_day_and_time(d),
        received_at=kept.received_at,
        agency=d.agency,
        event_type=d.event_type,
        incident=d.incident,
        urgency=told.text("grade.value"),
        level=told.text("level.value"),
        details=_details(told.details),
        statements=tuple(_statements(told)),
        kept_back=tuple(n.text for n in d.notices if n.kind != "existence"),
        also_told=tuple(n.text for n in d.notices if n.kind == "existence"),
        obligations=d.obligations,
        purpose=d.purpose,
        basis=", ".join(part for part in (d.basis.art6, d.basis.art9, d.basis.art10, d.basis.gateway) if part),
        asked_again=d.asked_again,
        unmatched=d.unmatched,
        is_withdrawn=d.kind == RETRACTION,
        cause=d.cause.value if d.cause is not None else "",
        opened=f"{kept.opened_by} {kept.opened_at}" if kept.opened_at else "",
        given_as=_given_as(told) if d.unmatched else (),
    )


def _given_as(told: _Told) -> tuple[str, ...]:
    born = told.text("child.birth_date")
    addresses = [place.text for place in _addresses([told])]
    parts = (_latest_name([told]), born and f"born {born}", *_identifiers([told]), *addresses)
    return tuple(part for part in parts if part)


def _details(details: Mapping[str, Value]) -> Mapping[str, str]:
    """What is particular to the event's type, lists joined; a scheme of codes says nothing to a reader."""
    found: dict[str, list[str]] = {}
    for path, value in details.items():
        found.setdefault(_without_places(path), []).append(_words(value))
    return {path: ", ".join(dict.fromkeys(words)) for path, words in found.items()}


@lru_cache(maxsize=_PATHS_KEPT)
def _without_places(path: str) -> str:
    return ".".join(step for step in path.split(".") if not step.isdigit())


def _statements(told: _Told) -> Iterable[Statement]:
    for parts in told.groups.get("entries", {}).values():
        some = next(iter(parts.values()))
        texts = [_words(parts[name]) for name in ("text", "code") if name in parts]
        released = [_words(v) for name, v in parts.items() if name.startswith("released")]
        yield Statement(
            sort=_text(parts, "kind"),
            category=some.category,
            about=some.about,
            text=(released or texts or [_words(v) for v in parts.values() if v.form is Form.TOKEN] or [""])[0],
            said_by=_text(parts, "said_by"),
            status=_text(parts, "status"),
            status_as_at=_text(parts, "status_as_at"),
            form=some.form,
        )


def _people(deliveries: Sequence[_Told]) -> tuple[PersonSeen, ...]:
    found: dict[tuple[str, str], PersonSeen] = {}
    for told in deliveries:
        as_at = _day(told.delivery)
        for parts in told.groups.get("people", {}).values():
            name = " ".join(_text(parts, p) for p in ("forenames", "surname") if p in parts)
            seen = PersonSeen(
                role=_text(parts, "role"),
                about=_text(parts, "about"),
                name=name,
                detail={n: _words(v) for n, v in parts.items() if n not in _NOT_DETAIL},
                as_at=as_at,
            )
            found[seen.role, name.casefold()] = seen
    named_roles = {role for role, name in found if name}
    return tuple(seen for (role, name), seen in found.items() if name or role not in named_roles)


def _addresses(deliveries: Sequence[_Told]) -> Iterable[Dated]:
    """Where the child is, as told last. Who was given a new address keeps it when a later report only keeps it back."""
    last = None
    has_new = False
    for told in deliveries:
        tokens = [_words(v) for v in told.address if v.form is Form.TOKEN]
        lines = [_words(v) for v in told.address if ".lines." in v.path or v.path.endswith("postcode")]
        if tokens and has_new:
            continue
        text = tokens[0] if tokens else ", ".join(lines)
        if text:
            last = Dated(text, _day(told.delivery), told.delivery.agency, is_kept_back=bool(tokens))
            has_new = not tokens and any(v.path == "address.is_new" and v.value is True for v in told.address)
    if last is not None:
        yield last


def _statuses(deliveries: Sequence[_Told]) -> Iterable[Dated]:
    for told in deliveries:
        delivery = told.delivery
        noun, verb = delivery.event_type.split(".")[3:5]
        if noun in {"protection_plan", "section_47", "protection_status"}:
            category = told.text("category_of_abuse")
            suffix = f" ({category})" if category else ""
            yield Dated(f"{noun.replace('_', ' ')} {verb}{suffix}", _day(delivery), delivery.agency)


def _workers(deliveries: Sequence[_Told]) -> Iterable[Dated]:
    last = None
    for told in deliveries:
        delivery = told.delivery
        if delivery.event_type.split(".")[3] != "worker":
            continue
        parts = [told.text(p) for p in ("worker_name", "team.name", "team.code", "worker_phone")]
        text = ", ".join(dict.fromkeys(p for p in parts if p))
        last = Dated(text, _day(delivery), delivery.agency) if text and ".allocated." in delivery.event_type else None
    if last is not None:
        yield last


def _latest(deliveries: Sequence[_Told], path: str) -> str:
    return next((told.text(path) for told in reversed(deliveries) if path in told.values), "")


def names_told(kept: Iterable[Kept]) -> frozenset[str]:
    """Every name under which the child is told of in what stands: a report may spell it anew, or bear a former one."""
    reports = (each.delivery for each in standing(_in_order(kept)))
    return frozenset(_latest_name([_told(each)]) for each in reports if _is_about_child(each)) - {""}


def _in_order(kept: Iterable[Kept]) -> list[Kept]:
    return sorted(kept, key=lambda k: (k.delivery.occurred_at, k.delivery.decided_at, k.delivery.delivery_id))


def _is_about_child(delivery: Delivery) -> bool:
    return delivery.kind != RETRACTION and not delivery.unmatched


def _latest_name(deliveries: Sequence[_Told]) -> str:
    parts = (_latest(deliveries, "child.forenames"), _latest(deliveries, "child.surname"))
    return " ".join(part for part in parts if part)


def _identifiers(deliveries: Sequence[_Told]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for told in deliveries:
        for parts in told.groups.get("identifiers", {}).values():
            kind, value, check = (_text(parts, name) for name in ("kind", "value", "check"))
            said = "" if check in {"passed", "traced"} else f" ({check or 'not checked'})"
            found[f"{kind} {value}{said}".replace("_", " ")] = None
    return tuple(found)


def _text(values: Mapping[str, Value], path: str) -> str:
    value = values.get(path)
    return "" if value is None else _words(value)


def _words(value: Value) -> str:
    said = value.value
    if isinstance(said, str):
        return said
    return str(said) if not isinstance(said, bool) else "yes" if said else "no"


def _day(delivery: Delivery) -> str:
    return delivery.occurred_at.date().isoformat()


def _day_and_time(delivery: Delivery) -> str:
    return delivery.occurred_at.isoformat(timespec="minutes")
