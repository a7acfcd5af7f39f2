"""Agencies' own codes in words, so that nobody has to know them to read a view.

Source: Department for Education, children in need census, technical specification 2025 to 2026; DASH risk checklist.
"""

from collections.abc import Mapping

from broker.cli.words import day, plain_words

REFERRAL_SOURCES: Mapping[str, str] = {
    "1A": "family or carer",
    "1B": "acquaintance",
    "1C": "the child",
    "1D": "another individual",
    "2A": "school",
    "2B": "education service",
    "3A": "GP",
    "3B": "health visitor",
    "3C": "school nurse",
    "3D": "other primary health",
    "3E": "emergency department",
    "3F": "other health service",
    "4": "housing",
    "5A": "council's social care",
    "5B": "other council service",
    "5C": "another council",
    "5D": "early help",
    "6": "police",
    "7": "other legal agency",
    "8": "other",
    "9": "anonymous",
    "10": "unknown",
}
NEEDS: Mapping[str, str] = {
    "N0": "not stated",
    "N1": "abuse, neglect or exploitation",
    "N2": "child's disability",
    "N3": "parent's illness or disability",
    "N4": "family in acute stress",
    "N5": "family dysfunction",
    "N6": "socially unacceptable behaviour",
    "N7": "low income",
    "N8": "absent parenting",
    "N9": "not a child in need",
}
ABUSE: Mapping[str, str] = {
    "NEG": "neglect",
    "PHY": "physical abuse",
    "SAB": "sexual abuse",
    "EMO": "emotional abuse",
    "MUL": "several kinds of abuse",
}
FACTORS: Mapping[str, str] = {
    **{
        f"{number}{letter}": f"{what}: {whose}"
        for number, what in enumerate(
            ("alcohol", "drugs", "domestic abuse", "mental health", "learning disability", "physical disability"), 1
        )
        for letter, whose in zip("ABC", ("the child", "a parent", "another in the household"), strict=True)
    },
    "7A": "young carer",
    "9A": "unaccompanied asylum seeker",
    "10A": "going missing",
    "11A": "child sexual exploitation",
    "12A": "trafficking",
    "13A": "gangs",
    "14A": "socially unacceptable behaviour",
    "15A": "self-harm",
    "16A": "neglect",
    "17A": "emotional abuse",
    "18B": "physical abuse by a child",
    "18C": "physical abuse by an adult",
    "19B": "sexual abuse by a child",
    "19C": "sexual abuse by an adult",
    "22A": "female genital mutilation",
    "23A": "abuse linked to faith or belief",
    "24A": "child criminal exploitation",
}
BY_FIELD: Mapping[str, Mapping[str, str]] = {
    "referral_source": REFERRAL_SOURCES,
    "primary_need": NEEDS,
    "category_of_abuse": ABUSE,
    "risk_factors": FACTORS,
    "factors": FACTORS,
}
LABELS: Mapping[str, str] = {
    "is_crime": "points to a crime",
    "is_injury": "injury",
    "safeguarding_flag": "safeguarding flag set at the source",
    "no_further_action": "closed without action",
    "has_parental_responsibility": "parental responsibility",
    "previous_practice_code": "practice before, by its code",
    "site_code": "site, by its code",
    "visit": "visit number",
    "author_role": "recorded by",
    "previous_plans": "earlier plans",
}
SAYS_IT_TWICE = frozenset({"practice_code", "school_code"})
"""Fields whose value stands in the view a second time, as the organisation's name."""


def details_in_words(details: Mapping[str, str]) -> list[str]:
    """What is particular to a report, one ``label: value`` each; a code beside its name is left out."""
    named = {path.rpartition(".")[0] for path in details if path.endswith(".name")}
    shown = []
    for path, value in details.items():
        place, _, name = path.rpartition(".")
        if not value or (name == "code" and place in named) or (name in SAYS_IT_TWICE and named):
            continue
        field = place.rpartition(".")[2] if place and name in {"name", "code"} else name
        label = LABELS.get(field, plain_words(field))
        shown.append(f"{label}{', by its code' if name == 'code' and place else ''}: {in_words(field, value)}")
    return shown


def in_words(field: str, value: str) -> str:
    """The value of one field in words; several codes are parted by commas."""
    table = BY_FIELD.get(field)
    if table is None:
        return value if " " in value else coded(value)
    return ", ".join(table.get(part, coded(part)) for part in value.split(", "))


def coded(value: str) -> str:
    """A term with underscores as words, a date as people write it; anything else as it is."""
    if "_" not in value:
        return day(value)
    head, _, rest = value.partition("_")
    return f"{head} {plain_words(rest.lower())}" if value.isupper() else plain_words(value)
