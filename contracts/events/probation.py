"""Events of the probation service."""

from typing import Annotated, ClassVar, Literal

from contracts.base import Category, Model
from contracts.payload import Line, Meta, Payload
from contracts.words import About, DataCategory

Managed = Category(DataCategory.CRIME_CONVICTION, key_fact=True)


class Supervision(Model):
    """How an adult is managed: what the officer judges, and what the licence or order demands."""

    about_field: ClassVar[str] = "about"
    about: Annotated[Literal[About.ADULT], Managed] = About.ADULT
    risk_of_serious_harm: Annotated[Literal["low", "medium", "high", "very_high"], Managed]
    mappa_level: Annotated[Literal["none", "1", "2", "3"], Managed] = "none"
    relevant_offences: Annotated[tuple[Line, ...], Managed] = ()
    licence_conditions: Annotated[tuple[Line, ...], Managed] = ()


class SupervisionRecorded(Payload):
    """An adult in this child's life is under supervision. The adult and the officer are in ``people``."""

    event_type: ClassVar[str] = "uk.mash.probation.supervision.recorded.v1"
    reference: Annotated[Line, Meta]
    supervision: Supervision
