"""Makes a home for a partnership: a folder and keys for each party and recipient in its agreements."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path

from broker.recipient.keys import create_keys, load_keys
from broker.runtimes.feeds import agency_side
from broker.runtimes.home import READING_KEYS, Home
from broker.runtimes.readers import Readers, renew
from broker.runtimes.registry import KeyRegistry
from contracts.messages import EXCHANGE
from policies.engine import Agreement, Engine, Party


def make_home(home: Home, engine: Engine, *, now: datetime) -> None:
    """Make what is missing: folders, keys, registrations. What is there stays as it is."""
    home.make()
    registry = KeyRegistry(home.registry)
    readers = Readers(home.readers)
    side = agency_side()
    _make_reading_keys(home.reading_keys, EXCHANGE, readers, now)
    for agreement in engine.agreements:
        for party in agreement.parties:
            side.create(home.root / "agencies", party.id, party.kind, _settings(engine.agreements, party))
            feed = side.open(home.root / "agencies", party.id, engine)
            registry.register(feed.keyid, feed.public_key, sort="agency", owner=party.id, valid_from=now)
            feed.close()
            _make_reading_keys(home.agency(party.id) / READING_KEYS, f"agency.{party.id}", readers, now)
        for recipient in agreement.recipients:
            folder = home.recipient(recipient.id)
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            key_file = folder / "key"
            keyid = f"{recipient.id}:receipts"
            keys = load_keys(key_file) if key_file.exists() else create_keys(key_file, keyid)
            registry.register(keys.keyid, keys.public, sort="recipient", owner=recipient.id, valid_from=now)
            _make_reading_keys(folder / READING_KEYS, f"recipient.{recipient.id}", readers, now)


def is_complete(home: Home, engine: Engine) -> bool:
    """Whether every party and recipient of the agreements has its folder and keys here."""
    registry, readers = KeyRegistry(home.registry), Readers(home.readers)
    wanted = [EXCHANGE]
    for agreement in engine.agreements:
        wanted.extend(f"agency.{party.id}" for party in agreement.parties)
        wanted.extend(f"recipient.{recipient.id}" for recipient in agreement.recipients)
        if any(not registry.of("agency", party.id) for party in agreement.parties):
            return False
        for recipient in agreement.recipients:
            if not (home.recipient(recipient.id) / "key").exists() or not registry.of("recipient", recipient.id):
                return False
    return all(readers.has(each) for each in wanted)


def _make_reading_keys(path: Path, owner: str, readers: Readers, now: datetime) -> None:
    if not (path.exists() and readers.has(owner)):
        renew(path, owner, readers, now=now)


def _settings(agreements: Iterable[Agreement], party: Party) -> Mapping[str, str]:
    """What an agency's adapters must know of itself: the codes under which others know it, in whichever agreement."""
    settings = {"agency_name": party.name, "establishment_sort": party.sort, "timezone": "Europe/London"}
    for agreement in agreements:
        own = {r.id for r in agreement.recipients if r.agency == party.id}
        for organisation in agreement.organisations:
            if organisation.recipient in own and organisation.scheme == "urn":
                settings["establishment_urn"] = organisation.code
                settings["establishment_name"] = party.name
    return settings
