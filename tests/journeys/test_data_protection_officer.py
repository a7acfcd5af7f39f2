"""Given a data protection officer, when they ask who was told what and whether the log holds, then it is shown."""

import sqlite3
from pathlib import Path

import pytest

from tests.journeys.conftest import Mash


def _police_report(mash: Mash) -> str:
    reports = mash("explain", "--as", "data_protection_officer", "--json").json()
    return str(next(r["event_id"] for r in reports if "abuse incident" in r["title"] and r["state"] == "corrected"))


@pytest.mark.usefixtures("after_the_weekend")
def test_given_a_report_when_it_is_explained_then_every_leg_and_every_refusal_stand_with_their_law(mash: Mash) -> None:
    ran = mash("explain", _police_report(mash)[:8], "--as", "data_protection_officer")

    assert ran.code == 0
    assert "Domestic abuse incident notified" in ran.text
    assert "This report does not hold any more: it was corrected on Mon 9 Mar 2026 09:15." in ran.text
    assert "Wrenshire MASH: shared" in ran.text
    assert "law: Art 6(1)(e)" in ran.text
    assert "Acorn Nursery: decision needed" in ran.text
    assert "a person decides: A manager decides whether the nursery is told" in ran.text
    assert "kept back: " in ran.text
    assert "https://www.legislation.gov.uk/" in ran.text
    assert ran.text.count("Keep the marks when you record it") == 1


@pytest.mark.usefixtures("after_the_weekend")
def test_given_no_report_when_the_dpo_asks_then_every_report_is_listed_without_content_or_child(mash: Mash) -> None:
    ran = mash("explain", "--as", "data_protection_officer")
    rows = mash("explain", "--as", "data_protection_officer", "--json").json()

    assert ran.code == 0
    assert f"{len(rows)} reports." in ran.text
    assert _police_report(mash)[:8] in ran.out
    assert sum(row["shared"] + row["not_shared"] + row["decision_needed"] for row in rows) > len(rows)
    for content in ("Marsh", "Larch House", "Theo"):
        assert content not in ran.out


@pytest.mark.usefixtures("after_the_weekend")
def test_given_a_school_when_it_asks_for_every_report_then_it_is_sent_to_its_own_view(mash: Mash) -> None:
    ran = mash("explain", "--as", "designated_safeguarding_lead")

    assert ran.code == 17
    assert ran.out == ""
    assert "mash view" in ran.said


@pytest.mark.usefixtures("after_the_weekend")
def test_given_an_id_that_fits_no_report_when_it_is_explained_then_the_remedy_says_where_ids_stand(mash: Mash) -> None:
    ran = mash("explain", "zzzzzzzz", "--as", "data_protection_officer")

    assert ran.code == 17
    assert "Check the id" in ran.said


@pytest.mark.usefixtures("after_the_weekend")
def test_given_the_dpo_when_they_open_a_view_then_they_are_told_that_the_role_has_none(mash: Mash) -> None:
    ran = mash("view", "Mia Marsh", "--as", "data_protection_officer")

    assert ran.code == 17
    assert "no records of its own" in ran.said


@pytest.mark.usefixtures("after_the_weekend")
def test_given_the_whole_log_when_it_is_verified_proved_and_reconciled_then_all_agree(
    mash: Mash, tmp_path: Path
) -> None:
    checkpoint = mash("ledger", "checkpoint")
    kept = tmp_path / "checkpoint.txt"
    kept.write_text(checkpoint.out, encoding="utf-8")

    verified = mash("ledger", "verify", "--against", str(kept))
    proof = mash("ledger", "prove", "12")
    reconciled = mash("reconcile")

    assert (checkpoint.code, verified.code, proof.code, reconciled.code) == (0, 0, 0, 0)
    assert "The ledger is sound." in verified.text
    assert proof.out.startswith("c2sp.org/tlog-proof@v1\nindex 12\n")
    assert reconciled.text.endswith("Everything agrees.")


@pytest.mark.usefixtures("after_the_weekend")
def test_given_a_number_beyond_the_log_when_it_is_proved_then_no_proof_is_given(mash: Mash) -> None:
    ran = mash("ledger", "prove", "99999")

    assert ran.code == 14
    assert ran.out == ""
    assert "no proof was given" in ran.said


def test_given_a_row_edited_by_hand_when_the_log_is_verified_then_the_place_is_named(
    mash: Mash, after_the_weekend: Path
) -> None:
    database = sqlite3.connect(after_the_weekend / "hub" / "ledger.db")
    with database:
        for (trigger,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            database.execute(f'DROP TRIGGER "{trigger}"')
        database.execute("UPDATE leaves SET leaf = leaf || x'20' WHERE leaf_index = 9")
    database.close()

    ran = mash("ledger", "verify")

    assert ran.code == 1
    assert "First bad place: log entry 9 was changed after it was sealed." in ran.text


@pytest.mark.usefixtures("after_the_weekend")
def test_given_a_lapsed_agreement_when_the_doctor_looks_then_the_fault_stands_first_with_what_to_do(mash: Mash) -> None:
    ran = mash("doctor")

    assert ran.code == 1
    assert ran.out.startswith("FAULT")
    assert "agreement otherby: lapsed" in ran.text
    assert "what to do: have the partners review and sign it" in ran.text
    assert "last heard Mon 09 Mar 2026 13:30" in ran.text


@pytest.mark.usefixtures("after_the_weekend")
@pytest.mark.parametrize(
    "words",
    [
        "children --as mash_practitioner",
        "tasks list --as mash_manager",
        "view Mia --as mash_practitioner",
        "person list",
        "reconcile",
        "doctor",
        "tick",
        "ledger verify",
    ],
)
def test_given_a_machine_when_it_asks_for_json_then_standard_output_is_one_json_document(
    mash: Mash, words: str
) -> None:
    ran = mash(*words.split(), "--json")

    assert ran.code in {0, 1}
    assert ran.json() is not None
