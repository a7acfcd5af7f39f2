"""Bad files through the whole exchange: each is set aside with its reason and owner, and the next good file is read."""

import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from adapters.kit.limits import LARGEST_FILE
from broker.runtimes.demo import schedule
from broker.runtimes.embedded import Embedded
from contracts.errors import ContractError
from tests.support import homes
from tests.support.tree import TOP

WEEKEND = TOP / "broker/demo/weekend"
GOOD = {
    "health.hl7_adt": ("wren-valley-hospital", "2_hospital_attendance.hl7"),
    "local_authority.case_extract": ("wrenshire-council", "0e_council_case_extract.csv"),
    "local_authority.cin": ("wrenshire-council", "0a_council_census.xml"),
    "police.notices": ("wrenshire-police", "4_police_notice.json"),
    "schools.mis": ("ashdown-primary", "1_school_concern.json"),
    "schools.roll": ("ashdown-primary", "0c_school_roll.csv"),
    "contract_json": ("pennine-app", "8_vendor_request.json"),
}
BILLION = (
    b'<?xml version="1.0"?><!DOCTYPE m [<!ENTITY a "lol">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9))
    + b"]><Message><Children>&j;</Children></Message>"
)
DEPTH = 100_000


def _cut(good: bytes) -> bytes:
    return good[: len(good) * 3 // 5]


def _wrong_encoding(good: bytes) -> bytes:
    return b"\xff\xfe" + good[:40] + b"\xd8\x00\xdc" * 99


def _empty(_: bytes) -> bytes:
    return b""


def _brackets(_: bytes) -> bytes:
    return b"[" * DEPTH + b"]" * DEPTH


def _objects(_: bytes) -> bytes:
    return b'{"note":' * DEPTH + b"1" + b"}" * DEPTH


def _elements(_: bytes) -> bytes:
    return b"<a>" * DEPTH + b"</a>" * DEPTH


def _bomb(_: bytes) -> bytes:
    return BILLION


def _noise(_: bytes) -> bytes:
    return bytes(range(256)) * 40


SPOILT: dict[str, Callable[[bytes], bytes]] = {
    "empty": _empty,
    "cut": _cut,
    "in another encoding": _wrong_encoding,
    "nested brackets": _brackets,
    "nested objects": _objects,
    "nested elements": _elements,
    "an entity bomb": _bomb,
    "noise": _noise,
}

TOLD = {
    ("empty", "*"): {"content.empty"},
    ("nested brackets", "json"): {"content.nested_too_deeply"},
    ("nested objects", "json"): {"content.nested_too_deeply"},
    ("nested elements", "xml"): {"content.nested_too_deeply"},
    ("an entity bomb", "xml"): {"content.declares_entities"},
}
FORMAT = {
    "local_authority.cin": "xml",
    "police.notices": "json",
    "schools.mis": "json",
    "contract_json": "json",
}


@pytest.fixture(scope="module")
def runtime(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Embedded]:
    with homes.opened(homes.a_home(tmp_path_factory.mktemp("bad"))) as runtime:
        for step in schedule().scene:
            runtime.ingest(WEEKEND / step.file, agency=step.agency, kind=step.kind)
        runtime.tick()
        yield runtime


def _mapping(value: object) -> Mapping[str, int]:
    assert isinstance(value, Mapping)
    return value


def documented_codes() -> set[str]:
    """Every code that a class of error lists."""
    classes = [ContractError]
    for each in classes:
        classes.extend(each.__subclasses__())
    return {code for each in classes for code in each.codes}


def check_goes_on(runtime: Embedded, kind: str, name: str) -> None:
    """The same feed still takes a good file, and the exchange what it gives."""
    agency, file = GOOD[kind]
    read = runtime.ingest(WEEKEND / file, agency=agency, kind=kind)
    assert read.counts["records"] > 0, name
    assert read.counts["quarantined"] == 0
    runtime.tick()
    assert not runtime.feeds[agency].pending(10)


@pytest.mark.parametrize("kind", sorted(GOOD))
@pytest.mark.parametrize("spoilt", sorted(SPOILT))
def test_a_bad_file_is_set_aside_with_a_reason_and_the_feed_goes_on(
    runtime: Embedded, tmp_path: Path, kind: str, spoilt: str
) -> None:
    agency, file = GOOD[kind]
    bad = tmp_path / f"{spoilt.replace(' ', '-')}.dat"
    bad.write_bytes(SPOILT[spoilt]((WEEKEND / file).read_bytes()))
    read = runtime.ingest(bad, agency=agency, kind=kind)
    reasons = set(_mapping(read.as_json()["quarantined"]))
    counts = read.counts
    assert (
        counts["records"]
        == counts["gave"]
        + counts["nothing_to_tell"]
        + counts["unchanged"]
        + counts["kept_at_edge"]
        + counts["quarantined"]
    )
    for (what, of), codes in TOLD.items():
        if what == spoilt and of in {"*", FORMAT.get(kind, "")}:
            assert reasons == codes
    if spoilt != "cut":
        assert counts["events"] == 0
        assert counts["quarantined"] >= 1
    assert reasons <= documented_codes()
    check_goes_on(runtime, kind, spoilt)


def test_a_file_of_a_gigabyte_is_refused_before_it_is_read(tmp_path: Path) -> None:
    kind = "local_authority.cin"
    agency, _ = GOOD[kind]
    huge = tmp_path / "huge.xml"
    with huge.open("wb") as file:
        file.truncate(1 << 30)
    assert huge.stat().st_size > LARGEST_FILE
    settings = homes.a_home(tmp_path)
    with homes.opened(settings) as runtime:
        read = runtime.ingest(huge, agency=agency, kind=kind)
        assert read.as_json()["quarantined"] == {"content.too_large": 1}
        check_goes_on(runtime, kind, "huge")
    shutil.rmtree(settings.home)


def test_bad_files_in_the_inboxes_stop_no_other(tmp_path: Path) -> None:
    settings = homes.a_home(tmp_path)
    extract = (WEEKEND / GOOD["local_authority.case_extract"][1]).read_bytes()
    with homes.opened(settings) as runtime:
        for agency, kind, content in (
            ("acorn-nursery", "no.such_adapter", b"anything"),
            ("ashdown-primary", "health.hl7_adt", (WEEKEND / GOOD["health.hl7_adt"][1]).read_bytes()),
            ("wrenshire-council", "local_authority.cin", BILLION),
            ("wrenshire-council", "local_authority.case_extract", extract),
        ):
            folder = settings.home / "agencies" / agency / "inbox" / kind
            folder.mkdir(parents=True, exist_ok=True)
            (folder / "file").write_bytes(content)
        done = runtime.tick()
        assert (done.files_read, done.files_refused) == (2, 2)
        assert done.accepted > 5
        again = runtime.tick()
        assert (again.files_read, again.files_refused, again.accepted) == (0, 2, 0)
        assert runtime.reconcile().differences == ()
