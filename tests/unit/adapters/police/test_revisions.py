"""Revisions of a police notice: what stays is not told again, what changed is put right, what is gone is taken back."""

import json
from typing import Any

import pytest

from adapters.kit.records import GaveEvents, Mapped, NothingToTell, Result, Unchanged
from adapters.kit.snapshot import MemoryKept, ReadingSnapshot
from adapters.police.notices import adapter
from contracts.events.mash import ReportWithdrawn
from contracts.events.police import DomesticIncidentNotified, NoFurtherActionRecorded
from tests.support.native_results import a_reading
from tests.unit.adapters.police.test_notices import CRAIG, DANA, MIA, NOTICE, ORME, THEO, Native

WITHOUT_THEO = [MIA, DANA, CRAIG, ORME]
DOMESTIC = DomesticIncidentNotified.event_type


class Force:
    """A force's feed, with what its adapter remembers."""

    def __init__(self) -> None:
        self.kept = MemoryKept()

    def sends(self, revision: int, **changes: Any) -> Result:
        reading = a_reading(ReadingSnapshot(self.kept))
        notice: Native = NOTICE | {"revision": revision} | changes
        [record] = adapter.read(json.dumps(notice).encode(), reading)
        self.kept.keep(reading.snapshot.proposals)  # type: ignore[attr-defined]  # a reading's own snapshot has them
        return record.result


def given_by(result: Result) -> tuple[Mapped, ...]:
    assert isinstance(result, GaveEvents), result
    return result.events


def test_a_child_who_is_no_longer_named_has_the_report_withdrawn() -> None:
    force = Force()
    force.sends(1)
    events = given_by(force.sends(2, persons=WITHOUT_THEO))
    withdrawn = [event for event in events if isinstance(event.payload, ReportWithdrawn)]
    [theo] = withdrawn
    assert (theo.child_ref, theo.corrects, theo.corrects_type) == ("nominal/N2", ("PPN-1", "1"), DOMESTIC)
    assert "Theo" not in theo.payload.model_dump_json()


def test_what_is_said_in_the_same_words_is_not_told_again_and_is_remembered_by_the_revision_that_told_it() -> None:
    force = Force()
    force.sends(1, persons=[MIA, THEO])
    present = THEO | {"present": "n"}
    [theo] = given_by(force.sends(2, persons=[MIA, present]))
    assert (theo.child_ref, theo.corrects, theo.native_version) == ("nominal/N2", ("PPN-1", "1"), "2")

    [mia] = given_by(force.sends(3, persons=[present, MIA | {"whereabouts": "in the garden"}]))
    assert (mia.child_ref, mia.corrects) == ("nominal/N1", ("PPN-1", "1"))
    assert isinstance(force.sends(4, persons=[present, MIA | {"whereabouts": "in the garden"}]), Unchanged)


def test_the_same_revision_again_gives_the_same_again() -> None:
    force = Force()
    one = [event.native_version for event in given_by(force.sends(1))]
    assert [event.native_version for event in given_by(force.sends(1))] == one


def test_an_earlier_revision_that_comes_late_says_nothing() -> None:
    force = Force()
    force.sends(2, persons=WITHOUT_THEO)
    assert force.sends(1) == NothingToTell("older_than_known")


def test_what_came_of_a_matter_takes_nothing_back() -> None:
    force = Force()
    force.sends(1)
    events = given_by(force.sends(2, outcome="nfa"))
    assert {type(event.payload) for event in events} == {NoFurtherActionRecorded}
    later = given_by(force.sends(3, persons=WITHOUT_THEO))
    assert ("nominal/N2", DOMESTIC) in {(event.child_ref, event.corrects_type) for event in later}


def test_a_revision_with_no_child_left_withdraws_them_all() -> None:
    force = Force()
    force.sends(1)
    events = given_by(force.sends(2, persons=[DANA, CRAIG]))
    assert [type(event.payload) for event in events] == [ReportWithdrawn, ReportWithdrawn]
    assert isinstance(force.sends(3, persons=[DANA, CRAIG]), NothingToTell | Unchanged)


@pytest.mark.parametrize("named", [{"notice_id": "PPN-1", "revision": 1}, {"notice_id": "PPN-0", "revision": 4}])
def test_a_notice_that_stands_in_place_of_another_withdraws_what_that_one_said(named: Native) -> None:
    force = Force()
    if named["notice_id"] == "PPN-0":
        force.sends(4, notice_id="PPN-0")
    else:
        force.sends(1)
    events = given_by(force.sends(2, persons=WITHOUT_THEO, replaces=named))
    gone = {event.child_ref: event.corrects for event in events if isinstance(event.payload, ReportWithdrawn)}
    assert gone == {"nominal/N2": (named["notice_id"], str(named["revision"]))}


def test_a_revision_made_on_a_later_day_changes_nothing_by_its_date() -> None:
    force = Force()
    force.sends(1)
    assert isinstance(force.sends(2, created_at="2026-03-09T08:10:00Z"), Unchanged)


def test_a_child_named_only_after_a_notice_was_replaced_is_withdrawn_once_no_longer_named() -> None:
    force = Force()
    named = {"notice_id": "PPN-0", "revision": 1}
    force.sends(1, notice_id="PPN-0", persons=[MIA, DANA])
    force.sends(2, persons=[MIA, THEO, DANA], replaces=named)
    events = given_by(force.sends(3, persons=[MIA, DANA], replaces=named))
    [gone] = [event for event in events if isinstance(event.payload, ReportWithdrawn)]
    assert (gone.child_ref, gone.corrects) == ("nominal/N2", ("PPN-1", "2"))
