"""Events of charities and other voluntary bodies."""

from typing import Annotated, ClassVar, Literal

from contracts.base import Category
from contracts.payload import Line, Payload
from contracts.words import DataCategory

NarrativeFact = Category(DataCategory.SC_NARRATIVE, key_fact=True)


class VoluntaryConcernRaised(Payload):
    """A charity's worker is worried about a child.

    ``sexual_offence_told``: the child, a witness or whoever did it told of a sexual offence against the child, or
    it was seen; signs alone are not that.
    """

    event_type: ClassVar[str] = "uk.mash.voluntary.concern.raised.v1"
    author_role: Annotated[Line, NarrativeFact]
    concern: Annotated[
        Literal["neglect", "physical_abuse", "emotional_abuse", "sexual_abuse", "domestic_abuse", "other"],
        NarrativeFact,
    ]
    is_crime: Annotated[bool, NarrativeFact] = False
    sexual_offence_told: Annotated[bool | None, NarrativeFact] = None
