"""Erasing in tests: the officers, their two words, and everything that a file may still hold afterwards."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import LargeBinary
from sqlalchemy.event import listens_for

from broker.core.grounds import Ground
from broker.drivers.sql import schema
from broker.ports.transport import Submitted
from broker.recipient.keys import unseal as recipient_unseal
from broker.runtimes.embedded import Embedded
from broker.runtimes.forgetting import ErasureRow
from broker.runtimes.people import SignedIn
from broker.services.accept import Came
from contracts.words import AgencyId, ChildId, EventId
from tests.integration.services.test_reask import Exchange
from tests.support.builders import (
    EventBuilder,
)
from tests.support.homes import a_home, opened, signed

DPO = SignedIn("imran-shah", "Imran Shah", "data_protection_officer", "")
SIRO = SignedIn("olu-bright", "Olu Bright", "senior_information_risk_owner", "")
MANAGER = SignedIn("tom-averill", "Tom Averill", "mash_manager", "mash-core")
PRACTITIONER = SignedIn("ruth-okafor", "Ruth Okafor", "mash_practitioner", "mash-core")
PEOPLE = (DPO, SIRO, MANAGER, PRACTITIONER)


@contextmanager
def an_exchange(folder: Path) -> Iterator[Exchange]:
    """An exchange with its officers; at its end everything agrees."""
    settings = a_home(folder)
    with opened(settings) as runtime:
        for who in PEOPLE:
            held = f"{who.role}@{who.recipient}" if who.recipient else who.role
            runtime.add_person(who.name, (held,), person=who.person)
        yield Exchange(settings, runtime)
        runtime.tick()
        assert runtime.reconcile().differences == ()
        assert runtime.verify_ledger(against=None, tell=lambda _done, _total: None).finding is None


def propose(
    exchange: Exchange, about: EventBuilder, who: SignedIn = DPO, ground: Ground = Ground.RETENTION_OVER
) -> str:
    child = "Mia Marsh" if who.recipient else about.id
    return exchange.runtime.officers.propose_erasure(child, who, ground=ground).erasure


def erase(exchange: Exchange, about: EventBuilder, ground: Ground = Ground.RETENTION_OVER) -> ErasureRow:
    """Both people's word, and all that follows."""
    proposed = propose(exchange, about, ground=ground)
    exchange.runtime.officers.confirm_erasure(proposed, SIRO)
    exchange.runtime.tick()
    (row,) = [row for row in exchange.runtime.officers.erasures(DPO) if row.erasure == proposed]
    return row


def the_child(runtime: Embedded, event: EventBuilder) -> ChildId:
    stored = runtime.hub.journal.event(EventId(event.id))
    assert stored is not None
    assert stored.child is not None
    return stored.child


def names_shown(runtime: Embedded) -> set[str]:
    return {row.name for row in runtime.desk.children(PRACTITIONER)}


def every_file(runtime: Embedded) -> dict[str, bytes]:
    root = runtime.home.root
    folders = (root / "hub", root / "recipients")
    found = [path for folder in folders for path in sorted(folder.rglob("*")) if path.is_file()]
    return {str(path.relative_to(root)): path.read_bytes() for path in found}


def sealed_of(runtime: Embedded, child: ChildId) -> list[bytes]:
    """Every ciphertext that the exchange keeps under a child's key."""
    key = runtime.hub.keys.child_key(child)
    found: list[bytes] = []
    with closing(sqlite3.connect(runtime.home.journal)) as database:
        for table in schema.metadata.sorted_tables:
            for column in table.columns:
                if isinstance(column.type, LargeBinary) and column.name.startswith("sealed"):
                    rows = database.execute(f"SELECT {column.name} FROM {table.name}").fetchall()  # noqa: S608 - ours
                    found += [blob for (blob,) in rows if blob and opens_under_any_name(key, blob, runtime)]
    return found


def opens_under_any_name(key: bytes, blob: bytes, runtime: Embedded) -> bool:
    return any(opens(key, blob, name) for name in names(runtime))


def names(runtime: Embedded) -> set[str]:
    """Everything that something sealed may be bound to."""
    with closing(sqlite3.connect(runtime.home.journal)) as database:

        def ids(query: str) -> list[str]:
            return [str(row[0]) for row in database.execute(query)]

        found = {f"record:{each}" for each in ids("SELECT record_id FROM records")}
        found |= {f"event:{each}" for each in ids("SELECT event_id FROM events")}
        found |= {f"delivery:{each}" for each in ids("SELECT delivery_id FROM deliveries")}
    return found


def opens(key: bytes, blob: bytes, about: str) -> bool:
    try:
        AESGCM(key).decrypt(blob[:12], blob[12:], about.encode())
    except InvalidTag:
        return False
    return True


def every_key(runtime: Embedded) -> list[bytes]:
    """Every key that is left: of children, the exchange's secrets, and what recipients keep."""
    keys = runtime.hub.keys
    with closing(sqlite3.connect(runtime.home.keys)) as database:
        children = [ChildId(row[0]) for row in database.execute("SELECT child FROM child_keys")]
        purposes = [str(row[0]) for row in database.execute("SELECT purpose FROM secrets")]
    found = [keys.child_key(child) for child in children] + [keys.secret(purpose) for purpose in purposes]
    for side in runtime.recipients.values():
        with closing(sqlite3.connect(runtime.home.recipient(side.recipient) / "view.db")) as database:
            wrapped = database.execute("SELECT child, wrapped FROM child_keys").fetchall()
        found += [side.keys.sealing, *(recipient_unseal(side.keys.sealing, blob, child) for child, blob in wrapped)]
    return found


def wrapped_keys(runtime: Embedded, child: ChildId) -> list[bytes]:
    with closing(sqlite3.connect(runtime.home.keys)) as database:
        return [row[0] for row in database.execute("SELECT wrapped FROM child_keys WHERE child = ?", (child,))]


def recipients_hold(runtime: Embedded, child: ChildId) -> list[bytes]:
    """Ciphertexts and wrapped keys of one child in the recipients' stores."""
    mine = {status.delivery.delivery_id for status in runtime.hub.journal.deliveries(child=child)}
    found: list[bytes] = []
    for side in runtime.recipients.values():
        with closing(sqlite3.connect(runtime.home.recipient(side.recipient) / "view.db")) as database:
            held = database.execute("SELECT delivery_id, child, sealed FROM deliveries").fetchall()
            theirs = {name for delivery, name, _ in held if delivery in mine}
            found += [blob for delivery, _, blob in held if delivery in mine and blob]
            wrapped = database.execute("SELECT child, wrapped FROM child_keys").fetchall()
            found += [blob for name, blob in wrapped if name in theirs]
    return found


def short_patience(store: object) -> None:
    """Let a store wait for others only for a moment."""
    engine = store.engine  # type: ignore[attr-defined]
    engine.dispose()

    @listens_for(engine, "connect")
    def impatient(connection: sqlite3.Connection, _entry: object) -> None:
        connection.execute("PRAGMA busy_timeout = 50").close()


def reply_about(exchange: Exchange, event: EventBuilder) -> tuple[str, str]:
    """The exchange's last answer about an event, as its agency keeps it."""
    agency = exchange.runtime.home.agency(event.agency)
    with closing(sqlite3.connect(agency / "spool.db")) as database:
        (row,) = database.execute("SELECT reply, code FROM events WHERE id = ?", (event.id,)).fetchall()
    return str(row[0]), str(row[1])


def sent_again(exchange: Exchange, *events: EventBuilder) -> list[Came]:
    """The very same messages, straight to the exchange."""
    submitted = [
        Submitted(AgencyId(event.agency), signed(exchange.settings, event), f"again-{place}")
        for place, event in enumerate(events)
    ]
    came = exchange.runtime.hub.accept.run(submitted).came
    exchange.runtime.tick()
    return [came[each.position] for each in submitted]
