"""Given a practitioner on Monday morning, when they look, decide and ask, then they see what is theirs and no more."""

from pathlib import Path
from typing import Any

import pytest

from tests.journeys.conftest import Mash, Ran
from tests.support.tree import TOP

pytestmark = pytest.mark.usefixtures("after_the_weekend")


def _parts_in_order(ran: Ran, *parts: str) -> None:
    places = [ran.out.index(part) for part in parts]
    assert places == sorted(places)


def _question(mash: Mash, code: str, role: str = "mash_manager") -> Any:
    return next(w for w in mash("tasks", "list", "--as", role, "--json").json() if w["code"] == code)


def test_given_the_mash_when_it_opens_mia_then_the_parts_stand_in_the_order_in_which_they_matter(mash: Mash) -> None:
    ran = mash("view", "Mia Marsh", "--as", "mash_practitioner")

    assert ran.code == 0
    _parts_in_order(
        ran,
        "Who decides what is open",
        "The child's own words",
        "People",
        "Plan and enquiries",
        "Allocated worker",
        "Timeline",
        "Kept back",
        "How fresh this is",
        "In immediate danger ring 999.",
    )
    assert "“I sat on the stairs so that he could not go up.”" in ran.text
    assert "[allegation] A caller reported shouting" in ran.text
    assert "protection plan started (neglect) (as at 3 Feb 2026" in ran.text
    assert "heard Mon 9 Mar 2026 13:30" in ran.text
    assert "To ask for more: mash request" in ran.text


def test_given_the_mash_when_it_opens_a_view_then_codes_are_words_and_times_are_londons(mash: Mash) -> None:
    text = mash("view", "Theo Marsh", "--as", "mash_practitioner").text

    assert "Sat 7 Mar 2026 21:15 Emergency attendance recorded, Wren Valley Hospital NHS Trust" in text
    assert "abuse, neglect or exploitation" in text
    for raw in ("NEG", "N1", "DASH_", "is crime", "mash_core", "wrenshire-police", "00:00"):
        assert raw not in text


def test_given_the_school_when_it_opens_mia_then_neither_brother_nor_neighbour_nor_address_stands_there(
    mash: Mash,
) -> None:
    ran = mash("view", "Mia", "--as", "designated_safeguarding_lead")

    assert ran.code == 0
    assert "urgency: red" in ran.text
    assert "Kept back: contact through Asha Bell" in ran.text
    for kept_back in ("Theo", "Orme", "Larch House", "WR9 8AB", "Elm Street"):
        assert kept_back not in ran.out


def test_given_a_child_who_was_not_shared_when_it_is_opened_then_nothing_says_whether_it_exists(mash: Mash) -> None:
    theo = mash("view", "Theo Marsh", "--as", "designated_safeguarding_lead")
    nobody = mash("view", "Nobody Atall", "--as", "designated_safeguarding_lead")

    assert theo.code == nobody.code == 17
    assert theo.err == nobody.err


def test_given_the_nursery_question_when_the_manager_says_yes_then_it_reaches_the_nursery(mash: Mash) -> None:
    before = mash("children", "--as", "nursery_manager", "--json").json()[0]["reports"]
    question = _question(mash, "nursery.manager_decides")
    opened = mash("tasks", "open", question["task_id"][:8], "--as", "mash_manager")

    decided = mash(
        "tasks", "decide", question["question_id"][:8], "--as", "mash_manager", "--yes", "--reason", "For Theo's sake"
    )

    assert "yes: Acorn Nursery is told" in opened.text
    assert "cannot be taken back" in opened.text
    assert decided.code == 0
    assert "Recorded: yes, decided by Tom Averill. Acorn Nursery: shared" in decided.said
    assert mash("children", "--as", "nursery_manager", "--json").json()[0]["reports"] == before + 1
    assert "asked again: decided by a person" in mash("view", "Theo", "--as", "nursery_manager").text


def test_given_an_answered_question_when_it_is_decided_again_then_the_first_decision_stands(mash: Mash) -> None:
    question = _question(mash, "nursery.manager_decides")["question_id"]
    answer = ("tasks", "decide", question, "--as", "mash_manager", "--reason", "For Theo's sake")
    assert mash(*answer, "--no").code == 0

    again = mash(*answer, "--yes")

    assert again.code == 16
    assert "it may be decided already" in again.said


def test_given_the_new_address_when_it_is_checked_then_the_worker_has_it_and_the_school_has_not(mash: Mash) -> None:
    assert "Larch House" not in mash("view", "Mia Marsh", "--as", "allocated_worker").out
    waiting = mash("tasks", "list", "--as", "mash_practitioner", "--json").json()
    questions = [w["question_id"] for w in waiting if w["code"] == "new_address.worker"]

    decided = mash("tasks", "decide", *questions, "--as", "mash_practitioner", "--yes", "--reason", "Checked by phone")
    guarded = [
        w["question_id"]
        for w in mash("tasks", "list", "--as", "mash_manager", "--json").json()
        if (w["code"], w["recipient"]) == ("minimise.restricted_address", "csc-north-team")
    ]
    by_manager = mash("tasks", "decide", *guarded, "--as", "mash_manager", "--yes", "--reason", "The team visits them")

    assert questions
    assert (decided.code, by_manager.code) == (0, 0)
    assert "Larch House" in mash("view", "Mia Marsh", "--as", "allocated_worker").out
    assert "Larch House" not in mash("view", "Mia Marsh", "--as", "designated_safeguarding_lead").out


def test_given_an_address_kept_back_when_the_school_asks_for_it_then_the_child_s_worker_decides(mash: Mash) -> None:
    school = "designated_safeguarding_lead"
    hint = "--what id.restricted_address"
    assert hint in mash("view", "Mia Marsh", "--as", school).text
    why = "The taxi that takes her home needs to know where to."
    asked = ("--what", "id.restricted_address", "--of", "wrenshire-community-health", "--grounds", why)

    requested = mash("request", "Mia Marsh", "--as", school, "--purpose", "safeguarding", *asked)
    waiting = mash("tasks", "list", "--as", "allocated_worker", "--json").json()
    questions = [w for w in waiting if w["code"] == "safe_contact.worker"]
    opened = mash("tasks", "open", questions[0]["task_id"], "--as", "allocated_worker")

    assert "Some of it waits for a person's decision" in requested.text
    assert why in opened.text
    assert "Ashdown Primary School gets the address" in opened.text
    assert "Larch House" not in mash("view", "Mia Marsh", "--as", school).out

    ids = [w["question_id"] for w in questions]
    assert mash("person", "add", "Una Frost", "--role", "allocated_worker@otherby-csc").code == 0
    another = "allocated_worker@otherby-csc"
    assert mash("tasks", "list", "--as", another, "--json").json() == []
    assert mash("tasks", "decide", *ids, "--as", another, "--yes", "--reason", "Why not").code != 0
    own = "allocated_worker@csc-north-team"
    decided = mash("tasks", "decide", *ids, "--as", own, "--yes", "--reason", "The head books it")

    assert decided.code == 0
    view = mash("view", "Mia Marsh", "--as", school).text
    assert "Larch House" in view
    assert hint not in view


@pytest.fixture(name="another_doubt")
def _another_doubt(after_the_weekend: object, mash: Mash, tmp_path: Path) -> None:  # noqa: ARG001 - the home it goes to
    """Another girl comes to the hospital, of whom it is not certain whether she is Mia."""
    message = (TOP / "broker/demo/weekend/7_hospital_doubtful_child.hl7").read_bytes()
    for old, new in ((b"WVH553377", b"WVH553388"), (b"ED26-030902", b"ED26-030917"), (b"WVH-77402", b"WVH-77417")):
        message = message.replace(old, new)
    file = tmp_path / "another.hl7"
    file.write_bytes(message)
    assert mash("ingest", str(file), "--agency", "wren-valley-hospital", "--kind", "health.hl7_adt").code == 0


@pytest.mark.usefixtures("another_doubt")
def test_given_a_doubt_who_it_is_when_a_practitioner_lists_tasks_then_no_child_is_named(mash: Mash) -> None:
    ran = mash("tasks", "list", "--as", "mash_practitioner")

    assert ran.code == 0
    assert "Not certain which child" in ran.text
    assert "It is not certain which child this report is about" in ran.text
    assert _question(mash, "identity.unsure", "mash_practitioner")["child"] == ""


@pytest.mark.usefixtures("another_doubt")
def test_given_a_doubt_who_it_is_when_the_report_is_let_through_then_its_details_stand_there_to_compare(
    mash: Mash,
) -> None:
    question = _question(mash, "identity.unsure", "mash_practitioner")["question_id"]

    decided = mash("tasks", "decide", question, "--as", "mash_practitioner", "--yes", "--reason", "To compare")
    children = mash("children", "--as", "mash_practitioner", "--json").json()
    unsure = next(child["child"] for child in children if not child["name"])
    text = mash("view", unsure, "--as", "mash_practitioner").text

    assert decided.code == 0
    assert "Not certain which child this is about: in no child's record yet." in text
    assert "given as: Mya Marsh; born 14 May 2016; NHS number 9990000019 (fails its check)" in text
    assert "Chest pain" not in mash("view", "Mia Marsh", "--as", "mash_practitioner").out


@pytest.mark.usefixtures("another_doubt")
def test_given_a_doubt_who_it_is_when_it_is_linked_and_unlinked_by_hand_then_whoever_was_told_is_told_to_disregard_it(
    mash: Mash,
) -> None:
    task = _question(mash, "identity.unsure", "mash_practitioner")["task_id"]
    worker = ("view", "Mia Marsh", "--as", "allocated_worker")
    before = mash(*worker).text.count("This was about a different child: disregard.")

    linked = mash("identity", "link", task, "Mia Marsh", "--as", "mash_practitioner", "--reason", "Same birthday")
    shown = mash("identity", "show", "Mia Marsh", "--as", "mash_practitioner", "--json").json()
    record = next(row["name"] for row in shown if not row["stands"])
    told = mash(*worker).text
    parted = mash("identity", "unlink", record, "--as", "mash_practitioner", "--reason", "Another girl")

    assert (linked.code, parted.code) == (0, 0)
    assert "Chest pain" in told
    assert "disregard" in parted.text
    assert mash(*worker).text.count("This was about a different child: disregard.") == before + 1
    assert mash("reconcile").code == 0


def test_given_an_agency_that_is_not_there_when_it_is_asked_then_nothing_is_asked(mash: Mash) -> None:
    ran = mash(
        "request", "Mia Marsh", "--as", "allocated_worker", "--purpose", "safeguarding",
        "--what", "police.incident", "--grounds", "Strategy discussion", "--of", "wrenshire-polis",
    )  # fmt: skip

    assert ran.code == 17
    assert "nothing was asked" in ran.said
    assert "wrenshire-police" in ran.said


def test_given_a_decision_without_a_reason_when_it_is_made_then_nothing_is_decided(mash: Mash) -> None:
    question = _question(mash, "nursery.manager_decides")["question_id"]

    ran = mash("tasks", "decide", question, "--as", "mash_manager", "--yes", "--reason", " ")

    assert ran.code == 16
    assert "nothing was decided" in ran.said
    assert _question(mash, "nursery.manager_decides")["question_id"] == question


def test_given_a_worker_who_needs_more_when_they_ask_then_the_request_is_recorded_and_explained(mash: Mash) -> None:
    ran = mash(
        "request", "Mia Marsh", "--as", "allocated_worker", "--purpose", "child_protection_enquiry",
        "--what", "police.incident", "--grounds", "Strategy discussion on Monday", "--of", "wrenshire-police",
    )  # fmt: skip

    assert ran.code == 0
    assert "This does not replace a referral." in ran.text
    why = next(line for line in ran.out.splitlines() if "mash explain" in line).split()
    assert mash("explain", why[2], "--as", "allocated_worker").code == 0


def test_given_an_entry_on_the_timeline_when_the_reader_asks_why_then_only_their_own_leg_is_explained(
    mash: Mash,
) -> None:
    view = mash("view", "Mia", "--as", "designated_safeguarding_lead", "--json").json()
    timeline = view["view"]["timeline"]
    entry = next(each["delivery_id"][:8] for each in timeline if ".domestic_incident." in each["event_type"])

    ran = mash("explain", entry, "--as", "designated_safeguarding_lead")

    assert ran.code == 0
    assert "Ashdown Primary School: shared" in ran.text
    assert "Do not contact the child's home about this" in ran.text
    for other in ("Wrenshire MASH", "Elm Street", "North team"):
        assert other not in ran.out


def test_given_a_role_that_nobody_holds_when_it_is_used_then_those_known_are_named(mash: Mash) -> None:
    ran = mash("children", "--as", "practitioner")

    assert ran.code == 17
    assert "mash_practitioner@mash-core" in ran.said
