"""The home: where the embedded runtime keeps what belongs to the exchange, to each agency and to each recipient."""

import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

from broker.core.errors import MashError
from broker.runtimes.settings import Settings

READING_KEYS = "reading-keys.json"
"""In the folder of the exchange, an agency or a recipient: what opens content that was sealed to it on its way."""

NAME = re.compile(r"^[a-z0-9][a-z0-9-]{1,62}$")


class HomeError(MashError):
    """The home is missing, not a home, or cannot be made."""

    codes: ClassVar[Mapping[str, str]] = {
        "home.missing": "There is no home at that place.",
        "home.exists": "Something is already there.",
        "home.not_a_demo": "The demonstration plays only in a home of its own.",
        "home.name": "An identifier holds letters that may not stand in a folder name.",
        "home.unknown_agency": "The home knows no agency of that name.",
        "home.in_database": "The home keeps its journal and ledger in PostgreSQL, and no database is named.",
        "home.in_files": "The home keeps its journal and ledger in its own files, and a database is named.",
        "home.moving": "The home's journal and ledger are being moved into PostgreSQL, or that was cut short.",
        "home.moved": "The home keeps its journal and ledger in PostgreSQL already.",
        "home.unknown_signer": "The home has no agency or recipient of that name, so it signs nothing.",
        "home.unknown_reader": "The home has nobody of that name to whom messages are sealed.",
        "home.unknown_recipient": "The home knows no recipient of that name.",
    }


@dataclass(frozen=True, slots=True)
class Home:
    """Paths under one home: ``hub/``, ``agencies/ID/``, ``recipients/ID/``, ``people/ID/``.

    Nothing of one reads another's: the parts meet only in what the runtime carries between them.
    """

    root: Path

    @property
    def hub(self) -> Path:
        """The exchange's own folder: journal.db, keys.db, ledger.db, registry.json."""
        return self.root / "hub"

    @property
    def journal(self) -> Path:
        """Events, decisions, records, deliveries, tasks, facts."""
        return self.hub / "journal.db"

    @property
    def keys(self) -> Path:
        """Child keys, wrapped."""
        return self.hub / "keys.db"

    @property
    def ledger(self) -> Path:
        """Leaves, tiles and checkpoints."""
        return self.hub / "ledger.db"

    @property
    def database_mark(self) -> Path:
        """Stands only where journal and ledger are in PostgreSQL: what marks this home's schemas there."""
        return self.hub / "database"

    @property
    def ledger_origin(self) -> Path:
        """The ledger's name, as its checkpoints have it."""
        return self.hub / "ledger-origin"

    @property
    def registry(self) -> Path:
        """Public keys."""
        return self.hub / "registry.json"

    @property
    def readers(self) -> Path:
        """Public keys that content is sealed to on its way: the exchange's, each agency's, each recipient's."""
        return self.hub / "readers.json"

    @property
    def reading_keys(self) -> Path:
        """The exchange's own keys that open what is sealed to it."""
        return self.hub / READING_KEYS

    @property
    def scripted_clock(self) -> Path:
        """Stands only in a demonstration's home: the time it is there."""
        return self.hub / "clock.json"

    @property
    def steady_clock(self) -> Path:
        """What was last seen of the clock of each machine that the exchange runs on."""
        return self.hub / "steady-clock.json"

    @property
    def agreements(self) -> Path:
        """The partnership's own agreements, a folder for each; absent while it has none of its own."""
        return self.root / "agreements"

    def agency(self, agency: str) -> Path:
        """An agency's folder: inbox, archive, quarantine, spool.db, its key and secret."""
        return self.root / "agencies" / _checked(agency)

    def recipient(self, recipient: str) -> Path:
        """A recipient's folder: view.db and key."""
        return self.root / "recipients" / _checked(recipient)

    def person(self, person: str) -> Path:
        """A person's folder: their signing key."""
        return self.root / "people" / _checked(person)

    def agencies(self) -> tuple[str, ...]:
        """Every agency that has a folder here."""
        return _folders(self.root / "agencies")

    def recipients(self) -> tuple[str, ...]:
        """Every recipient that has a folder here."""
        return _folders(self.root / "recipients")

    def people(self) -> tuple[str, ...]:
        """Every person that has a folder here."""
        return _folders(self.root / "people")

    def check_exists(self) -> None:
        """Refuse to go on without a home.

        Raises:
            HomeError: there is none.
        """
        if not self.registry.exists():
            msg = f"there is no home at {self.root.name}"
            raise HomeError(
                msg, code="home.missing", remedy="make one with: mash init, or see one at work with: mash demo"
            )

    def make(self) -> None:
        """Make the folders, readable by the owner only."""
        for folder in (self.root, self.hub, self.root / "agencies", self.root / "recipients", self.root / "people"):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def demo_key(home: Path) -> Path:
    """Where a demonstration's home has its root key: beside it."""
    return home.with_name(f"{home.name}.root-key")


def with_demo_key(settings: Settings) -> Settings:
    """The same settings; for a demonstration's home, where none is named, with the key that lies beside it."""
    key = demo_key(settings.home)
    if settings.root_key_file is None and Home(settings.home).scripted_clock.exists() and key.exists():
        return replace(settings, root_key_file=key)
    return settings


def make_root_key(path: Path) -> None:
    """Write a new root key, readable by the owner only; it is on the disk when this returns.

    Raises:
        HomeError: a file is already there; a root key is never overwritten.
    """
    if path.exists():
        msg = f"a file {path.name} is already there"
        raise HomeError(msg, code="home.exists", remedy="keep it; a lost root key cannot be made again")
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_name(f"{path.name}.half")
    half.unlink(missing_ok=True)
    half.touch(mode=0o600)
    with half.open("w", encoding="ascii") as file:
        file.write(secrets.token_hex(32) + "\n")
        file.flush()
        os.fsync(file.fileno())
    half.rename(path)  # what was cut short leaves no file that is taken for a key
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _checked(name: str) -> str:
    if not NAME.match(name):
        msg = "an identifier may hold lower-case letters, digits and hyphens only"
        raise HomeError(msg, code="home.name", remedy="use the identifier from the agreement's directory")
    return name


def _folders(parent: Path) -> tuple[str, ...]:
    if not parent.is_dir():
        return ()
    return tuple(sorted(p.name for p in parent.iterdir() if p.is_dir() and NAME.match(p.name)))
