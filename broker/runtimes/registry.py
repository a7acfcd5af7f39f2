"""The registry of public keys: agencies, recipients and people. It holds nothing secret."""

import base64
import json
from collections.abc import Collection, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from broker.core.errors import MashError
from broker.ports.people import PersonEntry
from broker.runtimes.files import NOT_THERE, Stamp, alone_in, replace_file, stamp_of
from contracts.envelope import write_time
from contracts.signing import PublicKeyEntry
from contracts.words import PersonId, RecipientId

SORTS = ("agency", "recipient", "person")


class RegistryError(MashError):
    """A key cannot be registered or found."""

    codes: ClassVar[Mapping[str, str]] = {
        "registry.damaged": "The registry of public keys cannot be read.",
        "registry.taken": "A key of that name is already registered for somebody else.",
    }


class KeyRegistry:
    """Public keys by name, each with its owner and the time during which it may sign.

    Read anew whenever the file has changed: whose key was ended signs nothing more, in whichever process that is seen.
    Whatever reads it raises ``RegistryError`` where the file is damaged.
    """

    def __init__(self, path: Path) -> None:
        """Read the registry at ``path``; a missing file is an empty registry.

        Raises:
            RegistryError: the file is damaged.
        """
        self._path = path
        self._stamp: Stamp = NOT_THERE
        self._rows: dict[str, dict[str, Any]] = {}
        self._entries: dict[str, PublicKeyEntry] = {}
        self._refresh()

    def key(self, keyid: str) -> PublicKeyEntry | None:
        """The entry of that name, or none."""
        self._refresh()
        return self._entries.get(keyid)

    def person(self, person: PersonId) -> PersonEntry | None:
        """A person who may act, with the roles they hold; none where nobody of that id is registered."""
        entries = self.of("person", person)
        if not entries:
            return None
        held = [str(role).partition("@") for role in self.details(entries[-1].keyid).get("roles", [])]
        roles = frozenset(role for role, _, _ in held)
        places = {role: frozenset(RecipientId(at) for name, _, at in held if at and name == role) for role in roles}
        return PersonEntry(person, roles, entries[-1], places)

    def of(self, sort: str, owner: str) -> tuple[PublicKeyEntry, ...]:
        """Every key of one owner, the newest last."""
        self._refresh()
        return tuple(
            entry
            for keyid, entry in self._entries.items()
            if self._rows[keyid]["sort"] == sort and entry.owner == owner
        )

    def details(self, keyid: str) -> Mapping[str, Any]:
        """What else is registered with a key: a person's name and roles."""
        details: Mapping[str, Any] = self._rows[keyid].get("details", {})
        return details

    def owners(self, sort: str) -> tuple[str, ...]:
        """Every owner of a sort of key."""
        self._refresh()
        return tuple(dict.fromkeys(str(r["owner"]) for r in self._rows.values() if r["sort"] == sort))

    def register(
        self,
        keyid: str,
        key: Ed25519PublicKey,
        *,
        sort: str,
        owner: str,
        valid_from: datetime,
        details: Mapping[str, Any] | None = None,
    ) -> None:
        """Add a key durably. Registering the same key again changes nothing.

        Raises:
            RegistryError: the name means another key already.
        """
        row = {
            "keyid": keyid,
            "sort": sort,
            "owner": owner,
            "key": base64.b64encode(key.public_bytes_raw()).decode(),
            "valid_from": write_time(valid_from),
            "details": dict(details or {}),
        }
        with alone_in(self._path.parent):
            self._refresh()
            known = self._rows.get(keyid)
            if known is not None:
                if known["key"] != row["key"]:
                    msg = f"the key name {keyid} is already registered for another key"
                    raise RegistryError(msg, code="registry.taken", remedy="choose another name")
                return
            self._write({**self._rows, keyid: row})

    def end(self, keyids: Collection[str], at: datetime) -> None:
        """Let these keys sign nothing more from ``at`` on, durably. One that ends earlier ends as it did."""
        with alone_in(self._path.parent):
            self._refresh()
            ended = {
                keyid: {**self._rows[keyid], "valid_to": write_time(at)}
                for keyid in keyids
                if self._entries[keyid].is_valid_at(at) or self._entries[keyid].valid_from > at
            }
            if ended:
                self._write({**self._rows, **ended})

    def _refresh(self) -> None:
        stamp = stamp_of(self._path)
        if stamp in {self._stamp, NOT_THERE}:
            return
        try:
            rows = {row["keyid"]: row for row in json.loads(self._path.read_text(encoding="utf-8"))}
            entries = {keyid: _entry(row) for keyid, row in rows.items()}
        except (ValueError, KeyError, TypeError) as error:
            msg = "the registry of public keys cannot be read"
            raise RegistryError(msg, code="registry.damaged", remedy="restore hub/registry.json") from error
        self._rows, self._entries, self._stamp = rows, entries, stamp

    def _write(self, rows: Mapping[str, Mapping[str, Any]]) -> None:
        replace_file(self._path, json.dumps(list(rows.values()), indent=1, sort_keys=True).encode())
        self._refresh()


def _entry(row: Mapping[str, Any]) -> PublicKeyEntry:
    return PublicKeyEntry(
        row["keyid"],
        row["owner"],
        Ed25519PublicKey.from_public_bytes(base64.b64decode(row["key"])),
        datetime.fromisoformat(row["valid_from"]),
        datetime.fromisoformat(row["valid_to"]) if row.get("valid_to") else None,
    )
