"""The fictional people of Wrenshire, from one place; every NHS number lies in the 999 test range."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Self

from nhs_number.validate import calculate_checksum

from contracts.payload import Child, Identifier, Person
from contracts.words import About, CheckResult, IdentifierKind, PersonRole, Sex

FORENAMES = ("Ada", "Bea", "Cal", "Dev", "Eve", "Finn", "Gus", "Hana", "Ivo", "June", "Kit", "Lola", "Max", "Nell")
SURNAMES = ("Alder", "Birch", "Cedar", "Dale", "Elder", "Fern", "Gorse", "Heath", "Ives", "Juniper", "Knoll")
MOST_NUMBERED_CHILDREN = 490_000


@dataclass(frozen=True, slots=True)
class FictionalChild:
    """A child who does not exist. ``reference`` is the key under which agencies' own ids are made."""

    reference: str
    forenames: str | None
    surname: str | None
    birth_date: date | None = None
    sex: Sex = Sex.UNKNOWN
    nhs_number: str | None = None
    nhs_number_check: CheckResult = CheckResult.PASSED
    upn: str | None = None
    la_child_id: str | None = None
    expected_date: date | None = None

    def without_nhs_number(self) -> Self:
        """The same child where nobody knows the NHS number."""
        return replace(self, nhs_number=None)

    def with_nhs_number(self, value: str, check: CheckResult = CheckResult.PASSED) -> Self:
        """The same child with another NHS number and what its check found."""
        return replace(self, nhs_number=value, nhs_number_check=check)

    def without_upn(self) -> Self:
        """The same child where nobody knows the UPN."""
        return replace(self, upn=None)

    def traced(self) -> Self:
        """The same child with an NHS number that a trace confirmed."""
        return replace(self, nhs_number_check=CheckResult.TRACED)

    def as_child(self) -> Child:
        """The child as an event carries it."""
        return Child(
            forenames=self.forenames,
            surname=self.surname,
            birth_date=self.birth_date,
            expected_date=self.expected_date,
            sex=self.sex,
            identifiers=tuple(self._identifiers()),
        )

    def _identifiers(self) -> list[Identifier]:
        found = []
        if self.nhs_number:
            found.append(Identifier(kind=IdentifierKind.NHS_NUMBER, value=self.nhs_number, check=self.nhs_number_check))
        if self.upn:
            found.append(Identifier(kind=IdentifierKind.UPN, value=self.upn, check=CheckResult.PASSED))
        if self.la_child_id:
            found.append(
                Identifier(kind=IdentifierKind.LA_CHILD_ID, value=self.la_child_id, check=CheckResult.NOT_CHECKED)
            )
        return found


MIA = FictionalChild(
    "mia-marsh",
    "Mia",
    "Marsh",
    date(2016, 5, 14),
    Sex.FEMALE,
    nhs_number="9990000018",
    upn="L999100120001",
    la_child_id="WC100234",
)
THEO = FictionalChild(
    "theo-marsh", "Theo", "Marsh", date(2022, 9, 3), Sex.MALE, nhs_number="9990000026", la_child_id="WC100235"
)
MYA = FictionalChild(
    "mya-marsh",
    "Mya",
    "Marsh",
    date(2016, 5, 14),
    Sex.FEMALE,
    nhs_number="9990000019",
    nhs_number_check=CheckResult.FAILED,
)
ELLIE = FictionalChild(
    "ellie-byrne", "Ellie", "Byrne", date(2016, 8, 2), Sex.FEMALE, nhs_number="9990000034", upn="A999100120002"
)
JONAS = FictionalChild(
    "jonas-reed", "Jonas", "Reed", date(2011, 1, 20), Sex.MALE, nhs_number="9990000042", upn="V999100220001"
)
UNBORN = FictionalChild("unborn-hart", None, "Hart", expected_date=date(2026, 6, 1))

CHILDREN = {"Mia": MIA, "Theo": THEO, "Mya": MYA, "Ellie": ELLIE, "Jonas": JONAS, "unborn": UNBORN}

DANA = Person(
    role=PersonRole.MOTHER, about=About.ADULT, forenames="Dana", surname="Marsh", birth_date=date(1993, 2, 11)
)
CRAIG = Person(
    role=PersonRole.SUSPECT, about=About.ADULT, forenames="Craig", surname="Doyle", birth_date=date(1990, 7, 30)
)
MR_ORME = Person(role=PersonRole.INFORMANT, about=About.INFORMANT, surname="Orme", phone="01632 960114")
ASHA_BELL = Person(
    role=PersonRole.SOCIAL_WORKER,
    about=About.PROFESSIONAL,
    forenames="Asha",
    surname="Bell",
    phone="01632 960201",
    organisation="Wrenshire Council",
)
PRIYA_NAIR = Person(
    role=PersonRole.DESIGNATED_LEAD,
    about=About.PROFESSIONAL,
    forenames="Priya",
    surname="Nair",
    organisation="Ashdown Primary",
)
THE_FRIEND = Person(role=PersonRole.FRIEND, about=About.THIRD_PARTY, forenames="Ellie", surname="Byrne")


def a_child(name: str = "Mia") -> FictionalChild:
    """The named child: Mia, Theo, Mya, Ellie, Jonas, or the unborn one."""
    return CHILDREN[name]


def a_numbered_child(number: int) -> FictionalChild:
    """The ``number``-th of many distinct children, always the same one; from 0, at most 490,000."""
    if not 0 <= number < MOST_NUMBERED_CHILDREN:
        msg = f"there are {MOST_NUMBERED_CHILDREN} numbered children"
        raise ValueError(msg)
    return FictionalChild(
        f"child-{number}",
        FORENAMES[number % len(FORENAMES)],
        f"{SURNAMES[number // len(FORENAMES) % len(SURNAMES)]}-{number}",
        date(2010, 1, 1) + timedelta(days=number * 7 % 5500),
        (Sex.FEMALE, Sex.MALE)[number % 2],
        nhs_number=_test_nhs_number(1000 + 2 * number),
    )


def _test_nhs_number(serial: int) -> str:
    """The valid number of this even serial; two neighbouring serials cannot both lack a check digit."""
    for candidate in (f"999{serial:06d}", f"999{serial + 1:06d}"):
        digit = calculate_checksum(candidate)
        if digit is not None and digit < 10:
            return f"{candidate}{digit}"
    raise AssertionError(serial)
