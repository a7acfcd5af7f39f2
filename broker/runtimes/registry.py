"""The registry of public keys: agencies, recipients and people. It holds nothing secret."""

import base64
import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from broker.core.errors import MashError
from broker.ports.people import PersonEntry
from broker.runtimes.files import replace_file
from contracts.envelope import write_time
from contracts.signing import PublicKeyEntry
from contracts.words import PersonId

SORTS = ("agency", "recipient", "person")


class RegistryError(MashError):
    """A key cannot be registered or found."""

    codes: ClassVar[Mapping[str, str]] = {
        "registry.damaged": "The registry of public keys cannot be read.",
        "registry.taken": "A key of that name is already registered for somebody else.",
    }


class KeyRegistry:
    """Public keys by name, each with its owner and the time during which it may sign."""

    def __init__(self, path: Path) -> None:
        """Read the registry at ``path``; a missing file is an empty registry.

        Raises:
            RegistryError: the file is damaged.
        """
        self._path = path
        self._rows: dict[str, dict[str, Any]] = {}
        self._entries: dict[str, PublicKeyEntry] = {}
        if path.exists():
            try:
                for row in json.loads(path.read_text(encoding="utf-8")):
                    self._take(row)
            except (ValueError, KeyError, TypeError) as error:
                msg = "the registry of public keys cannot be read"
                raise RegistryError(msg, code="registry.damaged", remedy="restore hub/registry.json") from error

    def key(self, keyid: str) -> PublicKeyEntry | None:
        """The entry of that name, or none."""
        return self._entries.get(keyid)

    def person(self, person: PersonId) -> PersonEntry | None:
        """A person who may act, with the roles they hold; none where nobody of that id is registered."""
        entries = self.of("person", person)
        if not entries:
            return None
        held = self.details(entries[0].keyid).get("roles", [])
        return PersonEntry(person, frozenset(str(role).partition("@")[0] for role in held), entries[0])

    def of(self, sort: str, owner: str) -> tuple[PublicKeyEntry, ...]:
        """Every key of one owner."""
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
        known = self._rows.get(keyid)
        if known is not None:
            if known["key"] != row["key"]:
                msg = f"the key name {keyid} is already registered for another key"
                raise RegistryError(msg, code="registry.taken", remedy="choose another name")
            return
        self._take(row)
        self._save()

    def _take(self, row: dict[str, Any]) -> None:
        self._rows[row["keyid"]] = row
        self._entries[row["keyid"]] = PublicKeyEntry(
            row["keyid"],
            row["owner"],
            Ed25519PublicKey.from_public_bytes(base64.b64decode(row["key"])),
            datetime.fromisoformat(row["valid_from"]),
            datetime.fromisoformat(row["valid_to"]) if row.get("valid_to") else None,
        )

    def _save(self) -> None:
        replace_file(self._path, json.dumps(list(self._rows.values()), indent=1, sort_keys=True).encode())
