"""People's words for the terms the exchange uses inside."""

from datetime import datetime
from zoneinfo import ZoneInfo

from contracts.verdict import Basis

LONDON = ZoneInfo("Europe/London")

NOT_A_REFERRAL = "This does not replace a referral. In immediate danger ring 999."

EFFECTS = {"share": "shared", "withhold": "not shared", "ask": "decision needed"}

FORMS = {
    "give": "given",
    "summary": "key facts only",
    "token": "kept back, with whom to contact",
    "withhold": "kept back",
    "ask": "kept back until a person decides",
}

CATEGORIES = {
    "id.core": "name and identifiers",
    "id.address": "address",
    "id.restricted_address": "guarded address",
    "health.physical": "physical health",
    "health.mental": "mental health",
    "health.sexual": "sexual health",
    "health.substance": "alcohol and drugs",
    "police.incident": "police incident",
    "police.intel": "police intelligence",
    "crime.conviction": "convictions",
    "crime.allegation": "allegations of crime",
    "third_party": "other people",
    "informant": "who told us",
    "adoption.prior_identity": "identity before adoption",
    "protected_person": "protected person",
    "immigration": "immigration",
    "edu.attendance": "attendance and roll",
    "edu.send": "special educational needs",
    "edu.concern": "school's concern",
    "edu.exclusion": "exclusion",
    "sc.status": "social care status",
    "sc.narrative": "social care account",
    "legal.privileged": "legal advice",
    "court.restricted": "court papers",
    "child_voice": "the child's own words",
    "professional_contact": "professionals' contacts",
    "equality.ethnicity": "ethnicity",
    "equality.religion": "religion",
    "equality.disability": "disability",
    "event.meta": "times, urgency and need",
    "event.claim": "what the sender claimed",
    "relation.household": "household",
    "notice.existence": "that another service is involved",
    "notice.withheld": "that something is kept back",
}

SORTS = {
    "fact": "fact",
    "opinion": "opinion",
    "allegation": "allegation",
    "intelligence": "intelligence",
    "child_words": "child's words",
}

ABOUT = {
    "child": "the child",
    "other_child": "another child",
    "adult": "an adult",
    "third_party": "somebody else",
    "informant": "who told us",
    "professional": "a professional",
}


def law(basis: Basis) -> str:
    """A basis in the words of the law: ``Art 6(1)(e), Art 9(2)(g), CA2004 s.11``."""
    parts = [
        basis.art6 and f"Art 6(1)({basis.art6})",
        basis.art9 and f"Art 9(2)({basis.art9})",
        basis.art10 and f"Art 10 ({basis.art10})",
        basis.schedule1 and f"Schedule 1 para {basis.schedule1}",
        basis.gateway and basis.gateway.replace("-", " s.", 1),
    ]
    return ", ".join(part for part in parts if part)


def moment(value: datetime | str) -> str:
    """A time as people in England read it: ``Sun 8 Mar 2026 22:50``."""
    at = datetime.fromisoformat(value) if isinstance(value, str) else value
    local = at.astimezone(LONDON)
    return f"{local:%a} {local.day} {local:%b %Y %H:%M}"


def event_title(event_type: str) -> str:
    """An event type in words: ``emergency attendance recorded``."""
    return " ".join(event_type.split(".")[3:5]).replace("_", " ")


def label(path: str) -> str:
    """A field's name in words: ``left_before_seen`` reads ``left before seen``."""
    return path.rsplit(".", 1)[-1].replace("_", " ") if not path.rsplit(".", 1)[-1].isdigit() else label_of_list(path)


def label_of_list(path: str) -> str:
    """The name of the list that ``path`` indexes."""
    return path.rsplit(".", 1)[0].rsplit(".", 1)[-1].replace("_", " ")


def cell(category: str, about: str) -> str:
    """One cell of the matrix in words."""
    name = CATEGORIES.get(category, category)
    return name if about == "child" else f"{name} ({ABOUT.get(about, about)})"
