"""The weekend in Wrenshire from its native files: what each beat comes to, in every recipient's own records."""

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from broker.core.ladder import Escalation, OverdueKind
from broker.core.outcome import Decision, StoredEvent, TaskQuestion
from broker.runtimes.demo import PEOPLE, Step, schedule
from broker.runtimes.demo_acts import Act, perform
from broker.runtimes.scenario_expected import HERE
from broker.runtimes.scenario_world import BEGINNING, World, make_world
from broker.runtimes.scenarios import Stage
from broker.runtimes.steps import Done
from contracts.delivery import Delivery
from contracts.words import Cause, DeliveryId, EventId
from tests.support.tree import TOP

FILES = TOP / "broker/demo/weekend"
RECIPIENTS = ("mash-core", "csc-north-team", "police-mash", "gp-elm-street", "gp-harbour", "hv-wrenshire",
              "school-ashdown", "nursery-acorn", "la-education", "pennine-app")  # fmt: skip
REFUGE = ("Larch House", "Quay Street", "WR9 8AB", "Y90002", "Harbour")


@dataclass(slots=True)
class Beat:
    """What one file came to."""

    summary: Mapping[str, Any]
    done: Done
    events: tuple[StoredEvent, ...]
    decisions: Mapping[tuple[str, str], Decision]
    sent: Mapping[str, tuple[Delivery, ...]]
    questions: tuple[TaskQuestion, ...]
    replies: tuple[str, ...]
    chased: tuple[Escalation, ...]

    def effects(self, kind: str) -> dict[str, str]:
        """The effect for each recipient of the events of this kind; where they differ, an error."""
        found: dict[str, set[str]] = {}
        for (event_type, recipient), decision in self.decisions.items():
            if event_type.startswith(f"uk.mash.{kind}."):
                found.setdefault(recipient, set()).add(decision.effect.value)
        return {recipient: "/".join(sorted(effects)) for recipient, effects in found.items()}

    def text(self, recipient: str) -> str:
        """Everything that one recipient was sent in this beat."""
        return "".join(each.body().decode() for each in self.sent[recipient])


@dataclass(slots=True)
class Weekend:
    """The whole of it, file by file."""

    world: World
    beats: dict[str, Beat] = field(default_factory=dict)

    def play(self, folder: Path) -> None:
        """Lay each file into its agency's folder at its time, and let the exchange do what follows."""
        for name, roles in PEOPLE.items():
            self.world.runtime.add_person(name, roles)
        the_schedule = schedule()
        for step in (*the_schedule.scene, *the_schedule.weekend):
            self.world.clock.moment = step.at.replace(tzinfo=HERE)
            name = f"{step.at:%a %H:%M}" if isinstance(step, Act) else step.file.split("_")[0]
            self.beats[name] = self._beat(step, folder)

    def _happens(self, step: Step | Act, folder: Path) -> Mapping[str, Any]:
        runtime = self.world.runtime
        if isinstance(step, Act):
            perform(runtime, step)
            return {}
        copied = folder / step.file
        shutil.copy(FILES / step.file, copied)
        return runtime.ingest(copied, agency=step.agency, kind=step.kind).as_json()

    def _beat(self, step: Step | Act, folder: Path) -> Beat:
        before = {r: {k.delivery.delivery_id for k in self.world.kept_by(r)} for r in RECIPIENTS}
        journal = self.world.runtime.hub.journal
        known = {event.event_id for event in journal.events()}
        heard = len(self.world.post.heard)
        chased = len(journal.escalations())
        summary = self._happens(step, folder)
        done = self.world.runtime.tick()
        events = tuple(event for event in journal.events() if event.event_id not in known)
        return Beat(
            summary=summary,
            done=done,
            events=events,
            decisions={
                (event.event_type, str(d.recipient)): d
                for event in events
                for d in journal.decisions(EventId(event.event_id))
            },
            sent={
                r: tuple(k.delivery for k in self.world.kept_by(r) if k.delivery.delivery_id not in before[r])
                for r in RECIPIENTS
            },
            questions=tuple(q for task in journal.tasks() for q in task.questions),
            replies=tuple(f"{r.kind.value}/{r.code}" for r in self.world.post.heard[heard:]),
            chased=tuple(each for each in journal.escalations()[chased:] if each.kind is OverdueKind.ACKNOWLEDGEMENT),
        )


@pytest.fixture(scope="module")
def weekend(stage: Stage, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Weekend]:
    folder = stage.folder / "weekend"
    make_world(folder, stage.engine)
    world = World.open(folder, stage.engine, now=BEGINNING)
    played = Weekend(world)
    played.play(tmp_path_factory.mktemp("files"))
    yield played
    world.close()


def test_the_scene_is_known_before_the_weekend_begins(weekend: Weekend) -> None:
    friday = weekend.beats["1"]
    assert friday.decisions
    [event] = friday.events
    assert event.child is not None
    known = weekend.world.runtime.hub.journal.known_child(event.child)
    assert known is not None
    relations = {fact.key for fact in known.facts if fact.kind == "relation"}
    assert {"school:urn:999001", "gp:ods:Y90001"} <= relations


def test_friday_the_schools_concern_is_shared_without_the_friend_and_the_school_is_told_the_law(
    weekend: Weekend,
) -> None:
    friday = weekend.beats["1"]
    assert friday.effects("school.concern") == {"mash-core": "share", "csc-north-team": "share", "police-mash": "share"}
    for recipient in RECIPIENTS:
        assert "Ellie" not in friday.text(recipient)
        assert "Byrne" not in friday.text(recipient)
    assert "He shouts at Mum" in friday.text("mash-core")
    assert "He shouts at Mum" in friday.text("csc-north-team")
    assert "basis_corrected/lawful_basis.consent_not_needed" in friday.replies


def test_saturday_theos_arm_reaches_those_who_care_for_him_and_not_the_police(weekend: Weekend) -> None:
    assert weekend.beats["2"].effects("health.emergency_attendance") == {
        "mash-core": "share",
        "csc-north-team": "share",
        "gp-elm-street": "share",
        "hv-wrenshire": "share",
        "police-mash": "withhold",
    }


def test_saturday_the_same_attendance_again_changes_nothing(weekend: Weekend) -> None:
    again = weekend.beats["3"]
    assert again.events == ()
    assert not any(again.sent.values())


def test_sunday_the_duty_team_and_the_school_are_told_and_the_nursery_waits(weekend: Weekend) -> None:
    sunday = weekend.beats["4"]
    assert sunday.done.accepted == 2
    effects = sunday.effects("police.domestic_incident")
    assert effects["mash-core"] == effects["csc-north-team"] == effects["school-ashdown"] == "share"
    assert effects["nursery-acorn"] == "ask"
    assert any(q.code == "nursery.manager_decides" and q.owner == "mash_manager" for q in sunday.questions)
    [school] = sunday.sent["school-ashdown"]
    assert (school.duty, school.basis.art6, school.purpose) == ("must", "c", "encompass_notification")
    assert "Mia was on the stairs" in sunday.text("school-ashdown")
    for kept in ("Theo", "Craig", "Doyle", "Orme"):
        assert kept not in sunday.text("school-ashdown")


def test_sunday_the_neighbour_is_named_to_nobody_but_the_police(weekend: Weekend) -> None:
    sunday = weekend.beats["4"]
    assert [r for r in RECIPIENTS if "Orme" in sunday.text(r) or "01632 960114" in sunday.text(r)] == ["police-mash"]


def test_sunday_night_saturdays_fact_goes_to_the_police_because_an_enquiry_started(weekend: Weekend) -> None:
    night = weekend.beats["4b"]
    assert [d.effect.value for (kind, who), d in night.decisions.items() if who == "police-mash"] == ["share"]
    [saturday] = [d for d in night.sent["police-mash"] if ".emergency_attendance." in d.event_type]
    assert saturday.asked_again
    [event] = weekend.beats["2"].events
    decided = [d for d in weekend.world.runtime.hub.journal.decisions(event.event_id) if d.recipient == "police-mash"]
    assert decided[0].effect.value == "withhold"
    assert any("section 47" in d.asked_again and d.effect.value == "share" for d in decided)
    assert not any(".emergency_attendance." in d.event_type for d in weekend.beats["4"].sent["police-mash"])


def test_monday_under_a_lapsed_agreement_the_law_carries_it_and_a_person_decides_the_rest(weekend: Weekend) -> None:
    otherby = weekend.beats["9"]
    effects = otherby.effects("health.emergency_attendance")
    assert (effects["mash-core"], effects["csc-north-team"], effects["police-mash"]) == ("share", "share", "ask")
    [team] = otherby.sent["csc-north-team"]
    assert team.basis.gateway
    decided = weekend.beats["Mon 08:40"]
    assert [".emergency_attendance." in d.event_type for d in decided.sent["police-mash"]] == [True]


def test_monday_the_old_address_is_recalled_from_the_school_and_everybody_else(weekend: Weekend) -> None:
    restricted = weekend.beats["10"]
    for recipient in ("school-ashdown", "police-mash", "csc-north-team", "gp-harbour", "hv-wrenshire"):
        assert any(d.cause is Cause.ADDRESS_RECALLED for d in restricted.sent[recipient]), recipient
    standing: dict[str, Delivery] = {}
    for kept in weekend.world.kept_by("school-ashdown"):
        before = standing.get(kept.delivery.report)
        if before is None or before.revision < kept.delivery.revision:
            standing[kept.delivery.report] = kept.delivery
    assert standing
    for delivery in standing.values():
        assert "14 Mill Lane" not in delivery.body().decode()


def test_monday_everybody_is_told_that_theo_was_not_there_four_act_on_it_and_one_is_chased(weekend: Weekend) -> None:
    correction = weekend.beats["11"]
    told = {r for r in RECIPIENTS if any(d.cause is Cause.CORRECTED for d in correction.sent[r])}
    assert told == {"mash-core", "csc-north-team", "police-mash", "hv-wrenshire", "gp-harbour"}
    assert weekend.beats["4"].sent["school-ashdown"]
    assert not correction.sent["school-ashdown"]
    assert weekend.beats["Mon 09:25"].chased == ()
    [chased] = weekend.beats["Mon 13:30"].chased
    late = weekend.world.runtime.hub.journal.delivery(DeliveryId(chased.about))
    assert late is not None
    assert late.delivery.recipient == "gp-harbour"


def test_monday_the_refuge_is_told_to_the_front_door_alone(weekend: Weekend) -> None:
    monday = weekend.beats["5"]
    assert "Larch House" in monday.text("mash-core")
    for recipient in RECIPIENTS[1:]:
        for word in REFUGE:
            assert word not in monday.text(recipient), (recipient, word)
    for recipient in ("csc-north-team", "school-ashdown", "nursery-acorn", "gp-elm-street"):
        assert "Asha Bell" in monday.text(recipient), recipient
    assert any(q.code == "new_address.worker" for q in monday.questions)


def test_to_the_end_nobody_else_holds_anything_that_tells_the_refuge(weekend: Weekend) -> None:
    for recipient in RECIPIENTS[1:]:
        held = "".join(kept.delivery.body().decode() for kept in weekend.world.kept_by(recipient))
        assert not [word for word in REFUGE if word in held], recipient


def test_monday_what_can_be_read_of_the_truncated_roll_is_and_nobody_is_taken_as_gone(weekend: Weekend) -> None:
    roll = weekend.beats["6"]
    assert sum(roll.summary["quarantined"].values()) == 1
    assert not [event for event in roll.events if ".pupil.left." in event.event_type]


def test_monday_mya_waits_for_a_person_and_joins_nobody(weekend: Weekend) -> None:
    mya = weekend.beats["7"]
    assert set(mya.effects("health.emergency_attendance").values()) <= {"ask", "share"}
    assert set(mya.effects("health.emergency_attendance")) == {"mash-core"}
    assert any(q.code == "identity.unsure" for q in mya.questions)
    [event] = [event for event in mya.events if ".emergency_attendance." in event.event_type]
    [friday] = weekend.beats["1"].events
    assert event.child != friday.child


def test_monday_mya_is_linked_by_hand_and_once_she_is_another_child_everyone_told_is_told_so(weekend: Weekend) -> None:
    sent = weekend.beats["Mon 07:45"].sent
    linked = {
        r for r in RECIPIENTS if any(d.kind == "share" and ".emergency_attendance." in d.event_type for d in sent[r])
    }
    assert {"mash-core", "csc-north-team"} <= linked
    parted = weekend.beats["Mon 09:30"]
    warned = {r for r in RECIPIENTS if any(d.cause is Cause.DIFFERENT_CHILD for d in parted.sent[r])}
    assert warned == linked
    for recipient in warned:
        assert all(not d.values for d in parted.sent[recipient] if d.cause is Cause.DIFFERENT_CHILD)


def test_monday_the_vendor_is_refused_and_the_data_protection_officer_told(weekend: Weekend) -> None:
    vendor = weekend.beats["8"]
    assert vendor.effects("mash.information") == {"pennine-app": "withhold"}
    assert not any(vendor.sent.values())
    assert any(q.code == "tell.dpo" and q.owner == "data_protection_officer" for q in vendor.questions)
    assert weekend.world.kept_by("pennine-app") == []
