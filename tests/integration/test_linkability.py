"""A recipient with all it was given and the whole published log learns of other decisions only how many, and when."""

import base64
import binascii
import hashlib
import hmac
import json
import re
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from broker.core.outcome import RecordKind
from broker.core.records import RecordWriter
from broker.core.sealing import Sealer
from broker.core.share_proof import parse_share_proof
from broker.drivers.memory.ledger_store import MemoryLedger
from broker.ports.journal import PendingRecord
from broker.runtimes.people import SignedIn
from broker.runtimes.settings import Settings
from broker.services.sequence import grow
from contracts.canonical import canonical
from contracts.words import RecipientId
from tests.integration.services.test_reask import Exchange
from tests.support.builders import (
    EventBuilder,
    a_concern,
    a_domestic_incident,
    a_gp_registration,
    a_protection_plan,
    a_pupil_enrolment,
    a_referral,
    a_section_47,
    a_worker_allocation,
    an_emergency_attendance,
)
from tests.support.event_parts import MILL_LANE
from tests.support.homes import a_home, copy_home, opened
from tests.support.hub import CountedIds
from tests.support.ledger import MORNING, a_signer
from tests.support.people import THEO

SCHOOL = RecipientId("school-ashdown")
LEAD = SignedIn("sam", "Sam Field", "designated_safeguarding_lead", SCHOOL)
RECORDS_A_GROUP, GROUPS = 6, 600
SHORTEST = 6
"""Letters: a shorter text stands somewhere by chance."""


def an_incident(key: str = "1") -> EventBuilder:
    return a_domestic_incident().saying(both_parties_16_or_over=True).living_at(MILL_LANE).as_record(key)


@dataclass(frozen=True)
class Player:
    """One recipient: what it was given, what it signed, its keys and its proofs; and the published log.

    ``mine``: the log entries that its own proofs open. ``others``: all the rest, as everybody may read them.
    """

    given: tuple[bytes, ...]
    receipts: tuple[bytes, ...]
    proofs: tuple[bytes, ...]
    secrets: tuple[bytes, ...]
    notes: tuple[str, ...]
    leaves: tuple[bytes, ...]
    mine: frozenset[int]

    @property
    def others(self) -> list[bytes]:
        return [leaf for at, leaf in enumerate(self.leaves) if at not in self.mine]

    @property
    def other_commitments(self) -> set[bytes]:
        """Those of others' entries, and the parts of its own that stay shut."""
        own = [json.loads(self.leaves[at])["internal"] for at in self.mine]
        told = [part for leaf in self.others for part in (json.loads(leaf)["disclosed"], json.loads(leaf)["internal"])]
        return {base64.b64decode(part) for part in (*own, *told)}

    def texts(self) -> set[str]:
        """Every text and number in what it was given, signed and proved."""
        found: set[str] = set()
        for content in (*self.given, *self.receipts, *self.proofs):
            _gather(json.loads(content), found)
        return found | {part for text in list(found) for part in text.split()}

    def raw(self) -> set[bytes]:
        """The same as bytes, read in every way in which bytes are written; with its keys."""
        found = set(self.secrets)
        for text in self.texts():
            found.add(text.encode())
            for read in (bytes.fromhex, lambda each: base64.b64decode(each, validate=True)):
                try:
                    found.add(read(text))
                except (ValueError, binascii.Error):
                    continue
        return found

    def shown(self) -> list[dict[str, object]]:
        """What its own entries were opened to."""
        return [dict(each.shown.content) for proof in self.proofs for each in parse_share_proof(proof).entries]


def _gather(value: object, into: set[str]) -> None:
    match value:
        case dict():
            for name, each in value.items():
                into.add(name)
                _gather(each, into)
        case list():
            for each in value:
                _gather(each, into)
        case _:
            into.add(str(value))


def play(exchange: Exchange, folder: Path) -> Player:
    """Take the school's side, with everything that it may have."""
    exchange.later(timedelta(minutes=2))
    runtime = exchange.runtime
    runtime.tick()
    runtime.export_ledger(folder, tell=lambda _done, _total: None)
    side = runtime.recipients[SCHOOL]
    given = [kept.delivery for child in side.store.children() for kept in side.store.deliveries(child)]
    proofs = [runtime.prove_delivery(each.delivery_id, LEAD) for each in given]
    with closing(sqlite3.connect(exchange.settings.home / "recipients" / SCHOOL / "view.db")) as own:
        receipts = [row[0].encode() for row in own.execute("SELECT content FROM receipts")]
        notes = [row[0] for row in own.execute("SELECT note FROM checkpoints")]
    return Player(
        tuple(each.body() for each in given),
        tuple(receipts),
        tuple(proofs),
        (side.keys.sealing, side.keys.signing.private_bytes_raw(), side.keys.public.public_bytes_raw()),
        (*notes, (folder / "checkpoint").read_text(encoding="utf-8")),
        tuple(_leaves(folder)),
        frozenset(each.index for proof in proofs for each in parse_share_proof(proof).entries),
    )


def _leaves(folder: Path) -> Iterator[bytes]:
    for bundle in sorted((folder / "tile" / "entries").rglob("*")):
        if bundle.is_file():
            content = bundle.read_bytes()
            at = 0
            while at < len(content):
                length = int.from_bytes(content[at : at + 2], "big")
                yield content[at + 2 : at + 2 + length]
                at += 2 + length


@pytest.fixture(name="player", scope="module")
def _player(tmp_path_factory: pytest.TempPathFactory) -> Player:
    folder = tmp_path_factory.mktemp("linkability")
    made = a_home(folder)
    with opened(made) as runtime:
        exchange = Exchange(made, runtime)
        exchange.hears(a_pupil_enrolment(), a_gp_registration(), a_protection_plan())
        exchange.hears(an_incident(), an_emergency_attendance(), a_referral(), a_concern().from_police().about(THEO))
        exchange.later(timedelta(minutes=1))
        exchange.hears(an_incident("2"), a_section_47(), a_worker_allocation(), an_incident("3").about(THEO))
        return play(exchange, folder / "log")


def test_there_is_something_to_find(player: Player) -> None:
    assert len(player.given) >= 2
    assert len(player.mine) >= 2 * len(player.given)
    assert len(player.others) > 4 * len(player.mine)
    assert {each["kind"] for each in player.shown()} == {"decision", "release", "receipt"}


def test_by_id_nothing_it_holds_stands_in_anybody_elses_entry_nor_is_hashed_into_one(player: Player) -> None:
    published = b"".join(player.others)
    moments = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}Z?")
    known = {text for text in player.texts() if len(text) >= SHORTEST and not moments.fullmatch(text)}
    field_names = {"internal", "disclosed"}
    assert len(known) > 50
    assert not [text for text in known - field_names if text.encode() in published]

    sealed = player.other_commitments
    raw = player.raw()
    assert not raw & sealed
    assert not {hashlib.sha256(each).digest() for each in raw} & sealed
    assert not {hmac.digest(key, each, "sha256") for key in raw for each in raw} & sealed


def test_by_guessing_no_secret_it_holds_opens_anybody_elses_entry(player: Player) -> None:
    keys = [each for each in player.raw() if len(each) >= 16]
    guesses = list(_guesses(player))
    assert len(guesses) > 100
    found = {hmac.digest(key, guess, "sha256") for key in keys for guess in guesses}
    assert not found & player.other_commitments


def _guesses(player: Player) -> Iterator[bytes]:
    """What others' entries may well say: what its own say, to somebody else; a refusal; nothing."""
    others = ("police-mash", "mash-core", "csc-north-team", "gp-elm-street", SCHOOL)
    for kind in RecordKind:
        yield canonical({"kind": kind.value})
        for other in others:
            yield canonical({"kind": kind.value, "recipient": other})
    for shown in player.shown():
        yield canonical(shown)
        for other in others:
            yield canonical({**shown, "recipient": other})
            yield canonical({**{k: v for k, v in shown.items() if k not in {"delivery", "digest"}}, "recipient": other})


def test_no_two_entries_share_a_commitment_and_no_two_of_its_own_a_salt(player: Player) -> None:
    parts = [part for leaf in player.leaves for part in (json.loads(leaf)["disclosed"], json.loads(leaf)["internal"])]
    assert len(set(parts)) == len(parts)
    salts = [each.shown.salt for proof in player.proofs for each in parse_share_proof(proof).entries]
    assert len(set(salts)) == len(player.mine)


def test_by_size_every_entry_is_like_every_other(player: Player) -> None:
    assert len({len(leaf) for leaf in player.leaves}) == 1
    assert {frozenset(json.loads(leaf)) for leaf in player.leaves} == {frozenset(("v", "at", "disclosed", "internal"))}


def test_by_time_entries_show_whole_minutes_only(player: Player) -> None:
    times = [json.loads(leaf)["at"] for leaf in player.leaves]
    assert all(re.fullmatch(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}Z", each) for each in times)
    assert len(set(times)) >= 2
    for note in player.notes:
        assert not re.search(r"\d{4}-\d{2}-\d{2}|\d{10}", note.partition("\n\n")[0].split("\n")[0])


ELSEWHERE: dict[str, tuple[EventBuilder, ...]] = {
    "others are told of another report about the same child": (a_gp_registration(), an_emergency_attendance()),
    "reports come about another child": (a_concern().from_police().about(THEO), an_incident("9").about(THEO)),
    "another child has a plan": (a_protection_plan().about(THEO),),
}


@pytest.fixture(name="before", scope="module")
def _before(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A home that knows Mia and her school, so that she has the same references in every copy of it."""
    made = a_home(tmp_path_factory.mktemp("before"))
    with opened(made) as runtime:
        Exchange(made, runtime).hears(a_pupil_enrolment())
    return made


def the_schools_side(before: Settings, folder: Path, elsewhere: Sequence[EventBuilder]) -> tuple[Player, set[int]]:
    """The same home and the same reports about Mia, with something happening elsewhere or nothing."""
    made = copy_home(before, folder)
    with opened(made) as runtime:
        exchange = Exchange(made, runtime)
        if elsewhere:
            exchange.hears(*elsewhere)
        exchange.hears(an_incident())
        player = play(exchange, folder / "log")
    return player, {len(leaf) for leaf in player.leaves}


@pytest.mark.parametrize("what", ELSEWHERE)
def test_what_is_decided_elsewhere_changes_nothing_that_it_holds_but_counts(
    before: Settings, tmp_path: Path, what: str
) -> None:
    alone, sizes = the_schools_side(before, tmp_path / "alone", ())
    beside, other_sizes = the_schools_side(before, tmp_path / "beside", ELSEWHERE[what])

    assert len(beside.leaves) > len(alone.leaves), "nothing happened elsewhere: the test compares nothing"
    assert sorted(beside.given) == sorted(alone.given)
    assert sorted(map(_unsigned, beside.receipts)) == sorted(map(_unsigned, alone.receipts))
    assert _uncounted(beside.shown()) == _uncounted(alone.shown())
    assert sizes == other_sizes
    assert {json.loads(leaf)["at"] for leaf in beside.leaves} == {json.loads(leaf)["at"] for leaf in alone.leaves}


def _unsigned(receipt: bytes) -> str:
    return json.dumps({name: each for name, each in json.loads(receipt).items() if name != "signature"})


def _uncounted(shown: Iterable[dict[str, object]]) -> list[str]:
    """What its own entries say but for how many entries there were, which everybody may know."""
    return sorted(json.dumps({k: v for k, v in each.items() if k != "checkpoint_size"}, default=str) for each in shown)


def _a_group(ids: CountedIds, number: int) -> list[PendingRecord]:
    """The records of one event, written one after the other as deciding writes them."""
    writer = RecordWriter(Sealer(bytes(32), ids.random), b"the log's secret", ids.in_order, MORNING)
    records = [
        writer.write(RecordKind.DECISION, about=f"{number}/{at}", disclosed={}, internal={"at": at})
        for at in range(RECORDS_A_GROUP)
    ]
    return [PendingRecord(each.record_id, each.leaf, each.order_key) for each in records]


@pytest.fixture(name="orders", scope="module")
def _orders() -> list[list[int]]:
    """For each group, in which order the leaves of its first, second, ... record stand in the log."""
    ids, orders = CountedIds("linkability"), []
    for number in range(GROUPS):
        group = _a_group(ids, number)
        growth = grow(MemoryLedger().head(), group, a_signer(), now=MORNING)
        written = [each.record_id for each in group]
        orders.append([written.index(record_id) for _, _, record_id in growth.leaves])
    return orders


def test_by_order_the_place_in_a_group_says_nothing_of_which_decision_it_was(orders: list[list[int]]) -> None:
    expected = GROUPS / RECORDS_A_GROUP
    for record in range(RECORDS_A_GROUP):
        places = Counter(order.index(record) for order in orders)
        unevenness = sum((places[place] - expected) ** 2 / expected for place in range(RECORDS_A_GROUP))
        assert unevenness < 25.7, "chi-square with five degrees of freedom: one in ten thousand is beyond this"


def test_by_order_neighbours_in_the_log_were_no_more_often_neighbours_before(orders: list[list[int]]) -> None:
    beside = sum(abs(one - other) == 1 for order in orders for one, other in pairwise(order))
    pairs = GROUPS * (RECORDS_A_GROUP - 1)
    by_chance = pairs * 2 / RECORDS_A_GROUP
    assert abs(beside - by_chance) < 4 * (by_chance * (1 - 2 / RECORDS_A_GROUP)) ** 0.5


def test_by_order_two_events_in_one_group_are_mixed() -> None:
    ids = CountedIds("mixed")
    groups = [_a_group(ids, number) for number in range(2)]
    growth = grow(MemoryLedger().head(), [*groups[0], *groups[1]], a_signer(), now=MORNING)
    first = {each.record_id for each in groups[0]}
    belongs = [record_id in first for _, _, record_id in growth.leaves]
    assert sum(one != other for one, other in pairwise(belongs)) > 2
