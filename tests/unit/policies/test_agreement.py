"""What an agreement must hold, and what can be asked of one."""

import json
import shutil
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import jsonschema
import pytest
import yaml

from contracts.words import DataCategory, Grade, RecipientKind, RelationKind
from policies.engine import Agreement, Engine, PolicyFileError, UnknownInPolicyError
from policies.engine.files import ROOT, read_policy_files
from tests.support.questions import SCHOOL_CONCERN, Case, answer

SATURDAY_NIGHT = datetime(2026, 3, 7, 22, 0, tzinfo=UTC)
FRIDAY_AFTERNOON = datetime(2026, 3, 6, 15, 30, tzinfo=UTC)
MONDAY = datetime(2026, 3, 9, tzinfo=UTC)


@pytest.fixture
def wrenshire(engine: Engine) -> Agreement:
    return engine.agreement("wrenshire")


def test_every_category_has_a_row_in_the_matrix(wrenshire: Agreement) -> None:
    assert {row.category for row in wrenshire.matrix} == set(DataCategory)


def test_no_pair_has_two_rows(wrenshire: Agreement) -> None:
    listed = [(row.category, about) for row in wrenshire.matrix for about in row.about]
    assert len(listed) == len(set(listed))


@pytest.mark.parametrize("agreement_id", ["wrenshire", "otherby"])
def test_every_hour_of_a_year_has_somebody_who_opens_what_is_red(engine: Engine, agreement_id: str) -> None:
    agreement = engine.agreement(agreement_id)
    hours = [datetime(2026, 1, 1, 0, 30, tzinfo=UTC) + timedelta(hours=n) for n in range(24 * 365)]
    assert [hour for hour in hours if agreement.covered_by(hour) is None] == []


def test_front_door_in_hours_and_duty_team_out_of_hours(wrenshire: Agreement) -> None:
    in_hours, out_of_hours = wrenshire.covered_by(FRIDAY_AFTERNOON), wrenshire.covered_by(SATURDAY_NIGHT)
    assert in_hours is not None
    assert out_of_hours is not None
    assert (in_hours.name, out_of_hours.name) == ("front_door", "emergency_duty_team")
    assert wrenshire.covered_by(SATURDAY_NIGHT, Grade.GREEN) is None
    good_friday = wrenshire.covered_by(datetime(2026, 4, 3, 11, 0, tzinfo=UTC))
    assert good_friday is not None
    assert good_friday.name == "emergency_duty_team"


def test_red_runs_day_and_night_and_amber_only_in_working_hours(wrenshire: Agreement) -> None:
    assert wrenshire.deadline("red", SATURDAY_NIGHT) == SATURDAY_NIGHT + timedelta(hours=4)
    # Friday 15:30 to 16:30 is one hour, Monday and Tuesday 8.5 each, so six are left on Wednesday from 08:30.
    assert wrenshire.deadline("amber", FRIDAY_AFTERNOON) == datetime(2026, 3, 11, 14, 30, tzinfo=UTC)


def test_a_closed_day_and_the_change_of_the_clocks_are_counted_rightly(wrenshire: Agreement) -> None:
    # Thursday 2 April 2026, 16:00 in summer time: an hour, then Easter until Tuesday.
    started = datetime(2026, 4, 2, 15, 0, tzinfo=UTC)
    assert wrenshire.deadline("amber", started) == datetime(2026, 4, 9, 13, 30, tzinfo=UTC)


def test_what_the_policy_does_not_know_is_said_to_be_unknown(engine: Engine, wrenshire: Agreement) -> None:
    asked: dict[str, Callable[[], object]] = {
        "policy.unknown_clock": lambda: wrenshire.clock("purple"),
        "policy.unknown_agency": lambda: engine.sender("nobody"),
        "policy.unknown_recipient": lambda: engine.recipient("nobody"),
        "policy.unknown_code": lambda: engine.explanation("no.such_code"),
        "policy.unknown_event_type": lambda: engine.catalogue.entry("uk.mash.police.unheard.of.v1"),
    }
    for code, ask in asked.items():
        with pytest.raises(UnknownInPolicyError) as caught:
            ask()
        assert caught.value.code == code
        assert caught.value.remedy


def test_an_old_fact_is_stale_and_one_never_heard_is_unknown(wrenshire: Agreement) -> None:
    now = int(MONDAY.timestamp())
    assert wrenshire.confidence(RelationKind.SCHOOL, now - 86_400, now) == "verified"
    assert wrenshire.confidence(RelationKind.SCHOOL, now - 31 * 86_400, now) == "stale"
    assert wrenshire.confidence(RelationKind.SCHOOL, 0, now) == "unknown"
    assert wrenshire.confidence("shoe_size", now, now) == "unknown"


def test_every_relation_has_a_greatest_age(wrenshire: Agreement) -> None:
    for relation in RelationKind:
        if relation is not RelationKind.NONE:
            assert relation in wrenshire.greatest_age_days


def test_organisations_are_found_by_their_codes(wrenshire: Agreement) -> None:
    school = wrenshire.organisation("urn", "999001")
    practice = wrenshire.organisation("ods", "Y90001")
    assert school is not None
    assert practice is not None
    assert (school.recipient, practice.recipient) == ("school-ashdown", "gp-elm-street")
    assert practice.health_visitor == "hv-wrenshire"
    assert wrenshire.organisation("urn", "000000") is None


def test_a_school_is_open_on_weekdays_in_term(wrenshire: Agreement) -> None:
    ashdown = wrenshire.recipient("school-ashdown")
    assert ashdown.is_term_day(date(2026, 3, 9))
    assert not ashdown.is_term_day(date(2026, 3, 8))
    assert not ashdown.is_term_day(date(2026, 4, 8))
    assert wrenshire.recipient("mash-core").is_term_day(date(2026, 4, 8))


def test_a_school_opens_what_came_at_night_before_its_next_day(wrenshire: Agreement) -> None:
    ashdown = wrenshire.recipient("school-ashdown")
    assert ashdown.opens_by(datetime(2026, 3, 8, 22, 50, tzinfo=UTC)) == datetime(2026, 3, 9, 8, 0, tzinfo=UTC)
    assert ashdown.opens_by(datetime(2026, 3, 9, 8, 30, tzinfo=UTC)) == datetime(2026, 3, 10, 8, 0, tzinfo=UTC)
    assert ashdown.opens_by(datetime(2026, 3, 28, 12, 0, tzinfo=UTC)) is None
    assert wrenshire.recipient("mash-core").opens_by(SATURDAY_NIGHT) is None


def test_whoever_may_be_considered_has_a_sentence_why(engine: Engine) -> None:
    """A candidate of the catalogue without one could never be told, whatever the law says."""
    from policies.build import document  # noqa: PLC0415 - the build needs opa only where it compiles

    purposes = document()["agreements"]["wrenshire"]["purposes"]
    kinds = {
        RelationKind.FRONT_DOOR: RecipientKind.MASH_CORE,
        RelationKind.ALLOCATED_WORKER: RecipientKind.CSC_TEAM,
        RelationKind.POLICE: RecipientKind.POLICE_MASH,
        RelationKind.HOME_EDUCATION: RecipientKind.LA_EDUCATION,
        RelationKind.HOME_AUTHORITY: RecipientKind.LA_EDUCATION,
        RelationKind.RECEIVING_AUTHORITY: RecipientKind.CSC_TEAM,
    }
    missing = []
    for entry in engine.catalogue.events:
        for rule in entry.candidates:
            purpose = rule.purpose or entry.purpose
            kind = kinds.get(rule.relation, rule.relation)
            if rule.relation is RelationKind.REQUESTED:
                continue
            if kind not in purposes[purpose]["necessity"].get(entry.type, {}):
                missing.append((entry.type, purpose, kind))
    assert missing == []


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    for folder in ("agreements", "law", "catalogue"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    return tmp_path


@pytest.mark.parametrize(
    "file,old,new",
    [
        ("agreement.yaml", "dpia:\n  reference: WREN-DPIA-2025-014\n  approved: 2025-03-12\n", ""),
        ("agreement.yaml", "title:", "titel:"),
        ("agreement.yaml", "id: wrenshire", "id: wrenshire\nid: wrenshire"),
        ("agreement.yaml", "state: active", "state: perhaps"),
        ("recipients.yaml", "agency: wrenshire-police", "agency: football-club"),
        ("recipients.yaml", "recipient: gp-harbour", "recipient: gp-nowhere"),
        ("matrix.yaml", "ask sexual_health", "ask nobody_knows"),
        ("approvals.yaml", "  minimise.privileged: [legal_services]\n", ""),
        ("purposes.yaml", "purposes:", "clocks:"),
        ("matrix.yaml", "matrix:", "matrix: ["),
    ],
)
def test_an_agreement_that_is_not_whole_does_not_load(copied: Path, file: str, old: str, new: str) -> None:
    path = copied / "agreements" / "wrenshire" / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(PolicyFileError):
        read_policy_files(copied)


def test_the_digest_changes_with_any_word_of_agreement_or_law(copied: Path, engine: Engine) -> None:
    for folder in ("wasm", "generated"):
        shutil.copytree(ROOT / folder, copied / folder)
    same = Engine.load(copied)
    assert same.policy_digest == engine.policy_digest
    same.close()
    for file, old, new in (
        ("agreements/wrenshire/agreement.yaml", 'version: "3.1"', 'version: "3.2"'),
        ("agreements/wrenshire/roster.yaml", "01632 960101", "01632 960199"),
        ("law/gateways.yaml", "Children Act 2004 sections 10 and 16E", "Children Act 2004 section 10"),
    ):
        path = copied / file
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        other = Engine.load(copied)
        assert other.policy_digest != engine.policy_digest
        other.close()
        path.write_text(text, encoding="utf-8")


def test_a_law_that_is_switched_on_makes_a_duty_and_off_makes_none(copied: Path, engine: Engine) -> None:
    for folder in ("wasm", "generated"):
        shutil.copytree(ROOT / folder, copied / folder)
    path = copied / "agreements" / "wrenshire" / "agreement.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("CA2004-16LA: off", "CA2004-16LA: on"), encoding="utf-8")
    switched = Engine.load(copied)
    for asked, duty, basis in ((engine, "may", "e"), (switched, "must", "c")):
        case = Case(asked, "ashdown-primary", SCHOOL_CONCERN, at="2026-09-14T10:00:00+00:00")
        decision = answer(case.decide("mash-core"), "mash-core")
        assert (decision.duty, decision.basis.art6) == (duty, basis)
    switched.close()


@pytest.mark.parametrize(
    "folder,schema", [("agreements/wrenshire", "agreement"), ("law", "law"), ("catalogue", "events")]
)
def test_every_file_fits_the_schema_that_its_editor_uses(folder: str, schema: str) -> None:
    rules = json.loads((ROOT / "schemas" / f"{schema}.schema.json").read_text(encoding="utf-8"))
    files = sorted((ROOT / folder).glob("*.yaml"))
    assert files
    for path in files:
        text = path.read_text(encoding="utf-8")
        assert text.startswith("# yaml-language-server: $schema=")
        as_json = json.loads(json.dumps(yaml.safe_load(text), default=str))
        jsonschema.validate(as_json, rules)
