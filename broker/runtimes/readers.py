"""The register of keys that content is sealed to while it travels. It holds nothing secret."""

import base64
import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import ClassVar

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey

from broker.core.errors import MashError
from broker.runtimes.files import Stamp, alone_in, replace_file, stamp_of
from broker.runtimes.home import READING_KEYS, Home, HomeError
from contracts.envelope import write_time
from contracts.messages import EXCHANGE
from contracts.sealed import ReaderKey, ReadingKeys, SealedError


class ReadersError(MashError):
    """The register of readers' keys cannot be used."""

    codes: ClassVar[Mapping[str, str]] = {"readers.damaged": "The register of readers' keys cannot be read."}


class Readers:
    """The current key of each reader: the exchange, ``agency.ID``, ``recipient.ID``.

    Read anew whenever the file has changed, so that none grows old.
    """

    def __init__(self, path: Path) -> None:
        """Read the register at ``path``; a missing file is an empty one."""
        self._path = path
        self._stamp: Stamp = (0, 0)
        self._rows: dict[str, ReaderKey] = {}

    def current(self, owner: str) -> ReaderKey:
        """The key to seal to.

        Raises:
            SealedError: none is registered.
            ReadersError: the register is damaged.
        """
        self._refresh()
        found = self._rows.get(owner)
        if found is None:
            msg = f"no key is registered to seal to {owner}"
            raise SealedError(msg, code="sealed.no_reader", remedy="register it with: mash keys renew")
        return found

    def has(self, owner: str) -> bool:
        """Whether a key is registered."""
        self._refresh()
        return owner in self._rows

    def register(self, key: ReaderKey) -> None:
        """Make this the owner's current key, durably."""
        with alone_in(self._path.parent):
            self._refresh()
            self._rows[key.owner] = key
            rows = [
                {
                    "owner": each.owner,
                    "keyid": each.keyid,
                    "key": base64.b64encode(each.key.public_bytes_raw()).decode(),
                    "valid_from": write_time(each.valid_from),
                }
                for _, each in sorted(self._rows.items())
            ]
            replace_file(self._path, json.dumps(rows, indent=1).encode())

    def _refresh(self) -> None:
        stamp = stamp_of(self._path)
        if stamp in {self._stamp, (0, 0)}:
            return
        try:
            rows = [_read(row) for row in json.loads(self._path.read_bytes())]
        except (ValueError, KeyError, TypeError) as error:
            msg = "the register of readers' keys cannot be read"
            raise ReadersError(msg, code="readers.damaged", remedy="restore hub/readers.json") from error
        self._rows, self._stamp = {each.owner: each for each in rows}, stamp


class OwnKeys:
    """One reader's own keys in their file, read anew whenever the file has changed."""

    def __init__(self, path: Path) -> None:
        """The file must be there when the keys are asked for."""
        self._path = path
        self._stamp: Stamp = (0, 0)
        self._keys: ReadingKeys | None = None

    def __call__(self) -> ReadingKeys:
        """The keys as they are now.

        Raises:
            SealedError: the file is missing or damaged.
        """
        try:
            stamp = stamp_of(self._path)
            if self._keys is None or stamp != self._stamp:
                self._keys, self._stamp = ReadingKeys.read(self._path.read_bytes()), stamp
        except OSError as error:
            msg = f"the keys that open what is sealed are not in {self._path.parent.name}"
            remedy = "make them with: mash keys renew"
            raise SealedError(msg, code="sealed.keys_unreadable", remedy=remedy) from error
        return self._keys


def renewed_in(home: Home, who: str, *, now: datetime) -> Mapping[str, ReadingKeys]:
    """Renew the keys of one reader of a home, or, with no name, of all of them.

    Raises:
        HomeError: the home has no such reader.
        SealedError: a reader's file is damaged; those before it are renewed.
    """
    places = {EXCHANGE: home.reading_keys}
    places |= {f"agency.{each}": home.agency(each) / READING_KEYS for each in home.agencies()}
    places |= {f"recipient.{each}": home.recipient(each) / READING_KEYS for each in home.recipients()}
    if who and who not in places:
        msg = f"the home knows no reader {who!r}"
        remedy = "name exchange, agency.ID or recipient.ID"
        raise HomeError(msg, code="home.unknown_reader", remedy=remedy)
    readers = Readers(home.readers)
    return {owner: renew(place, owner, readers, now=now) for owner, place in places.items() if who in {"", owner}}


def renew(path: Path, owner: str, readers: Readers, *, now: datetime) -> ReadingKeys:
    """Give a reader a new current key: kept first, then registered. Keys replaced eight days ago are destroyed.

    Raises:
        SealedError: the file is damaged; nothing was changed.
    """
    keys = ReadingKeys.read(path.read_bytes()).renewed(now=now) if path.exists() else ReadingKeys.fresh(owner, now=now)
    replace_file(path, keys.written(), mode=0o600)
    readers.register(keys.current)
    return keys


def _read(row: Mapping[str, str]) -> ReaderKey:
    key = X25519PublicKey.from_public_bytes(base64.b64decode(row["key"]))
    return ReaderKey(row["keyid"], row["owner"], key, datetime.fromisoformat(row["valid_from"]))
