"""Rubbish from outside costs itself and nothing else, and nothing personal stands in any reason, flag or error."""

import json
import logging
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from adapters.health.hl7_adt import adapter as hl7_adt
from adapters.kit.contract_json import adapter as contract_json
from adapters.kit.errors import ContentError
from adapters.kit.flags import FLAGS
from adapters.kit.records import Adapter, KeptAtEdge, NativeRecord, NothingToTell, Quarantined
from adapters.kit.run import read_file
from adapters.local_authority.cin import adapter as cin
from contracts.words import AgencyKind
from tests.support.agencies import a_concern, a_feed, as_file
from tests.support.native_results import a_reading

ADAPTERS = (hl7_adt, cin, contract_json)
EACH = pytest.mark.parametrize("adapter", ADAPTERS, ids=lambda adapter: adapter.kind)
CANARIES = (
    "CANARYSURNAME",
    "CANARYFORENAME",
    "9990000026",
    "1 CANARY LANE",
    "CANARY-NARRATIVE",
    "2016-05-14",
    "20160514",
)

ADT = (
    "MSH|^~\\&|PAS|RWV01|||202603072115||ADT^{trigger}|1|P|2.4\rEVN|{trigger}|202603072115\r"
    "PID|1||{ids}||CANARYSURNAME^CANARYFORENAME||20160514|{sex}|||1 CANARY LANE^^^^WR1 1AA\r"
    "PV1|1|E|ED\rPV2|||^CANARY-NARRATIVE\r"
)
CENSUS = (
    "<Message><Header><CollectionDetails><Collection>CIN</Collection></CollectionDetails></Header><Children><Child>"
    "<ChildIdentifiers><LAchildID>{ref}</LAchildID><UPN>CANARYSURNAME</UPN><PersonBirthDate>2016-05-14"
    "</PersonBirthDate><Sex>CANARYSURNAME</Sex></ChildIdentifiers><CINdetails><CINreferralDate>CANARY-NARRATIVE"
    "</CINreferralDate><ReferralNFA>CANARY-NARRATIVE</ReferralNFA><ReferralSource>CANARYSURNAME</ReferralSource>"
    "</CINdetails></Child>"
)


def said(record: NativeRecord) -> str:
    """Everything about a record that may stand in a log, a summary or a screen."""
    result = record.result
    match result:
        case NothingToTell(reason):
            words = reason
        case Quarantined(reason, remedy):
            words = f"{reason} {remedy}"
        case KeptAtEdge(code):
            words = code
        case _:
            words = ""
    return f"{record.position} {words} {record.flags}"


def rubbish() -> dict[str, bytes]:
    return {
        "empty": b"",
        "blank": b"   \r\n\n",
        "bytes": bytes(range(256)) * 50,
        "wrong encoding": b"Zo\xeb\x81\x00 and more",
        "entity bomb": (
            b'<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa">' + b"".join(
                b'<!ENTITY %c "&%c;&%c;&%c;">' % (98 + n, 97 + n, 97 + n, 97 + n) for n in range(20)
            ) + b"]><Message>&u;</Message>"
        ),
        "external entity": b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><Message>&x;</Message>',
        "external dtd": b'<!DOCTYPE a SYSTEM "http://127.0.0.1:1/a.dtd"><Message/>',
        "nested elements": b"<Message>" * 100_000,
        "nested children": b"<Message><Children><Child>" + b"<a>" * 100_000,
        "nested brackets": b"[" * 100_000,
        "nested objects": b'{"events":' * 100_000,
        "one long line": b"MSH|^~\\&|" + b"x" * 1_000_000,
        "many components": b"MSH|^~\\&|PAS|X|||1||ADT^A04|1|P|2.4\rPID|1||" + b"^&~" * 200_000,
        "utf-16 without a mark": "MSH|^~\\&|PAS".encode("utf-16-le"),
        "a picture": b"\x89PNG\r\n\x1a\n" + bytes(500),
    }  # fmt: skip


@EACH
@pytest.mark.parametrize("name", sorted(rubbish()))
def test_rubbish_is_one_quarantined_record_with_a_listed_reason(adapter: Adapter, name: str) -> None:
    read = read_file(adapter, rubbish()[name], a_reading())
    assert read.events == ()
    for record in read.records:
        assert isinstance(record.result, Quarantined | NothingToTell), name
        if isinstance(record.result, Quarantined):
            assert record.result.reason in ContentError.codes
            assert record.result.remedy
    assert len(read.records) >= 1


@EACH
@given(content=st.binary(max_size=300))
def test_no_bytes_are_too_odd_to_be_accounted_for(adapter: Adapter, content: bytes) -> None:
    read_file(adapter, content, a_reading()).summary.check()


@example(place=7, byte=b"~")
@given(place=st.integers(0, 340), byte=st.binary(min_size=1, max_size=1))
def test_one_changed_byte_of_a_message_is_still_accounted_for(place: int, byte: bytes) -> None:
    content = ADT.format(trigger="A04", ids="0045^^^RWV^MRENTR", sex="M").encode()
    broken = content[:place] + byte + content[place + 1 :]
    read_file(hl7_adt, broken, a_reading()).summary.check()


@given(cut=st.integers(0, 600))
def test_a_census_cut_anywhere_is_still_accounted_for(cut: int) -> None:
    content = (CENSUS.format(ref="A1") + "</Children></Message>").encode()[:cut]
    read_file(cin, content, a_reading()).summary.check()


@pytest.mark.parametrize(
    "adapter, content",
    [
        (hl7_adt, ADT.format(trigger="A04", ids="", sex="CANARYSURNAME")),
        (hl7_adt, ADT.format(trigger="A04", ids="9990000026^^^NHS^NHS", sex="CANARYSURNAME")),
        (hl7_adt, ADT.format(trigger="CANARYSURNAME", ids="0045", sex="M")),
        (hl7_adt, ADT.format(trigger="A04", ids="0045", sex="M")[:150]),
        (cin, CENSUS.format(ref="") + "</Children></Message>"),
        (cin, CENSUS.format(ref="A1") + "</Children></Message>"),
        (cin, CENSUS.format(ref="A1") + "<Child><CANARYSURNAME>9990000026"),
        (contract_json, json.dumps({"CANARYSURNAME": "CANARY-NARRATIVE"})),
        (contract_json, json.dumps(a_concern(payload={"CANARYSURNAME": "x"}))),
        (contract_json, json.dumps(a_concern(payload={"author_role": ["CANARY-NARRATIVE"]}))),
        (contract_json, json.dumps(a_concern(type="CANARYSURNAME"))),
        (contract_json, json.dumps(a_concern())[:-40] + "CANARY-NARRATIVE"),
    ],
)
def test_no_personal_value_stands_in_a_reason_a_flag_or_a_place(
    adapter: Adapter, content: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        read = read_file(adapter, content.encode(), a_reading())
    words = " ".join([*map(said, read.records), str(read.summary), caplog.text])
    for canary in CANARIES:
        assert canary not in words
    assert set(read.summary.flags) <= set(FLAGS)


def test_no_personal_value_stands_in_clear_in_what_the_agency_keeps(tmp_path: Path) -> None:
    feed = a_feed(tmp_path, AgencyKind.HEALTH)
    whole = ADT.format(trigger="A04", ids="0045^^^RWV^MRENTR~9990000026^^^NHS^NHS", sex="M")
    feed.ingest(
        (whole + ADT.format(trigger="A04", ids="", sex="M")).encode(), adapter=hl7_adt, name="CANARYSURNAME.hl7"
    )
    assert len(feed.spool.pending()) == 1
    assert len(feed.spool.journal.quarantined()) == 1
    for place, content in feed.files().items():
        assert "CANARY" not in place.name
        for canary in CANARIES:
            assert canary.encode() not in content, place.name


def test_a_file_of_rubbish_does_not_stop_the_next_one(tmp_path: Path) -> None:
    feed = a_feed(tmp_path)
    for number, content in enumerate(rubbish().values()):
        feed.ingest(content, name=f"rubbish-{number}")
    assert feed.ingest(as_file(a_concern())).summary.gave == 1
