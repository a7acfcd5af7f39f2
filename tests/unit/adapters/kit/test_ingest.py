"""One native file from inbox to spool, archive and quarantine, and what the edge keeps back."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Literal

import pytest

from adapters.health.hl7_adt import adapter as hl7_adt
from adapters.kit import limits
from adapters.kit.agency import agencies_in, create_agency, load_agency
from adapters.kit.archive import open_archived
from adapters.kit.contract_json import adapter as contract_json
from adapters.kit.contract_json import as_json
from adapters.kit.errors import AgencyError, QuarantineError
from adapters.kit.quarantine import destroy, destroy_expired, take_out
from adapters.kit.run import read_file
from contracts.events.mash import ReportWithdrawn
from contracts.events.police import NoticeKept
from contracts.question import Question
from contracts.reading import read_event
from contracts.words import AgencyKind, DataCategory, Grade
from tests.support.agencies import NOW, Feed, a_concern, a_feed, as_file
from tests.support.native_results import a_reading


def a_police_report(**payload: object) -> dict[str, object]:
    return a_concern(
        type="uk.mash.police.concern.raised.v1",
        incident="occurrence-9",
        payload={"reference": "WP/1", "concern": "child", "author_role": None, "is_crime": False, **payload},
    )


def police(home: Path) -> Feed:
    return a_feed(home, AgencyKind.POLICE)


def without_nones(record: dict[str, object]) -> dict[str, object]:
    return {**record, "payload": {k: v for k, v in dict(record["payload"]).items() if v is not None}}  # type: ignore[call-overload]


def test_a_file_leaves_the_inbox_for_the_sealed_archive_and_opens_there(tmp_path: Path) -> None:
    feed = a_feed(tmp_path)
    content = as_file(a_concern())
    done = feed.ingest(content)
    assert list(feed.agency.inbox.iterdir()) == []
    assert done.archived is not None
    assert b"Mia" not in done.archived.read_bytes()
    assert b"".join(open_archived(done.archived, agency=feed.agency)) == content


def test_what_cannot_be_read_is_sealed_with_reason_owner_and_clock_and_opens_for_its_owner(tmp_path: Path) -> None:
    feed = a_feed(tmp_path, quarantine_owner="records manager", quarantine_hours="4")
    content = as_file(a_concern(), {"type": "unknown", "secret": "Mia Marsh"})
    done = feed.ingest(content)
    (entry,) = done.quarantined
    assert (entry.reason, entry.owner) == ("content.not_contract", "records manager")
    assert entry.deadline == NOW + timedelta(hours=4)
    assert "Mia" not in entry.place + entry.remedy
    assert b"Mia Marsh" in b"".join(take_out(entry.id, agency=feed.agency, journal=feed.spool.journal))
    assert len(done.spooled) == 1


def test_a_part_is_in_quarantine_once_however_often_its_file_comes(tmp_path: Path) -> None:
    feed = a_feed(tmp_path)
    first = feed.ingest(b'{"type": 1}')
    again = feed.ingest(b'{"type": 1}', now=NOW + timedelta(hours=1))
    assert first.quarantined == again.quarantined
    assert len(feed.spool.journal.quarantined()) == 1
    assert b"".join(take_out(first.quarantined[0].id, agency=feed.agency, journal=feed.spool.journal))


def test_quarantine_is_destroyed_after_thirty_days_or_when_its_owner_says_so(tmp_path: Path) -> None:
    feed = a_feed(tmp_path)
    (early,) = feed.ingest(b'{"a": 1}').quarantined
    (late,) = feed.ingest(b'{"b": 1}', now=NOW + timedelta(days=1)).quarantined
    journal = feed.spool.journal
    assert destroy_expired(agency=feed.agency, journal=journal, now=NOW + timedelta(days=30)) == 1
    with pytest.raises(QuarantineError) as error:
        list(take_out(early.id, agency=feed.agency, journal=journal))
    assert error.value.code == "quarantine.unknown"
    assert destroy(late.id, agency=feed.agency, journal=journal)
    assert not destroy(late.id, agency=feed.agency, journal=journal)
    assert list(feed.agency.quarantine.iterdir()) == []
    (back,) = feed.ingest(b'{"a": 1}', now=NOW + timedelta(days=40)).quarantined
    assert back.id == early.id
    assert b"".join(take_out(back.id, agency=feed.agency, journal=journal)) == b'{"a": 1}'


def test_a_damaged_or_shortened_sealed_file_does_not_open(tmp_path: Path) -> None:
    feed = a_feed(tmp_path)
    (entry,) = feed.ingest(b'{"a": 1}').quarantined
    place = feed.agency.quarantine / f"{entry.id}.sealed"
    whole = place.read_bytes()
    for broken in (whole[:-1], whole[:12], b"", whole[:-1] + bytes([whole[-1] ^ 1])):
        place.write_bytes(broken)
        with pytest.raises(QuarantineError) as error:
            list(take_out(entry.id, agency=feed.agency, journal=feed.spool.journal))
        assert error.value.code == "quarantine.damaged"


def test_a_claimed_gigabyte_is_sealed_away_unread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "LARGEST_FILE", 3 * 1024 * 1024)
    feed = a_feed(tmp_path)
    done = feed.ingest(b"x" * (3 * 1024 * 1024 + 1))
    assert done.summary.quarantined == {"content.too_large": 1}
    assert list(feed.agency.inbox.iterdir()) == []
    taken = sum(
        len(piece) for piece in take_out(done.quarantined[0].id, agency=feed.agency, journal=feed.spool.journal)
    )
    assert taken == 3 * 1024 * 1024 + 1


def test_an_empty_file_is_said_and_not_passed_over(tmp_path: Path) -> None:
    done = a_feed(tmp_path).ingest(b"")
    assert done.summary.quarantined == {"content.empty": 1}


def test_a_police_report_kept_at_the_edge_leaves_only_kind_and_week(tmp_path: Path) -> None:
    feed = police(tmp_path)
    feed.policy.effect = lambda _: "notice"
    done = feed.ingest(as_file(without_nones(a_police_report())))
    assert done.summary.kept == {"edge.notice": 1}
    (event,) = feed.spool.pending()
    envelope, payload = read_event(event)
    assert isinstance(payload, NoticeKept)
    assert (payload.kind, payload.week, payload.subject) == ("child", "2026-W10", envelope.subject)
    assert envelope.time.isoformat() == "2026-03-02T00:00:00+00:00"
    assert envelope.incident is None
    assert feed.spool.journal.refusals() == {"edge.notice": 1}


def test_what_leaves_no_trace_leaves_none_and_stands_only_in_the_agencys_own_journal(tmp_path: Path) -> None:
    feed = police(tmp_path)
    feed.policy.effect = lambda _: "keep"
    done = feed.ingest(as_file(without_nones(a_police_report(restrictions=["protected_person"]))))
    assert done.summary.kept == {"edge.keep": 1}
    assert done.summary.events == {}
    assert feed.spool.pending() == ()
    assert feed.spool.journal.refusals() == {"edge.keep": 1}


def test_the_edge_is_asked_about_what_the_event_holds_and_never_its_values(tmp_path: Path) -> None:
    feed = police(tmp_path)
    entry = {"kind": "intelligence", "category": "police.intel", "text": "CANARY", "handling_code": "P"}
    feed.ingest(as_file(without_nones(a_police_report(grade={"value": "blue"}, entries=[entry]))))
    (question,) = feed.policy.asked
    assert question.event.grade.value is Grade.BLUE
    assert question.event.level.value == 3
    assert DataCategory.POLICE_INTEL in {cell.category for cell in question.event.categories}
    assert question.event.handling_code == "P"
    text = question.model_dump_json()
    for canary in ("CANARY", "Mia", "Marsh", "2016-05-14", "WP/1"):
        assert canary not in text


def test_of_two_events_of_one_record_the_edge_may_keep_one(tmp_path: Path) -> None:
    feed = a_feed(tmp_path, AgencyKind.HEALTH)

    def keeps_the_practice(question: Question) -> str:
        return "keep" if "gp_registration" in question.event.type else "send"

    feed.policy.effect = keeps_the_practice  # type: ignore[assignment]
    message = (
        "MSH|^~\\&|PAS|RWV01|||202603081000||ADT^A31|1|P|2.4\rEVN|A31|202603081000\r"
        "PID|1||123^^^RWV^MRENTR||MARSH^MIA||20160514|F|||1 Mill Lane^^^^WR1 1AA\rPD1||||A81001\rPV1|1|N\r"
    )
    done = feed.ingest(message.encode(), adapter=hl7_adt)
    assert (done.summary.gave, done.summary.kept) == (1, {})
    assert done.summary.events == {"uk.mash.health.demographics.changed.v1": 1}
    assert feed.spool.journal.refusals() == {"edge.keep": 1}


def test_an_adapter_of_another_kind_of_agency_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AgencyError) as error:
        police(tmp_path).ingest(b"MSH|^~\\&|", adapter=hl7_adt)
    assert error.value.code == "agency.wrong_kind"


def test_reading_alone_changes_nothing_and_reads_back_as_it_was_written() -> None:
    read = read_file(contract_json, as_file(a_concern(incident="i", corrects=["call-0", "1"])), a_reading())
    (event,) = read.events
    again = read_file(contract_json, json.dumps(as_json(event)).encode(), a_reading())
    assert again.events == (event,)
    assert (event.incident, event.corrects) == ("i", ("call-0", "1"))


def test_an_agency_keeps_its_secret_and_key_to_itself(tmp_path: Path) -> None:
    made = create_agency(tmp_path, "wren-valley-hospital", AgencyKind.HEALTH, {"site_code": "RWV01"})
    for name in ("key", "secret"):
        assert (made.folder / name).stat().st_mode & 0o077 == 0
    assert load_agency(tmp_path, "wren-valley-hospital").settings == {"site_code": "RWV01"}
    assert agencies_in(tmp_path) == ("wren-valley-hospital",)
    assert made.secret.hex() not in repr(made)
    for wrong, code in (("wren-valley-hospital", "agency.exists"), ("../etc", "agency.malformed")):
        with pytest.raises(AgencyError) as error:
            create_agency(tmp_path, wrong, AgencyKind.HEALTH)
        assert error.value.code == code
    (made.folder / "secret").write_text("short")
    for agency_id, code in (("wren-valley-hospital", "agency.malformed"), ("nobody", "agency.missing")):
        with pytest.raises(AgencyError) as error:
            load_agency(tmp_path, agency_id)
        assert error.value.code == code


@pytest.mark.parametrize("effect, leaves", [("send", 2), ("keep", 0)])
def test_only_what_left_the_agency_is_withdrawn_outside_it(
    tmp_path: Path, effect: Literal["send", "keep"], leaves: int
) -> None:
    feed = police(tmp_path)
    feed.policy.effect = lambda _: effect
    report = without_nones(a_police_report())
    feed.ingest(as_file(report))
    withdrawal = {
        **report,
        "type": ReportWithdrawn.event_type,
        "native_version": "2",
        "corrects": [report["native_key"], report["native_version"]],
        "corrects_type": report["type"],
        "payload": {"reason": "not_involved", "withdrawn": "2026-03-09T08:00:00Z"},
    }
    done = feed.ingest(as_file(withdrawal), name="withdrawal")
    assert len(feed.spool.pending()) == leaves
    assert done.summary.nothing == ({} if leaves else {"never_told": 1})
