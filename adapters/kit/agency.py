"""An agency's own side: who it is, its secret, its signing key and its folders."""

import json
import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from adapters.kit.errors import AgencyError
from adapters.kit.ids import derived_key
from contracts.canonical import digest
from contracts.words import AgencyId, AgencyKind

SETTINGS_FILE = "agency.json"
KEY_FILE = "key"
NEXT_KEY_FILE = "key.next"
SECRET_FILE = "secret"  # noqa: S105 - a file's name
SECRET_BYTES = 32
OWNER_ONLY = 0o600
_ID = re.compile(r"[a-z0-9][a-z0-9-]{1,62}")


@dataclass(frozen=True, slots=True)
class Agency:
    """One source agency as its adapters know it. ``secret`` keys its hashes; ``key`` signs its events."""

    id: AgencyId
    kind: AgencyKind
    keyid: str
    folder: Path
    secret: bytes = field(repr=False)
    key: Ed25519PrivateKey = field(repr=False)
    settings: Mapping[str, str] = field(default_factory=dict)

    @property
    def public_key(self) -> Ed25519PublicKey:
        """The key that the exchange registers for this agency."""
        return self.key.public_key()

    @property
    def inbox(self) -> Path:
        """Where the agency's systems lay native files."""
        return self.folder / "inbox"

    @property
    def archive(self) -> Path:
        """Where files go once read, sealed."""
        return self.folder / "archive"

    @property
    def quarantine(self) -> Path:
        """Where what could not be read is kept, sealed."""
        return self.folder / "quarantine"

    @property
    def spool_path(self) -> Path:
        """The agency's spool."""
        return self.folder / "spool.db"

    def derived(self, purpose: str) -> bytes:
        """A key of this agency for one purpose."""
        return derived_key(self.secret, purpose)


def create_agency(home: Path, agency_id: str, kind: AgencyKind, settings: Mapping[str, str] | None = None) -> Agency:
    """Make an agency's folder ``home/agency_id`` with a fresh secret and signing key, readable by its owner only.

    Raises:
        AgencyError: the id is not lower-case letters, digits and hyphens, or the agency is already there.
    """
    if not _ID.fullmatch(agency_id):
        raise _error(agency_id, "agency.malformed", "is no agency id", "use lower-case letters, digits and hyphens")
    folder = home / agency_id
    if (folder / SETTINGS_FILE).exists():
        raise _error(agency_id, "agency.exists", "is already there", "choose another id")
    for place in (folder, folder / "inbox", folder / "archive", folder / "quarantine"):
        place.mkdir(parents=True, exist_ok=True)
    _write(folder / SECRET_FILE, secrets.token_hex(SECRET_BYTES).encode())
    _write(folder / KEY_FILE, _new_key())
    content = json.dumps(
        {"id": agency_id, "kind": kind.value, "settings": dict(settings or {})}, indent=2, sort_keys=True
    )
    _write(folder / SETTINGS_FILE, content.encode())
    return load_agency(home, agency_id)


def next_key(home: Path, agency_id: str) -> tuple[str, Ed25519PublicKey]:
    """The name and public half of the key that the agency will sign with next; made if there is none yet.

    Raises:
        AgencyError: there is no such agency, or the key cannot be read.
    """
    folder = load_agency(home, agency_id).folder
    if not (folder / NEXT_KEY_FILE).exists():
        _write(folder / f"{NEXT_KEY_FILE}.new", _new_key())
        (folder / f"{NEXT_KEY_FILE}.new").replace(folder / NEXT_KEY_FILE)
    try:
        public = _signing_key(folder / NEXT_KEY_FILE).public_key()
    except (OSError, ValueError, TypeError):
        raise _error(agency_id, "agency.malformed", "has a next key that cannot be read", "remove the file") from None
    return _keyid(agency_id, public), public


def use_next_key(home: Path, agency_id: str) -> None:
    """Sign with the next key from now on, also in processes that run; the one before is gone.

    Raises:
        AgencyError: there is no such agency.
    """
    folder = load_agency(home, agency_id).folder
    (folder / NEXT_KEY_FILE).replace(folder / KEY_FILE)


def key_in(folder: Path) -> tuple[int, int]:
    """Which file an agency's signing key lies in: another one once it was renewed."""
    status = (folder / KEY_FILE).stat()
    return status.st_mtime_ns, status.st_ino


def load_agency(home: Path, agency_id: str) -> Agency:
    """Read an agency's folder.

    Raises:
        AgencyError: there is none, or a part of it cannot be read.
    """
    folder = home / agency_id
    if not _ID.fullmatch(agency_id) or not (folder / SETTINGS_FILE).is_file():
        raise _error(agency_id, "agency.missing", "is not in this home", "check the id, or create the agency first")
    try:
        public_part = json.loads((folder / SETTINGS_FILE).read_bytes())
        key = _signing_key(folder / KEY_FILE)
        return Agency(
            AgencyId(agency_id),
            AgencyKind(public_part["kind"]),
            _keyid(agency_id, key.public_key()),
            folder,
            _secret(folder),
            key,
            {str(name): str(value) for name, value in public_part.get("settings", {}).items()},
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise _error(
            agency_id, "agency.malformed", "has settings, a key or a secret that cannot be read", "restore its folder"
        ) from None


def agencies_in(home: Path) -> tuple[str, ...]:
    """The ids of the agencies in ``home``, sorted."""
    if not home.is_dir():
        return ()
    return tuple(sorted(place.name for place in home.iterdir() if (place / SETTINGS_FILE).is_file()))


def _secret(folder: Path) -> bytes:
    secret = bytes.fromhex((folder / SECRET_FILE).read_text().strip())
    if len(secret) != SECRET_BYTES:
        raise ValueError(SECRET_FILE)
    return secret


def _new_key() -> bytes:
    return Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _signing_key(path: Path) -> Ed25519PrivateKey:
    key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise TypeError(KEY_FILE)
    return key


def _keyid(agency_id: str, public: Ed25519PublicKey) -> str:
    return f"{agency_id}:{digest(public.public_bytes_raw())[:16]}"


def _write(place: Path, content: bytes) -> None:
    with os.fdopen(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, OWNER_ONLY), "wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())


def _error(agency_id: str, code: str, what: str, remedy: str) -> AgencyError:
    return AgencyError(f"the agency {agency_id!r} {what}", code=code, remedy=remedy)
