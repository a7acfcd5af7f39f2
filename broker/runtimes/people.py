"""Who is asking, and in which of their roles."""

import base64
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path
from typing import ClassVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from broker.core.errors import MashError
from broker.runtimes.home import Home
from broker.runtimes.registry import KeyRegistry
from broker.runtimes.settings import Settings


class SignInError(MashError):
    """Nobody, or more than one person, fits what was said of who is asking."""

    codes: ClassVar[Mapping[str, str]] = {
        "sign_in.nobody": "Nobody with that role is known in this home.",
        "sign_in.several": "More than one person, or one role at several places, fits.",
    }


class PeopleError(MashError):
    """A person cannot be added, or their key not used."""

    codes: ClassVar[Mapping[str, str]] = {
        "people.unknown_role": "The partnership has no such role.",
        "people.taken": "Somebody of that id is registered already.",
        "people.key_unreadable": "The person's signing key cannot be read.",
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
        remedy = f"known here: {', '.join(known)}" if known else "add them: mash person add NAME --role ROLE"
        raise SignInError(msg, code="sign_in.nobody", remedy=remedy)
    if len(found) > 1:
        options = ", ".join(f"{s.role}@{s.recipient} ({s.person})" for s in found)
        msg = f"{role!r} could be several: {options}"
        raise SignInError(msg, code="sign_in.several", remedy="add @RECIPIENT to the role, or --person ID")
    return found[0]


def _roles(details: Mapping[str, object]) -> tuple[str, ...]:
    roles = details.get("roles", ())
    return tuple(str(r) for r in roles) if isinstance(roles, list | tuple) else ()


def add_person(
    home: Home,
    registry: KeyRegistry,
    known_roles: Sequence[str],
    name: str,
    roles: Sequence[str],
    *,
    person: str | None,
    now: datetime,
) -> str:
    """Make a signing key, keep it in the person's folder, register its public half; gives the person's id.

    Raises:
        PeopleError: a role is not one of ``known_roles``, or the id is taken.
    """
    for role in roles:
        if role not in known_roles:
            msg = f"the partnership has no role {role!r}"
            near = get_close_matches(role, known_roles)
            remedy = f"did you mean {' or '.join(near)}?" if near else f"choose from {', '.join(known_roles)}"
            raise PeopleError(msg, code="people.unknown_role", remedy=remedy)
    who = person or re.sub(r"[^a-z0-9]+", "-", name.casefold()).strip("-")
    if registry.of("person", who):
        msg = f"somebody with the id {who} is registered already"
        raise PeopleError(msg, code="people.taken", remedy="give another --id")
    folder = home.person(who)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    key = Ed25519PrivateKey.generate()
    keyid = f"{who}:decisions"
    path = folder / "key"
    path.touch(mode=0o600)
    content = {"keyid": keyid, "signing": base64.b64encode(key.private_bytes_raw()).decode()}
    path.write_text(json.dumps(content), encoding="utf-8")
    details = {"name": name, "roles": list(roles)}
    registry.register(keyid, key.public_key(), sort="person", owner=who, valid_from=now, details=details)
    return who


def load_person_key(home: Home, settings: Settings, person: str) -> tuple[str, Ed25519PrivateKey]:
    """A person's key name and signing key, from their folder or from ``MASH_PERSON_KEY_FILE``.

    Raises:
        PeopleError: it cannot be read.
    """
    path: Path = settings.person_key_file or home.person(person) / "key"
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return content["keyid"], Ed25519PrivateKey.from_private_bytes(base64.b64decode(content["signing"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        msg = f"the signing key of {person} cannot be read"
        raise PeopleError(
            msg,
            code="people.key_unreadable",
            remedy="set MASH_PERSON_KEY_FILE to your own key, or add the person again",
        ) from error
