"""The exported ledger is checked by a small verifier of its own, which reads the files alone."""

# The verifier imports nothing of the product: it was written from C2SP tlog-tiles, tlog-checkpoint and signed-note.

import base64
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from broker.core import tiles
from broker.drivers.files.publication import FolderPublication
from broker.drivers.memory.ledger_store import MemoryLedger
from broker.services.export_ledger import Exported, ExportError, export_ledger
from broker.services.sequence import sequence
from tests.support import homes
from tests.support.ledger import ORIGIN, SetClock, WaitingRecords, a_pending, a_signer

KEYS = [a_signer().verifier]
VKEY = str(a_signer().verifier)
SIZES = (1, 255, 256, 257, 600)


def sha(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()


def root_of(hashes: list[bytes]) -> bytes:
    """RFC 6962, section 2.1, word for word: split at the largest power of two smaller than the number."""
    if len(hashes) == 1:
        return hashes[0]
    split = 1 << (len(hashes) - 1).bit_length() - 1
    return sha(b"\x01" + root_of(hashes[:split]) + root_of(hashes[split:]))


def place(index: int) -> str:
    digits = f"{index:03d}"
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    parts = [digits[at : at + 3] for at in range(0, len(digits), 3)]
    return "/".join([*("x" + part for part in parts[:-1]), parts[-1]])


def fetch(root: Path, kind: str, index: int, width: int) -> bytes:
    return (root / "tile" / kind / (place(index) + ("" if width == 256 else f".p/{width}"))).read_bytes()


def checked(root: Path, vkey: str) -> list[bytes]:
    """Verify a whole export with the log's key, and give its leaves."""
    name, _, key = vkey.split("+", 2)
    text, _, signatures = (root / "checkpoint").read_text(encoding="utf-8").rpartition("\n\n")
    origin, size_line, root_line = text.split("\n")
    assert origin == name
    signature = base64.b64decode(signatures.splitlines()[0].rpartition(" ")[2])[4:]
    Ed25519PublicKey.from_public_bytes(base64.b64decode(key)[1:]).verify(signature, f"{text}\n".encode())
    leaves: list[bytes] = []
    size = int(size_line)
    for index in range(-(-size // 256)):
        content, at = fetch(root, "entries", index, min(256, size - 256 * index)), 0
        while at < len(content):
            length = int.from_bytes(content[at : at + 2], "big")
            leaves.append(content[at + 2 : at + 2 + length])
            at += 2 + length
    assert len(leaves) == size
    hashes = [sha(b"\x00" + leaf) for leaf in leaves]
    assert base64.b64encode(root_of(hashes)).decode() == root_line
    level, here = 0, hashes
    while here:
        for index in range(-(-len(here) // 256)):
            part = here[256 * index : 256 * index + 256]
            assert fetch(root, str(level), index, len(part)) == b"".join(part)
        here = [root_of(here[at : at + 256]) for at in range(0, len(here) - 255, 256)]
        level += 1
    return leaves


class Growing:
    """A ledger of the tests' own log that grows."""

    def __init__(self) -> None:
        self.ledger, self.journal, self.clock = MemoryLedger(), WaitingRecords(), SetClock()
        self.size = 0

    def to(self, size: int) -> "Growing":
        self.journal.add(range(self.size, size))
        if size > self.size:
            sequence(self.journal, self.ledger, a_signer(), self.clock, limit=size)
        self.size = size
        self.clock.pass_seconds(60)
        return self

    def exported(self, root: Path) -> Exported:
        return export_ledger(self.ledger, FolderPublication(root), KEYS, origin=ORIGIN)


def files(root: Path) -> dict[str, bytes]:
    return {str(each.relative_to(root)): each.read_bytes() for each in root.rglob("*") if each.is_file()}


@pytest.mark.parametrize("size", SIZES)
def test_an_export_of_any_size_is_verified_from_its_files_alone(tmp_path: Path, size: int) -> None:
    growing = Growing().to(size)
    assert growing.exported(tmp_path).size == size
    assert checked(tmp_path, VKEY) == [row.leaf for row in growing.ledger.leaves(0, size)]
    assert set(files(tmp_path)) == {"checkpoint", *(name.path() for name in tiles.names(size))}


def test_an_export_that_grows_stays_verifiable_and_is_what_one_made_at_once_would_be(tmp_path: Path) -> None:
    growing = Growing()
    for size in SIZES:
        growing.to(size).exported(tmp_path / "grown")
        checked(tmp_path / "grown", VKEY)
    growing.exported(tmp_path / "at-once")
    grown, at_once = files(tmp_path / "grown"), files(tmp_path / "at-once")
    assert {path: grown[path] for path in at_once} == at_once
    assert set(grown) - set(at_once) == {"tile/1/000.p/1"}, "partial tiles stay only while the full one is not there"


def test_exporting_again_changes_no_file(tmp_path: Path) -> None:
    growing = Growing().to(600)
    growing.exported(tmp_path)
    before = {each: each.stat().st_mtime_ns for each in tmp_path.rglob("*") if each.is_file()}
    again = growing.exported(tmp_path)
    assert (again.files, again.before, again.size) == (0, 600, 600)
    assert {each: each.stat().st_mtime_ns for each in tmp_path.rglob("*") if each.is_file()} == before


class Breaking(FolderPublication):
    """Stops for good after some files, as a full disk or a kill does."""

    def __init__(self, root: Path, after: int) -> None:
        super().__init__(root)
        self.left = after

    def publish(self, path: str, content: bytes) -> None:
        if not self.left:
            raise OSError
        self.left -= 1
        super().publish(path, content)


@pytest.mark.parametrize("after", range(6))
def test_an_export_that_was_interrupted_shows_the_earlier_state_whole_and_goes_on(tmp_path: Path, after: int) -> None:
    growing = Growing().to(300)
    growing.exported(tmp_path)
    growing.to(600)
    with pytest.raises(OSError):  # noqa: PT011 - as the disk says it
        export_ledger(growing.ledger, Breaking(tmp_path, after), KEYS, origin=ORIGIN)
    assert len(checked(tmp_path, VKEY)) == 300
    growing.exported(tmp_path)
    assert len(checked(tmp_path, VKEY)) == 600


def test_the_past_of_another_ledger_is_not_written_over(tmp_path: Path) -> None:
    Growing().to(300).exported(tmp_path)
    other = Growing()
    other.journal.waiting = {each.record_id: each for each in map(a_pending, range(1000, 1400))}
    sequence(other.journal, other.ledger, a_signer(), other.clock, limit=400)
    before = files(tmp_path)
    for wrong in (other, Growing().to(200)):
        with pytest.raises(ExportError) as refused:
            wrong.exported(tmp_path)
        assert refused.value.code == "ledger.export_other"
    assert files(tmp_path) == before


def test_a_damaged_ledger_is_not_published(tmp_path: Path) -> None:
    growing = Growing().to(600)
    growing.ledger._tiles[0, 1] = bytes(32) + growing.ledger.tile(0, 1)[32:]
    with pytest.raises(ExportError) as refused:
        growing.exported(tmp_path)
    assert refused.value.code == "ledger.export_unsound"
    assert not (tmp_path / "checkpoint").exists()


def test_nothing_sealed_is_nothing_exported(tmp_path: Path) -> None:
    with pytest.raises(ExportError) as refused:
        Growing().exported(tmp_path)
    assert refused.value.code == "ledger.export_nothing"
    assert files(tmp_path) == {}


@pytest.fixture(name="played", scope="module")
def _played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str, set[str]]]:
    folder = tmp_path_factory.mktemp("exported")
    with homes.opened(homes.a_played_home(folder)) as runtime:
        runtime.export_ledger(folder / "log", tell=lambda _done, _total: None)
        journal = runtime.hub.journal
        private: set[str] = {record.record_id for record, _ in journal.records()}
        private |= {str(event.event_id) for event in journal.events()} | {str(e.child) for e in journal.events()}
        private |= {status.delivery.delivery_id for status in journal.deliveries()} | set(runtime.recipients)
        yield folder / "log", str(runtime.hub.signer.verifier), private


def test_the_weekends_ledger_is_exported_and_verified(played: tuple[Path, str, set[str]]) -> None:
    root, vkey, _ = played
    assert len(checked(root, vkey)) > 50


def test_nothing_is_exported_but_a_minute_and_two_commitments(played: tuple[Path, str, set[str]]) -> None:
    root, vkey, private = played
    for leaf in checked(root, vkey):
        assert set(json.loads(leaf)) == {"v", "at", "disclosed", "internal"}
    everything = b"".join(files(root).values())
    assert len(private) > 50
    assert not [name for name in private if name.encode() in everything]
