"""The people who may act through the exchange, their roles and their keys."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from contracts.signing import PublicKeyEntry
from contracts.words import PersonId, RecipientId


@dataclass(frozen=True, slots=True)
class PersonEntry:
    """One person: the roles they hold and the public key that checks what they sign.

    ``places``: by role, the recipients at which it is held; a role of the partnership is held at none.
    """

    person: PersonId
    roles: frozenset[str]
    key: PublicKeyEntry
    places: Mapping[str, frozenset[RecipientId]] = field(default_factory=dict)


class People(Protocol):
    """Knows who may act, in which roles."""

    def person(self, person: PersonId) -> PersonEntry | None:
        """The person, or none."""
        ...
