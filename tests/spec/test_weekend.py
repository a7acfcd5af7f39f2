"""The weekend in Wrenshire from its native files: what each beat comes to, in every recipient's own records."""

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from broker.core.outcome import Decision, StoredEvent, TaskQuestion
from broker.runtimes.line import Done
from broker.runtimes.scenario_expected import HERE
from broker.runtimes.scenario_world import BEGINNING, World, make_world
from broker.runtimes.scenarios import Stage
from contracts.delivery import Delivery
from contracts.words import EventId
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
        schedule = yaml.safe_load((FILES / "schedule.yaml").read_text(encoding="utf-8"))
        for step in (*schedule["scene"], *schedule["weekend"]):
            at = datetime.fromisoformat(str(step["at"])).replace(tzinfo=HERE)
            copied = folder / step["file"]
            shutil.copy(FILES / step["file"], copied)
            self.beats[step["file"].split("_")[0]] = self._beat(copied, step, at)

    def _beat(self, path: Path, step: Mapping[str, Any], at: datetime) -> Beat:
        before = {r: {k.delivery.delivery_id for k in self.world.kept_by(r)} for r in RECIPIENTS}
        journal = self.world.runtime.hub.journal
        known = {event.event_id for event in journal.events()}
        heard = len(self.world.post.heard)
        self.world.clock.moment = at
        summary = self.world.runtime.ingest(path, agency=step["agency"], kind=step["kind"]).as_json()
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


def test_monday_the_vendor_is_refused_and_the_data_protection_officer_told(weekend: Weekend) -> None:
    vendor = weekend.beats["8"]
    assert vendor.effects("mash.information") == {"pennine-app": "withhold"}
    assert not any(vendor.sent.values())
    assert any(q.code == "tell.dpo" and q.owner == "data_protection_officer" for q in vendor.questions)
    assert weekend.world.kept_by("pennine-app") == []
