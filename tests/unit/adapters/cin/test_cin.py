"""The children in need census: a snapshot of which only the differences are told."""

from collections.abc import Iterable
from typing import Any

from adapters.kit.records import GaveEvents, Mapped, NativeRecord, NothingToTell, Quarantined, Reading, Unchanged
from adapters.kit.snapshot import MemoryKept, ReadingSnapshot
from adapters.local_authority.cin import adapter
from contracts.events.local_authority import (
    ProtectionPlanEnded,
    ProtectionPlanStarted,
    ReferralReceived,
    Section47Started,
)
from contracts.words import Sex
from tests.support.native_results import OBSERVED

PLAN = "<CPPstartDate>2026-02-03</CPPstartDate><LatestCategoryOfAbuse>NEG</LatestCategoryOfAbuse>"


def a_child(ref: str = "WC100234", *, ids: str = "", born: str = "2016-05-14", details: str = "") -> str:
    birth = f"<PersonBirthDate>{born}</PersonBirthDate>" if born else ""
    own = f"<LAchildID>{ref}</LAchildID>" if ref else ""
    return (
        f"<Child><ChildIdentifiers>{own}{birth}<Sex>F</Sex>{ids}</ChildIdentifiers>"
        f"<CINdetails><CINreferralDate>2026-01-10</CINreferralDate><ReferralSource>2A</ReferralSource>{details}"
        "</CINdetails></Child>"
    )


def a_plan(content: str = PLAN, end: str = "") -> str:
    ended = f"<CPPendDate>{end}</CPPendDate>" if end else ""
    return f"<ChildProtectionPlans>{content}{ended}</ChildProtectionPlans>"


def census(*children: str, reference: str = "2026-03-31", made: str = "2026-03-01T08:00:00") -> bytes:
    return (
        f"<Message><Header><CollectionDetails><Collection>CIN</Collection><Year>2026</Year>"
        f"<ReferenceDate>{reference}</ReferenceDate></CollectionDetails>"
        f"<Source><LEA>999</LEA><DateTime>{made}</DateTime></Source></Header>"
        f"<Children>{''.join(children)}</Children></Message>"
    ).encode()


def read(content: bytes, kept: MemoryKept | None = None) -> list[NativeRecord]:
    """Read one extract and keep what it says, as spooling it would."""
    kept = kept or MemoryKept()
    snapshot = ReadingSnapshot(kept)
    records = list(adapter.read(content, Reading("wrenshire-council", "census", OBSERVED, snapshot)))
    kept.keep(snapshot.proposals)
    return records


def events(records: Iterable[NativeRecord]) -> list[Mapped]:
    return [event for one in records if isinstance(one.result, GaveEvents) for event in one.result.events]


def payloads(content: bytes, kept: MemoryKept | None = None) -> list[Any]:
    return [event.payload for event in events(read(content, kept))]


def test_every_thing_that_happened_is_an_event_with_a_key_of_its_own() -> None:
    enquiry = "<Section47><S47ActualStartDate>2026-01-15</S47ActualStartDate></Section47>"
    told = events(read(census(a_child(details=enquiry + a_plan(end="2026-03-01")))))
    assert [type(event.payload) for event in told] == [
        ReferralReceived,
        Section47Started,
        ProtectionPlanStarted,
        ProtectionPlanEnded,
    ]
    assert len({event.native_key for event in told}) == 4
    assert {event.child_ref for event in told} == {"WC100234"}


def test_effective_day_day_of_making_and_day_of_reading_are_three_times() -> None:
    (_, plan) = payloads(census(a_child(details=a_plan())))
    assert str(plan.started_on) == "2026-02-03"
    assert plan.times.occurred.isoformat() == "2026-02-03T00:00:00+00:00"
    assert plan.times.recorded.isoformat() == "2026-03-01T08:00:00+00:00"
    assert plan.times.observed == OBSERVED


def test_the_same_census_again_is_unchanged_and_a_new_one_tells_only_what_is_new() -> None:
    kept = MemoryKept()
    read(census(a_child()), kept)
    (again,) = read(census(a_child(), made="2026-03-02T08:00:00"), kept)
    assert again.result == Unchanged()
    later = payloads(census(a_child(details=a_plan()), made="2026-03-03T08:00:00"), kept)
    assert [type(payload) for payload in later] == [ProtectionPlanStarted]


def test_another_category_of_abuse_corrects_the_plan_and_ethnicity_alone_changes_nothing() -> None:
    kept = MemoryKept()
    _, started = events(read(census(a_child(details=a_plan())), kept))
    emotional = a_child(details=a_plan(PLAN.replace("NEG", "EMO")))
    (corrected,) = events(read(census(emotional, made="2026-03-02T08:00:00"), kept))
    assert corrected.corrects == (started.native_key, started.native_version)
    assert isinstance(corrected.payload, ProtectionPlanStarted)
    assert corrected.payload.category_of_abuse == "EMO"
    ethnic = emotional.replace(
        "<CINdetails>", "<ChildCharacteristics><Ethnicity>MWBC</Ethnicity></ChildCharacteristics><CINdetails>"
    )
    (record,) = read(census(ethnic, made="2026-03-03T08:00:00"), kept)
    assert record.result == Unchanged()


def test_a_missing_end_is_still_open_and_an_end_withdrawn_opens_the_plan_again() -> None:
    kept = MemoryKept()
    first = events(read(census(a_child(details=a_plan(end="2026-02-20"))), kept))
    opened = read(census(a_child(details=a_plan()), made="2026-03-02T08:00:00"), kept)
    assert [type(event.payload) for event in events(opened)] == [ProtectionPlanStarted]
    assert opened[0].flags[-1] == "plan.end_withdrawn"
    (same,) = read(census(a_child(details=a_plan()), made="2026-03-03T08:00:00"), kept)
    assert same.result == Unchanged()
    ended = events(read(census(a_child(details=a_plan(end="2026-02-20")), made="2026-03-04T08:00:00"), kept))
    assert [type(event.payload) for event in ended] == [ProtectionPlanEnded]
    assert ended[0].native_version not in {event.native_version for event in first}


def test_an_older_census_read_late_does_not_undo_a_newer_one() -> None:
    kept = MemoryKept()
    read(census(a_child(details=a_plan(PLAN.replace("NEG", "EMO"))), made="2026-03-02T08:00:00"), kept)
    (record,) = read(census(a_child(details=a_plan()), made="2026-03-01T08:00:00"), kept)
    assert record.result == Unchanged()


def test_what_is_no_longer_in_the_file_is_not_withdrawn() -> None:
    kept = MemoryKept()
    read(census(a_child("A1"), a_child("A2", born="2015-01-01")), kept)
    (record,) = read(census(a_child("A1"), made="2026-03-02T08:00:00"), kept)
    assert record.result == Unchanged()


def test_two_equal_plans_are_one_and_two_different_ones_on_one_day_are_two() -> None:
    twice = payloads(census(a_child(details=a_plan() + a_plan())))
    assert [type(payload) for payload in twice] == [ReferralReceived, ProtectionPlanStarted]
    other = a_plan(PLAN.replace("NEG", "PHY"))
    told = events(read(census(a_child(details=a_plan() + other))))
    assert len({event.native_key for event in told}) == 3


def test_an_adult_on_the_reference_day_and_a_child_without_dates_have_nothing_to_tell() -> None:
    without = a_child("A3").replace("<CINreferralDate>2026-01-10</CINreferralDate>", "")
    records = read(census(a_child(born="2008-03-31"), a_child("A2", born="2008-04-01"), without))
    assert [type(record.result) for record in records] == [NothingToTell, GaveEvents, NothingToTell]
    assert [record.result.reason for record in records if isinstance(record.result, NothingToTell)] == [
        "adult",
        "no_event_dates",
    ]


def test_an_unborn_child_is_told_by_its_expected_date() -> None:
    expected = "<ExpectedPersonBirthDate>2026-06-01</ExpectedPersonBirthDate>"
    (payload,) = payloads(census(a_child(born="", ids=expected)))
    assert (payload.child.birth_date, str(payload.child.expected_date)) == (None, "2026-06-01")
    assert "unborn.mother_unknown" in payload.quality_flags


def test_odd_codes_dates_and_text_are_flagged_and_the_plan_still_goes_out() -> None:
    odd = (
        a_child(ids="<UPN>A123456789123</UPN><UPNunknown>UN3</UPNunknown>stray")
        .replace("<Sex>F</Sex>", "<Sex>1</Sex>")
        .replace("<ReferralSource>2A", "<ReferralSource>ZZ")
        .replace(
            "<CINdetails>",
            "<ChildCharacteristics><Ethnicity>MARS</Ethnicity><Disabilities><Disability>XX</Disability>"
            "<Disability>NONE</Disability></Disabilities></ChildCharacteristics><CINdetails>",
        )
        .replace("</CINdetails>", "<ReferralNFA>maybe</ReferralNFA>" + a_plan(end="2026-01-01") + "</CINdetails>")
    )
    (record,) = read(census(odd))
    assert set(record.flags) == {
        "text.stray",
        "identifier.upn.failed",
        "code.unknown",
        "boolean.unreadable",
        "date.out_of_order",
    }
    assert isinstance(record.result, GaveEvents)
    referral, plan, ended = (event.payload for event in record.result.events)
    assert isinstance(referral, ReferralReceived)
    assert (referral.referral_source, referral.no_further_action, referral.child.sex) == ("ZZ", None, Sex.MALE)
    assert referral.child.disabilities == ("XX",)
    assert isinstance(plan, ProtectionPlanStarted)
    assert isinstance(ended, ProtectionPlanEnded)


def test_a_day_to_come_is_flagged_and_does_not_lie_in_the_future_of_the_exchange() -> None:
    future = a_child().replace("2026-01-10", "2028-04-28")
    (payload,) = payloads(census(future))
    assert str(payload.received_on) == "2028-04-28"
    assert payload.times.occurred == OBSERVED
    assert "date.in_future" in payload.quality_flags


def test_two_children_under_one_id_are_not_taken_for_one() -> None:
    first, second = read(census(a_child(), a_child(born="2018-01-01")))
    assert isinstance(first.result, GaveEvents)
    assert isinstance(second.result, Quarantined)
    assert second.result.reason == "content.two_children"


def test_a_child_without_an_id_is_quarantined_with_its_own_bytes_alone() -> None:
    records = read(census(a_child(""), a_child("A2")))
    assert isinstance(records[0].result, Quarantined)
    assert records[0].result.reason == "content.no_child_id"
    assert b"A2" not in records[0].result.raw
    assert isinstance(records[1].result, GaveEvents)


def test_a_cut_census_gives_the_whole_children_and_quarantines_the_rest_with_its_place() -> None:
    whole = census(a_child("A1"), "\n", a_child("A2"), "\n", a_child("A3"))
    records = read(whole[: whole.index(b"A3") + 30])
    assert [type(record.result) for record in records] == [GaveEvents, GaveEvents, Quarantined]
    assert records[2].position == "line 3"
    assert isinstance(records[2].result, Quarantined)
    assert records[2].result.reason == "content.truncated"
    assert records[2].result.raw.strip().startswith(b"<Child>")
    assert b"A2" not in records[2].result.raw


def test_another_collection_or_another_file_is_said_to_be_one() -> None:
    for content in (census(a_child()).replace(b">CIN<", b">CLA<"), b"<Other><thing/></Other>"):
        (record,) = read(content)
        assert isinstance(record.result, Quarantined)
        assert record.result.reason == "content.wrong_format"
    (empty,) = read(census())
    assert empty.result == NothingToTell("no_children")
