"""HL7 and NHS code lists that the ADT adapter reads, and what each code means here."""

import re

from contracts.words import About, DataCategory, PersonRole, Sex

PUBLISHED = frozenset({"A01", "A03", "A04", "A08", "A11", "A13", "A28", "A31", "A40"})
"""Trigger events that can give an event."""

VISITS = frozenset({"A01", "A03", "A04", "A08", "A11", "A13"})
SEXES = {"F": Sex.FEMALE, "M": Sex.MALE, "U": Sex.UNKNOWN, "O": Sex.UNKNOWN, "A": Sex.UNKNOWN, "": Sex.UNKNOWN}
"""HL7 table 0001."""

NHS_TYPES = frozenset({"NHS", "NH", "NHSNUMBER", "NHSNBR", "NHSNMBR"})
"""Identifier types, and assigning authorities, by which PID-3 marks an NHS number."""

LOCAL_TYPES = ("MRENTR", "MR", "MRN", "PI", "PT")
"""Identifier types of a hospital's own number, the best first."""

RELATIONS: dict[str, tuple[PersonRole, About]] = {
    "MTH": (PersonRole.MOTHER, About.ADULT),
    "MOTHER": (PersonRole.MOTHER, About.ADULT),
    "FTH": (PersonRole.FATHER, About.ADULT),
    "FATHER": (PersonRole.FATHER, About.ADULT),
    "PAR": (PersonRole.PARENT, About.ADULT),
    "PARENT": (PersonRole.PARENT, About.ADULT),
    "GRD": (PersonRole.CARER, About.ADULT),
    "GUARDIAN": (PersonRole.CARER, About.ADULT),
    "CGV": (PersonRole.CARER, About.ADULT),
    "CARER": (PersonRole.CARER, About.ADULT),
    "FOSTER CARER": (PersonRole.CARER, About.ADULT),
    "GRP": (PersonRole.CARER, About.ADULT),
    "GRANDPARENT": (PersonRole.CARER, About.ADULT),
    "SIB": (PersonRole.SIBLING, About.OTHER_CHILD),
    "BRO": (PersonRole.SIBLING, About.OTHER_CHILD),
    "SIS": (PersonRole.SIBLING, About.OTHER_CHILD),
    "SIBLING": (PersonRole.SIBLING, About.OTHER_CHILD),
}
"""HL7 table 0063 and the words in its place. Anyone else is left out: next of kin need not bear on the child."""

LEFT_BEFORE_SEEN = frozenset({"12", "LWBS", "LBS", "1066301000000103", "1066311000000101"})
"""PV1-36: NHS attendance disposal 12, HL7 usage, and ECDS discharge status (SNOMED CT), before being seen."""

LEFT_WORDS = re.compile(r"\bleft\b.*\bbefore\b|\bdid not wait\b", re.IGNORECASE)
INJURY_WORDS = re.compile(
    r"\b(injur\w*|fractur\w*|burns?|scalds?|wounds?|lacerations?|bruis\w*|bites?|sprains?|dislocat\w*|head trauma)\b",
    re.IGNORECASE,
)
"""Words in the display text of a code; free text is never searched for them."""

RESTRICTED_LOCATION = "LOC"
"""ARV-3: no disclosure of where the patient is."""

YES = frozenset({"Y", "YES", "TRUE", "1"})
FREE_TEXT = frozenset({"ST", "TX", "FT"})
CODED = frozenset({"CE", "CWE", "CF", "CNE", "IS", "ID"})
ODS_PRACTICE = re.compile(r"[A-Z][0-9]{5}")
ODS_SITE = re.compile(r"[A-Z0-9]*[0-9][A-Z0-9]*")
NO_FIXED_ABODE = "ZZ99"

_ICD = re.compile(r"([A-Z])(\d{2})")
_ICD_SYSTEMS = ("I10", "ICD10", "ICD-10", "10D")
_GUARDED: tuple[tuple[re.Pattern[str], DataCategory], ...] = tuple(
    (re.compile(rf"\b(?:{words})", re.IGNORECASE), found)
    for words, found in (
        (r"pregnan|contracept|sexual|abortion|terminat\w+ of pregnancy|chlamydia|gonorr", DataCategory.HEALTH_SEXUAL),
        (r"self.?harm|overdose|suicid|depress|anxi|psycho|mental|eating disorder", DataCategory.HEALTH_MENTAL),
        (r"alcohol|drunk|intoxicat|drug misuse|substance misuse|cannabis|opioid", DataCategory.HEALTH_SUBSTANCE),
    )
)
_ICD_RANGES: tuple[tuple[str, range, DataCategory], ...] = (
    ("F", range(10, 20), DataCategory.HEALTH_SUBSTANCE),
    ("F", range(100), DataCategory.HEALTH_MENTAL),
    ("X", range(60, 85), DataCategory.HEALTH_MENTAL),
    ("O", range(100), DataCategory.HEALTH_SEXUAL),
    ("A", range(50, 65), DataCategory.HEALTH_SEXUAL),
    ("Z", range(30, 40), DataCategory.HEALTH_SEXUAL),
)


def is_icd10(system: str) -> bool:
    """Whether a coding system's name means ICD-10."""
    return system.upper().startswith(_ICD_SYSTEMS)


def is_injury(code: str, display: str, system: str) -> bool:
    """Whether a coded complaint or diagnosis is an injury: ICD-10 chapters S, T, V to Y, or the code's own words."""
    if is_icd10(system) and code[:1].upper() in frozenset("STVWXY"):
        return True
    return bool(INJURY_WORDS.search(display))


def category(code: str, display: str, system: str) -> DataCategory:
    """The category of a coded complaint or diagnosis; in doubt physical health.

    ICD-10 chapters tell mental, substance and sexual health apart; for other systems the code's own
    display text does. That can only make a value more guarded.
    """
    icd = _ICD.match(code.upper()) if is_icd10(system) else None
    for letter, numbers, found in _ICD_RANGES if icd else ():
        if icd and icd.group(1) == letter and int(icd.group(2)) in numbers:
            return found
    return next((found for words, found in _GUARDED if words.search(display)), DataCategory.HEALTH_PHYSICAL)
