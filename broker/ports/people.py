"""The people who may act through the exchange, their roles and their keys."""

from dataclasses import dataclass
from typing import Protocol

from contracts.signing import PublicKeyEntry
from contracts.words import PersonId


@dataclass(frozen=True, slots=True)
class PersonEntry:
    """One person: the roles they hold and the public key that checks what they sign."""

    person: PersonId
    roles: frozenset[str]
    key: PublicKeyEntry


class People(Protocol):
    """Knows who may act, in which roles."""

    def person(self, person: PersonId) -> PersonEntry | None:
        """The person, or none."""
        ...
