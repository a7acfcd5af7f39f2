"""Settings come from the environment only, once, into one frozen value."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from broker.core.errors import MashError

KNOWN: Mapping[str, str] = {
    "MASH_HOME": "The folder that holds hub, agencies and recipients. Default: ./mash-home",
    "MASH_ROOT_KEY_FILE": "A file outside the home with the root key (32 bytes as 64 hexadecimal digits).",
    "MASH_PERSON_KEY_FILE": "Your own signing key, where it is not kept in the home's people folder.",
    "MASH_LOG_LEVEL": "debug, info, warning or error. Default: info",
    "MASH_BACKUP_DAYS": "For how many days backups of the home are kept, in which what is erased still is. Default: 35",
    "MASH_DATABASE_URL": (
        "Where PostgreSQL keeps journal and ledger: postgresql://user@host:5432/name. Default: in files of the home"
    ),
    "MASH_DATABASE_PASSWORD_FILE": "A file with that user's password.",
    "MASH_DATABASE_CA_FILE": (
        "Who vouches for the database's server, as a PEM file; then it must prove who it is, and all is encrypted."
    ),
    "MASH_OPA_URL": "An OPA server with this policy's bundle: http://host:8181. Default: evaluated in process",
    "MASH_KAFKA_SERVERS": "Kafka's brokers, over TLS: host:9093, more than one with commas between",
    "MASH_KAFKA_USER": "As whom this process signs in to Kafka (SCRAM-SHA-512).",
    "MASH_KAFKA_PASSWORD_FILE": "A file with that user's password.",
    "MASH_KAFKA_CA_FILE": "Who vouches for the brokers, as a PEM file. Default: the authorities this machine trusts",
    "MASH_MEMBER": "This process's name among its like, the same each time. Default: its kind and the machine",
    "MASH_MONITOR_AT": (
        "Where a process of the streaming runtime tells whether it works, and its figures for Prometheus:"
        " 127.0.0.1:9464. Default: nowhere"
    ),
    "MASH_REMEMBERED_VERDICTS": "How many verdicts of the policy are remembered; 0 for none. Default: 1000",
}
"""Every variable that is read; the reference page and its test come from here."""

DEFAULT_HOME = Path("mash-home")
_DIGITS = 6
_LAST_PORT = 65535
_MEMBER = re.compile(r"[A-Za-z0-9._-]{1,100}")


class SettingsError(MashError):
    """A setting is missing or cannot be used."""

    codes: ClassVar[Mapping[str, str]] = {
        "settings.root_key_missing": "No root key file is named, so nothing sealed can be opened or kept.",
        "settings.root_key_unusable": "The root key file cannot be read, or holds no 32-byte key.",
        "settings.root_key_inside_home": "The root key file lies inside the home it protects.",
        "settings.database": "The settings of the database cannot be used.",
        "settings.member": "The name of this process among its like cannot be used.",
        "settings.kafka": "The settings of Kafka are missing or cannot be used.",
        "settings.opa": "The OPA server's address cannot be used.",
        "settings.address": "MASH_MONITOR_AT is not a host and a port.",
        "settings.unknown": "A MASH_ variable is set that nothing reads.",
        "settings.remembered_verdicts": "The number of verdicts to remember is not a whole number up to 999,999.",
        "settings.backup_days": "The number of days for which backups are kept is not a whole number up to 999,999.",
        "settings.log_level": "The log level is not one of debug, info, warning, error.",
    }


@dataclass(frozen=True, slots=True)
class DatabaseSettings:
    """Where PostgreSQL is, the file with the password, and the authority whose certificate its server must have."""

    url: str = field(repr=False)
    password_file: Path | None = None
    ca_file: Path | None = None


@dataclass(frozen=True, slots=True)
class KafkaSettings:
    """Where Kafka's brokers are and as whom to sign in, with the files of the password and of the authority."""

    servers: tuple[str, ...]
    user: str
    password_file: Path
    ca_file: Path | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """What the environment says. The defaults are safe in production."""

    home: Path
    root_key_file: Path | None
    person_key_file: Path | None
    log_level: str
    remembered_verdicts: int = 1000
    backup_days: int = 35
    database: DatabaseSettings | None = None
    opa_url: str = ""
    kafka: KafkaSettings | None = None
    member: str = ""
    monitor_at: tuple[str, int] | None = None


def read_settings(
    environment: Mapping[str, str] | None = None, *, home: Path | None = None, default: Path = DEFAULT_HOME
) -> Settings:
    """Read the environment; ``home`` (from ``--home``) wins over ``MASH_HOME``, which wins over ``default``.

    Raises:
        SettingsError: an unknown MASH_ variable, or a value that cannot be used.
    """
    env = os.environ if environment is None else environment
    for name in env:
        if name.startswith("MASH_") and name not in KNOWN and name != "MASH_OPA":
            msg = f"the variable {name} is set, but nothing reads it"
            raise SettingsError(msg, code="settings.unknown", remedy=f"unset it; known are {', '.join(KNOWN)}")
    level = env.get("MASH_LOG_LEVEL", "info").lower()
    if level not in {"debug", "info", "warning", "error"}:
        msg = "MASH_LOG_LEVEL is not one of debug, info, warning, error"
        raise SettingsError(msg, code="settings.log_level", remedy="set one of these, or unset it")
    return Settings(
        home=(home or Path(env.get("MASH_HOME", default))).absolute(),
        root_key_file=_path(env.get("MASH_ROOT_KEY_FILE")),
        person_key_file=_path(env.get("MASH_PERSON_KEY_FILE")),
        log_level=level,
        remembered_verdicts=_number(
            env, "MASH_REMEMBERED_VERDICTS", default=1000, code="settings.remembered_verdicts", zero="to remember none"
        ),
        backup_days=_number(env, "MASH_BACKUP_DAYS", default=35, code="settings.backup_days", zero="if there are none"),
        database=_database(env),
        opa_url=env.get("MASH_OPA_URL", ""),
        kafka=_kafka(env),
        member=_member(env),
        monitor_at=_address(env, "MASH_MONITOR_AT"),
    )


def read_root_key(settings: Settings) -> bytes:
    """Read the root key.

    Raises:
        SettingsError: no file is named, it lies inside the home, or it holds no key.
    """
    path = settings.root_key_file
    if path is None:
        msg = "no root key file is named"
        raise SettingsError(
            msg,
            code="settings.root_key_missing",
            remedy="set MASH_ROOT_KEY_FILE to a file outside the home; make one with: mash init",
        )
    check_outside(path, settings.home)
    try:
        key = bytes.fromhex(path.read_text(encoding="ascii").strip())
    except (OSError, ValueError) as error:
        msg = f"the root key file {path.name} cannot be read"
        raise SettingsError(
            msg, code="settings.root_key_unusable", remedy="restore it: 64 hexadecimal digits, readable by you only"
        ) from error
    if len(key) != 32:  # noqa: PLR2004 - AES-256
        msg = f"the root key file {path.name} holds {len(key)} bytes instead of 32"
        raise SettingsError(msg, code="settings.root_key_unusable", remedy="restore it: 64 hexadecimal digits")
    return key


def check_outside(path: Path, home: Path) -> None:
    """See that a root key's file does not lie in the home that it protects.

    Raises:
        SettingsError: it does.
    """
    if path.absolute().is_relative_to(home):
        msg = "the root key file lies inside the home it protects"
        raise SettingsError(
            msg, code="settings.root_key_inside_home", remedy="move it outside, where backups of the home do not reach"
        )


def _database(env: Mapping[str, str]) -> DatabaseSettings | None:
    url = env.get("MASH_DATABASE_URL", "")
    password, authority = (env.get(f"MASH_DATABASE_{each}_FILE") for each in ("PASSWORD", "CA"))
    if url:
        return DatabaseSettings(url, _path(password), _path(authority))
    if password or authority:
        msg = "a file for the database is named, but no database"
        raise SettingsError(msg, code="settings.database", remedy="set MASH_DATABASE_URL too, or unset it")
    return None


def _kafka(env: Mapping[str, str]) -> KafkaSettings | None:
    servers = tuple(each.strip() for each in env.get("MASH_KAFKA_SERVERS", "").split(",") if each.strip())
    user, password = env.get("MASH_KAFKA_USER", ""), _path(env.get("MASH_KAFKA_PASSWORD_FILE"))
    authority = _path(env.get("MASH_KAFKA_CA_FILE"))
    if servers and user and password:
        return KafkaSettings(servers, user, password, authority)
    if servers or user or password or authority:
        msg = "Kafka's settings are not whole"
        remedy = "set MASH_KAFKA_SERVERS, MASH_KAFKA_USER and MASH_KAFKA_PASSWORD_FILE, or none"
        raise SettingsError(msg, code="settings.kafka", remedy=remedy)
    return None


def _member(env: Mapping[str, str]) -> str:
    name = env.get("MASH_MEMBER", "")
    if name and not _MEMBER.fullmatch(name):
        msg = "MASH_MEMBER is no name of a process"
        remedy = "use up to 100 letters, digits, dots, hyphens and underscores"
        raise SettingsError(msg, code="settings.member", remedy=remedy)
    return name


def _address(env: Mapping[str, str], name: str) -> tuple[str, int] | None:
    value = env.get(name, "")
    if not value:
        return None
    host, _, port = value.rpartition(":")
    if not (host and port.isascii() and port.isdecimal() and int(port) <= _LAST_PORT):
        msg = f"{name} is no address"
        raise SettingsError(msg, code="settings.address", remedy="write a host and a port: 127.0.0.1:9464")
    return host.strip("[]"), int(port)


def _number(env: Mapping[str, str], name: str, *, default: int, code: str, zero: str) -> int:
    value = env.get(name, str(default))
    if not (value.isascii() and value.isdecimal() and len(value) <= _DIGITS):
        msg = f"{name} is not a whole number up to 999,999"
        raise SettingsError(msg, code=code, remedy=f"set one, or 0 {zero}")
    return int(value)


def _path(value: str | None) -> Path | None:
    return Path(value).absolute() if value else None
