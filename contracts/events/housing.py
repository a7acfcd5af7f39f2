"""Events of housing departments and housing associations."""

from typing import Annotated, ClassVar, Literal

from contracts.base import Category
from contracts.payload import Line, Payload
from contracts.words import DataCategory

Household = Category(DataCategory.RELATION_HOUSEHOLD, key_fact=True)


class HousingConcernRaised(Payload):
    """A landlord is worried about a child: an eviction, a move into temporary accommodation, what an officer saw."""

    event_type: ClassVar[str] = "uk.mash.housing.concern.raised.v1"
    concern: Annotated[
        Literal["eviction", "temporary_accommodation", "overcrowding", "anti_social_behaviour", "neglect", "other"],
        Household,
    ]
    author_role: Annotated[Line, Household]
    is_crime: Annotated[bool, Household] = False
