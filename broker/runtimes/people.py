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
from broker.runtimes.files import replace_file
from broker.runtimes.home import Home
from broker.runtimes.registry import KeyRegistry
from broker.runtimes.settings import Settings
from contracts.canonical import digest
from contracts.envelope import write_time
from contracts.signing import PublicKeyEntry


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
        "people.unknown": "Nobody of that id is registered.",
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

    ``people``: by person id, ``{"name": ..., "roles": ["role@recipient", ...]}``, and ``ended`` of whoever may do
    nothing more.

    Raises:
        SignInError: nobody fits, or more than one does.
    """
    wanted, _, place = role.partition("@")
    people = {who: details for who, details in people.items() if not details.get("ended")}
    found = [
        SignedIn(who, str(details.get("name", who)), held.partition("@")[0], held.partition("@")[2])
        for who, details in people.items()
        if person is None or who == person
        for held in roles_of(details)
        if held.partition("@")[0] == wanted and place in {"", held.partition("@")[2]}
    ]
    if not found:
        known = sorted({held for details in people.values() for held in roles_of(details)})
        msg = f"nobody here has the role {role!r}" + (f" and the id {person!r}" if person else "")
        remedy = f"known here: {', '.join(known)}" if known else "add them: mash person add NAME --role ROLE"
        raise SignInError(msg, code="sign_in.nobody", remedy=remedy)
    if len(found) > 1:
        options = ", ".join(f"{s.role}@{s.recipient} ({s.person})" for s in found)
        msg = f"{role!r} could be several: {options}"
        raise SignInError(msg, code="sign_in.several", remedy="add @RECIPIENT to the role, or --person ID")
    return found[0]


def roles_of(details: Mapping[str, object]) -> tuple[str, ...]:
    """The roles in a person's details, as ROLE@RECIPIENT or ROLE."""
    roles = details.get("roles", ())
    return tuple(str(r) for r in roles) if isinstance(roles, list | tuple) else ()


def known_people(registry: KeyRegistry, now: datetime) -> Mapping[str, Mapping[str, object]]:
    """Every registered person with name and roles; ``ended``: since when they may do nothing more."""
    found = {}
    for who in registry.owners("person"):
        key = registry.of("person", who)[-1]
        has_ended = key.valid_to is not None and key.valid_to <= now
        ended = {"ended": write_time(key.valid_to)} if key.valid_to is not None and has_ended else {}
        found[who] = {**registry.details(key.keyid), **ended}
    return found


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
    _check_roles(roles, known_roles)
    who = person or re.sub(r"[^a-z0-9]+", "-", name.casefold()).strip("-")
    if registry.of("person", who):
        msg = f"somebody with the id {who} is registered already"
        raise PeopleError(msg, code="people.taken", remedy=f"give another --id; if it is they: mash person renew {who}")
    _give_key(home, registry, who, {"name": name, "roles": list(roles)}, now=now)
    return who


def renew_person(
    home: Home, registry: KeyRegistry, known_roles: Sequence[str], who: str, roles: Sequence[str], *, now: datetime
) -> None:
    """Give a person a new signing key, and these roles, or those they had; the keys before it sign nothing more.

    Raises:
        PeopleError: nobody of that id is registered, or a role is not one of ``known_roles``.
    """
    _check_roles(roles, known_roles)
    before = _keys_of(registry, who)
    details = dict(registry.details(before[-1].keyid))
    _give_key(home, registry, who, {**details, "roles": list(roles)} if roles else details, now=now)
    registry.end([each.keyid for each in before], now)


def end_person(registry: KeyRegistry, who: str, *, now: datetime) -> None:
    """Let a person do nothing more: nothing they sign counts from now on, and nothing is shown to them.

    Raises:
        PeopleError: nobody of that id is registered.
    """
    registry.end([each.keyid for each in _keys_of(registry, who)], now)


def _keys_of(registry: KeyRegistry, who: str) -> Sequence[PublicKeyEntry]:
    keys = registry.of("person", who)
    if not keys:
        near = get_close_matches(who, registry.owners("person"))
        msg = f"nobody of the id {who!r} is registered"
        remedy = f"did you mean {' or '.join(near)}?" if near else "see who is: mash person list"
        raise PeopleError(msg, code="people.unknown", remedy=remedy)
    return keys


def _check_roles(roles: Sequence[str], known_roles: Sequence[str]) -> None:
    for role in roles:
        if role not in known_roles:
            msg = f"the partnership has no role {role!r}"
            near = get_close_matches(role, known_roles)
            remedy = f"did you mean {' or '.join(near)}?" if near else f"choose from {', '.join(known_roles)}"
            raise PeopleError(msg, code="people.unknown_role", remedy=remedy)


def _give_key(home: Home, registry: KeyRegistry, who: str, details: Mapping[str, object], *, now: datetime) -> None:
    """Make a key and keep it with the person; it counts once it is registered."""
    folder = home.person(who)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    key = Ed25519PrivateKey.generate()
    keyid = f"{who}:{digest(key.public_key().public_bytes_raw())[:16]}"
    content = {"keyid": keyid, "signing": base64.b64encode(key.private_bytes_raw()).decode()}
    replace_file(folder / "key", json.dumps(content).encode(), mode=0o600)
    registry.register(keyid, key.public_key(), sort="person", owner=who, valid_from=now, details=details)


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
            remedy=f"set MASH_PERSON_KEY_FILE to your own key, or have a new one made: mash person renew {person}",
        ) from error
