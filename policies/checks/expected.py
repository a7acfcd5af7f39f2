"""What the law and its guidance expect of each part of an agreement, by the part's name in the file."""

from collections.abc import Mapping

CODE = "ICO data sharing code of practice"

EXPECTED: Mapping[str, str] = {
    "operator": "UK GDPR Article 28: who runs the exchange for the parties does so on their written instructions",
    "dpia": "UK GDPR Article 35: sharing on this scale needs a data protection impact assessment first",
    "breach_contacts": "UK GDPR Article 33: a breach is told to the Commissioner within 72 hours, so somebody is named",
    "parties": f"{CODE}: every party, and whether it is a controller, joint controller or processor (Articles 26, 28)",
    "recipients": f"{CODE}: who receives, and in which role it is opened there",
    "purposes": "UK GDPR Article 5(1)(b) and (c): each purpose is stated, and each share is necessary for it",
    "matrix": "UK GDPR Article 5(1)(c): which data each recipient needs, and no more",
    "free_text": "UK GDPR Article 5(1)(c): which data each recipient needs, and no more",
    "retention": "UK GDPR Article 5(1)(e): nothing is kept for longer than it is needed",
    "review_due": f"{CODE}: an agreement is reviewed, and says when",
    "valid_from": f"{CODE}: an agreement says from when it holds",
    "valid_to": f"{CODE}: an agreement says until when it holds",
    "clocks": "Working Together to Safeguard Children: a referral is decided on within one working day",
    "cover": "Children Act 1989 section 47: enquiries are made when there is reasonable cause, at any hour",
    "approvals": "UK GDPR Article 5(2): who decided is named",
    "greatest_age_days": "UK GDPR Article 5(1)(d): what is relied on is accurate and kept up to date",
    "onward": f"{CODE}: whether what is received may be passed on",
}


def expected(part: str) -> str:
    """What the law expects of a part of an agreement; empty for what is a matter of form."""
    return EXPECTED.get(part, "")
