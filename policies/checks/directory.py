"""Whether parties, recipients and cover are as the law and practice want them."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, time, timedelta

from contracts.words import AgencyKind, Grade, RecipientKind, RelationKind
from policies.checks.expected import expected
from policies.checks.finding import Location, Point
from policies.engine import Agreement
from policies.engine.agreement import loose_ends
from policies.engine.roster import holes_in_cover
from policies.engine.terms import Party, Recipient
from policies.engine.times import ENGLAND

_ALWAYS_PUBLIC = frozenset({AgencyKind.POLICE, AgencyKind.LOCAL_AUTHORITY, AgencyKind.MASH, AgencyKind.PROBATION})
_NEVER_PUBLIC = frozenset({AgencyKind.VOLUNTARY})
_ENFORCES_LAW = frozenset({AgencyKind.POLICE, AgencyKind.PROBATION})
_PRIVATE_SORTS = frozenset({"private_nursery", "childminder", "independent", "charity", "vendor"})
_COLUMNS: Mapping[RecipientKind, frozenset[str]] = {
    RecipientKind.MASH_CORE: frozenset({"mash_core"}),
    RecipientKind.CSC_TEAM: frozenset({"csc_team"}),
    RecipientKind.POLICE_MASH: frozenset({"police_mash"}),
    RecipientKind.GP: frozenset({"health_mash"}),
    RecipientKind.HEALTH_VISITOR: frozenset({"health_mash"}),
    RecipientKind.SCHOOL: frozenset({"school_dsl"}),
    RecipientKind.NURSERY: frozenset({"school_dsl"}),
    RecipientKind.LA_EDUCATION: frozenset({"school_dsl"}),
    **dict.fromkeys(
        (
            RecipientKind.HEALTH_SAFEGUARDING,
            RecipientKind.MIDWIFERY,
            RecipientKind.SCHOOL_NURSE,
            RecipientKind.CAMHS,
            RecipientKind.EMERGENCY_DEPARTMENT,
        ),
        frozenset({"health_mash"}),
    ),
    RecipientKind.PROBATION: frozenset({"probation"}),
    RecipientKind.YOUTH_JUSTICE: frozenset({"probation"}),
    RecipientKind.CHILD_DEATH_PANEL: frozenset({"child_death"}),
    RecipientKind.ANALYST: frozenset({"analyst"}),
    RecipientKind.ADULT_SOCIAL_CARE: frozenset({"voluntary", "csc_team"}),
    RecipientKind.HOUSING: frozenset({"voluntary", "none"}),
    RecipientKind.DOMESTIC_ABUSE_ADVOCATE: frozenset({"voluntary", "none"}),
    RecipientKind.EARLY_HELP: frozenset({"voluntary", "none"}),
    RecipientKind.VOLUNTARY: frozenset({"voluntary", "none"}),
    RecipientKind.VENDOR: frozenset({"none"}),
    RecipientKind.OTHER: frozenset({"voluntary", "none"}),
}
"""The columns of the matrix that a kind of recipient may have: none wider than its own."""
_VERIFIED_FOR = timedelta(days=365)


def points_of_directory(agreement: Agreement, today: date) -> Iterator[Point]:
    """Everything about who takes part, who receives, and who is there when it is red."""
    yield from (Point(at, what, "add it, or correct the name") for at, what in loose_ends(agreement))
    yield from _written_twice("parties", (each.id for each in agreement.parties))
    yield from _written_twice("recipients", (each.id for each in agreement.recipients))
    yield from _written_twice("organisations", (f"{each.scheme} {each.code}" for each in agreement.organisations))
    for number, party in enumerate(agreement.parties):
        yield from _of_party(("parties", number), party)
    for number, entry in enumerate(agreement.recipients):
        yield from _of_recipient(("recipients", number), entry, today)
    yield from _contacts(agreement)
    if RelationKind.FRONT_DOOR not in agreement.standing:
        yield Point(("standing",), "no recipient is the front door", "add front_door: and the recipient's id")
    yield from _cover(agreement, today)


def _written_twice(part: str, names: Iterable[str]) -> Iterator[Point]:
    listed = list(names)
    for name in (each for each, times in Counter(listed).items() if times > 1):
        last = len(listed) - 1 - listed[::-1].index(name)
        yield Point((part, last), f"{name} is written twice", "take one of the two out")


def _of_party(at: Location, party: Party) -> Iterator[Point]:
    if party.kind in _ALWAYS_PUBLIC and not party.public_authority:
        what = f"{party.id} is not said to be a public authority, but {party.kind} always is one"
        yield Point((*at, "public_authority"), what, "write public_authority: true", _PUBLIC)
    if party.public_authority and (party.kind in _NEVER_PUBLIC or party.sort in _PRIVATE_SORTS):
        what = f"{party.id} is said to be a public authority, but a {party.sort or party.kind} is none"
        yield Point((*at, "public_authority"), what, "write public_authority: false", _PUBLIC)
    if party.kind is AgencyKind.POLICE and not party.competent_authority:
        what = f"{party.id} is not said to be a competent authority"
        yield Point((*at, "competent_authority"), what, "write competent_authority: true", _COMPETENT)
    if party.competent_authority and party.kind not in _ENFORCES_LAW:
        what = f"{party.id} is said to be a competent authority, which police and probation are"
        yield Point((*at, "competent_authority"), what, "write competent_authority: false", _COMPETENT, "warning")
    if party.capacity != "processor" and "18" not in {each.condition for each in party.documents}:
        what = f"{party.id} keeps no policy document for paragraph 18, so it shares no special category data under it"
        yield Point((*at, "documents"), what, "add the document and the day of its review", _DOCUMENT, "warning")


def _of_recipient(at: Location, entry: Recipient, today: date) -> Iterator[Point]:
    allowed = _COLUMNS[entry.kind]
    if entry.column not in allowed:
        what = f"{entry.id} is a {entry.kind} and would be given what the column {entry.column} is given"
        yield Point((*at, "column"), what, f"write column: {' or '.join(sorted(allowed))}", expected("matrix"))
    opening = (entry.opened_by.role, *entry.opened_by.deputies)
    for role in (each for each in opening if each not in entry.roles):
        what = f"{role} opens what arrives at {entry.id}, but is none of its roles"
        yield Point((*at, "opened_by"), what, f"add {role} to its roles, or name one of them", expected("recipients"))
    if entry.kind is RecipientKind.SCHOOL and not (entry.terms and entry.day_starts):
        what = f"for {entry.id} terms or day_starts are missing: every day counts as a school day, or none has a start"
        yield Point(at, what, "add the term dates and when its day starts", _ENCOMPASS, "warning")
    elif entry.terms and entry.terms[-1].last < today:
        what = f"the last term of {entry.id} ended on {entry.terms[-1].last}: it counts as closed"
        yield Point((*at, "terms"), what, "add the coming terms", _ENCOMPASS, "warning")
    if entry.verified + _VERIFIED_FOR < today:
        what = f"{entry.id} was last verified on {entry.verified}, more than a year ago"
        yield Point((*at, "verified"), what, "ring it, check the entry, and write the day", _ACCURATE, "warning")


def _contacts(agreement: Agreement) -> Iterator[Point]:
    agencies = {party.id for party in agreement.parties}
    for number, contact in enumerate(agreement.breach_contacts):
        if contact.agency not in agencies:
            what = f"{contact.agency} is no party"
            yield Point(("breach_contacts", number, "agency"), what, "name a party", expected("breach_contacts"))


def _cover(agreement: Agreement, today: date) -> Iterator[Point]:
    roles = {entry.id: entry.roles for entry in agreement.recipients}
    for number, each in enumerate(agreement.cover):
        if each.role not in roles.get(each.recipient, (each.role,)):
            what = f"{each.role} covers for {each.recipient}, but is none of its roles"
            yield Point(("cover", number, "role"), what, "name one of its roles", expected("cover"))
    starts = max(today, agreement.valid_from)
    moment = datetime.combine(starts, time(), ENGLAND)
    holes = holes_in_cover(agreement, moment)
    if holes:
        start, end = (each.astimezone(ENGLAND) for each in holes[0])
        what = f"nobody opens what is red from {start:%A %H:%M} to {end:%A %H:%M}"
        more = f", and {len(holes) - 1} times more within two weeks" if len(holes) > 1 else ""
        mend = f"put a team with {Grade.RED} among its grades on these hours"
        yield Point(("cover",), what + more, mend, expected("cover"))


_PUBLIC = (
    "UK GDPR Article 6(1), DPA 2018 section 7: a public authority shares on a public task, never on recognised"
    " legitimate interests; a charity or a private body the other way round"
)
_COMPETENT = (
    "DPA 2018 section 30 and Schedule 7: police data are under Part 3, and leave it only where authorised by law"
)
_DOCUMENT = "DPA 2018 Schedule 1 paragraphs 18 and 39: the condition needs an appropriate policy document"
_ENCOMPASS = "Domestic Abuse Act 2021 section 49A: the school is told before the child's next school day"
_ACCURATE = "UK GDPR Article 5(1)(d): what is relied on is accurate and kept up to date"
