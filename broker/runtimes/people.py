"""Who is asking, and in which of their roles."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from broker.core.errors import MashError


class SignInError(MashError):
    """Nobody, or more than one person, fits what was said of who is asking."""

    codes: ClassVar[Mapping[str, str]] = {
        "sign_in.nobody": "Nobody with that role is known in this home.",
        "sign_in.several": "More than one person, or one role at several places, fits.",
    }


@dataclass(frozen=True, slots=True)
class SignedIn:
    """One person in one role at one recipient (empty for roles of the partnership, such as the DPO)."""

    person: str
    name: str
    role: str
    recipient: str


def choose(people: Mapping[str, Mapping[str, object]], role: str, person: str | None) -> SignedIn:
    """Find who is meant by ``--as ROLE`` or ``--as ROLE@RECIPIENT`` and, where given, ``--person``.

    ``people``: by person id, ``{"name": ..., "roles": ["role@recipient", ...]}``.

    Raises:
        SignInError: nobody fits, or more than one does.
    """
    wanted, _, place = role.partition("@")
    found = [
        SignedIn(who, str(details.get("name", who)), held.partition("@")[0], held.partition("@")[2])
        for who, details in people.items()
        if person is None or who == person
        for held in _roles(details)
        if held.partition("@")[0] == wanted and place in {"", held.partition("@")[2]}
    ]
    if not found:
        known = sorted({held for details in people.values() for held in _roles(details)})
        msg = f"nobody here has the role {role!r}" + (f" and the id {person!r}" if person else "")
        raise SignInError(
            msg, code="sign_in.nobody", remedy=f"known here: {', '.join(known) or 'nobody yet; mash person add'}"
        )
    if len(found) > 1:
        options = ", ".join(f"{s.role}@{s.recipient} ({s.person})" for s in found)
        msg = f"{role!r} could be several: {options}"
        raise SignInError(msg, code="sign_in.several", remedy="add @RECIPIENT to the role, or --person ID")
    return found[0]


def _roles(details: Mapping[str, object]) -> tuple[str, ...]:
    roles = details.get("roles", ())
    return tuple(str(r) for r in roles) if isinstance(roles, list | tuple) else ()
