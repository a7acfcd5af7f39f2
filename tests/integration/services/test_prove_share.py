"""A proof of share shows who was told what, when and under which law, to anybody who has the public keys alone."""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broker.core.commitments import Opening, make_leaf
from broker.core.errors import MashError
from broker.core.public_keys import PublicKeys, PublicKeysError, RecipientKey, parse_public_keys
from broker.core.share_proof import ShareEntry, ShareProof, ShareProofError, parse_share_proof, verify_share_proof
from broker.core.store_errors import KeyDestroyedError
from broker.drivers.memory.ledger_store import MemoryLedger
from broker.runtimes.people import SignedIn
from broker.runtimes.proofs import NoSuchDeliveryError
from broker.services.prove import prove
from broker.services.prove_share import ShareNotProvableError
from broker.services.sequence import sequence
from contracts.words import EventId, ReceiptKind
from tests.integration.services.test_reask import CORE, SCHOOL, Exchange
from tests.support.builders import EventBuilder, a_domestic_incident, a_pupil_enrolment
from tests.support.event_parts import MILL_LANE
from tests.support.homes import a_home, opened
from tests.support.ledger import ORIGIN, SetClock, WaitingRecords, a_pending, a_signer

DPO = SignedIn("dana", "Dana Pryce", "data_protection_officer", "")
LEAD = SignedIn("sam", "Sam Field", "designated_safeguarding_lead", "school-ashdown")
OTHER_LEAD = SignedIn("kit", "Kit Ames", "custody_sergeant", "police-mash")


@dataclass(frozen=True)
class Shared:
    """What is handed over: the proof and the keys, with the id of the delivery and of its child."""

    proof: bytes
    keys: str
    delivery: str
    child: str


def shared_with_the_school(exchange: Exchange) -> tuple[str, EventBuilder]:
    incident = a_domestic_incident().saying(both_parties_16_or_over=True).living_at(MILL_LANE)
    exchange.hears(a_pupil_enrolment(), incident)
    told = exchange.told(SCHOOL, incident)
    assert told is not None
    exchange.later(timedelta(minutes=2))
    exchange.runtime.tick()
    return told.delivery_id, incident


@pytest.fixture(name="exchange")
def _exchange(tmp_path: Path) -> Iterator[Exchange]:
    made = a_home(tmp_path)
    with opened(made) as runtime:
        yield Exchange(made, runtime)


@pytest.fixture(name="shared", scope="module")
def _shared(tmp_path_factory: pytest.TempPathFactory) -> Shared:
    made = a_home(tmp_path_factory.mktemp("shared"))
    with opened(made) as runtime:
        exchange = Exchange(made, runtime)
        delivery, incident = shared_with_the_school(exchange)
        event = runtime.hub.journal.event(EventId(incident.id))
        assert event is not None
        return Shared(runtime.prove_delivery(delivery, DPO), runtime.public_keys(), delivery, str(event.child))


def test_it_shows_the_recipient_the_law_the_times_and_the_recipients_own_receipt(shared: Shared) -> None:
    proved = verify_share_proof(shared.proof, parse_public_keys(shared.keys))

    assert (proved.decision["recipient"], proved.decision["delivery"]) == (SCHOOL, shared.delivery)
    assert proved.decision["basis"]["art6"]
    assert proved.decision["categories"]
    assert f"{proved.decided_in:%Y-%m-%d %H:%M}" == "2026-03-09 09:00"
    assert proved.released_in == proved.decided_in
    assert [(each.kind, each.is_checked) for each in proved.receipts] == [(ReceiptKind.DELIVERED, True)]
    assert [sentence[:11] for sentence in proved.unseen] == ["Not proved:"]


def test_it_opens_nothing_but_what_its_recipient_may_see(shared: Shared) -> None:
    assert shared.child.encode() not in shared.proof
    shown = [dict(each.shown.content) for each in parse_share_proof(shared.proof).entries]
    assert [each["kind"] for each in shown] == ["decision", "release", "receipt"]
    assert not {"child", "event", "internal", "bars", "withheld"} & {name for each in shown for name in each}


def test_every_byte_changed_to_any_other_makes_it_fail(shared: Shared) -> None:
    keys = parse_public_keys(shared.keys)
    for at, byte in enumerate(shared.proof):
        changed = bytearray(shared.proof)
        changed[at] = byte ^ (1 << at % 8)
        with pytest.raises(MashError):
            verify_share_proof(bytes(changed), keys)


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_no_other_byte_no_cut_and_nothing_added_gets_by(shared: Shared, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(shared.proof) - 1))
    by = data.draw(st.binary(max_size=3))
    over = data.draw(st.integers(0, 3))
    changed = shared.proof[:at] + by + shared.proof[at + over :]
    if changed != shared.proof:
        with pytest.raises(MashError):
            verify_share_proof(changed, parse_public_keys(shared.keys))


def test_it_is_checked_in_an_empty_directory_by_the_package_alone(shared: Shared, tmp_path: Path) -> None:
    (tmp_path / "share.proof").write_bytes(shared.proof)
    (tmp_path / "wrenshire.keys").write_text(shared.keys, encoding="utf-8")
    package = str(Path(__file__).parents[3])
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": package, "COLUMNS": "200", "NO_COLOR": "1"}

    def check() -> subprocess.CompletedProcess[str]:
        command = ["-m", "broker.cli.main", "ledger", "verify-proof", "share.proof", "--keys", "wrenshire.keys"]
        return subprocess.run(
            [sys.executable, *command], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )

    sound = check()
    assert (sound.returncode, sound.stderr) == (0, "")
    assert 'Proved: it was decided to share "Domestic incident notified" with school-ashdown' in sound.stdout
    assert "law: Art 6(1)(" in sound.stdout
    assert "its system has it, Mon 9 Mar 2026 09:00 (signed by the recipient)" in sound.stdout
    assert "Not proved: that the log showed everybody else the same tree" in sound.stdout
    assert sorted(each.name for each in tmp_path.iterdir()) == ["share.proof", "wrenshire.keys"]

    (tmp_path / "share.proof").write_bytes(shared.proof.replace(b"school-ashdown", b"school-ashdowm", 1))
    broken = check()
    assert broken.returncode == 14
    assert (broken.stdout, "Proved" in broken.stderr) == ("", False)


def test_without_the_recipients_key_it_says_that_the_receipt_was_not_checked(shared: Shared) -> None:
    keys = parse_public_keys(shared.keys)

    proved = verify_share_proof(shared.proof, replace(keys, recipients=()))

    assert [each.is_checked for each in proved.receipts] == [False]
    assert any("no key of its signer was given" in sentence for sentence in proved.unseen)


def test_a_receipt_that_the_hub_made_up_is_found_with_the_recipients_key(shared: Shared) -> None:
    keys = parse_public_keys(shared.keys)
    impostor = tuple(
        RecipientKey(each.recipient, replace(each.key, public_key=a_signer().verifier.public_key))
        for each in keys.recipients
    )
    with pytest.raises(ShareProofError) as refused:
        verify_share_proof(shared.proof, replace(keys, recipients=impostor))
    assert refused.value.code == "share_proof.receipt_forged"


def test_a_recipients_key_never_counts_as_a_logs(shared: Shared) -> None:
    keys = parse_public_keys(shared.keys)
    as_recipient = RecipientKey("school-ashdown", keys.logs[0])
    with pytest.raises(MashError) as refused:
        verify_share_proof(shared.proof, PublicKeys((a_signer(keys.logs[0].name).verifier,), (as_recipient,)))
    assert refused.value.code in {"note.unsigned", "share_proof.unknown_signature"}


def test_a_signature_nobody_can_check_is_not_passed_over(shared: Shared) -> None:
    proof = parse_share_proof(shared.proof)
    more = proof.checkpoint + proof.checkpoint.rsplit("\n", 2)[1].replace("\u2014 mash", "\u2014 other") + "\n"
    with pytest.raises(ShareProofError) as refused:
        verify_share_proof(replace(proof, checkpoint=more).content(), parse_public_keys(shared.keys))
    assert refused.value.code == "share_proof.unknown_signature"


def a_proof_of(*shown: dict[str, object]) -> ShareProof:
    """A proof in which the tests' own log sealed these parts."""
    ledger, journal, clock = MemoryLedger(), WaitingRecords(), SetClock()
    salts = [bytes([number]) * 32 for number in range(len(shown))]
    openings = [Opening(salt, each) for salt, each in zip(salts, shown, strict=True)]
    for number, opening in enumerate(openings):
        pending = replace(a_pending(number), leaf=make_leaf(opening, opening, at=clock.now()))
        journal.waiting[pending.record_id] = pending
    sequence(journal, ledger, a_signer(), clock)
    by_leaf = {make_leaf(each, each, at=clock.now()): each for each in openings}
    found = {by_leaf[row.leaf].salt: (row, prove(ledger, row.index)) for row in ledger.leaves(0, len(shown))}
    entries = tuple(
        ShareEntry(found[each.salt][0].index, found[each.salt][0].leaf, found[each.salt][1].hashes, each)
        for each in openings
    )
    return ShareProof(found[salts[0]][1].checkpoint, entries)


ABOUT = {"recipient": "a-school", "delivery": "d1", "digest": "ab"}


@pytest.mark.parametrize(
    "shown",
    [
        [{"kind": "decision", "effect": "withhold", **ABOUT}],
        [{"kind": "decision"}],
        [{"kind": "release", **ABOUT}],
        [{"kind": "read", **ABOUT}],
        [{"kind": "decision", "effect": "share", **ABOUT}, {"kind": "release", **ABOUT, "delivery": "d2"}],
        [{"kind": "decision", "effect": "share", **ABOUT}, {"kind": "release", **ABOUT, "recipient": "b-school"}],
        [{"kind": "decision", "effect": "share", **ABOUT}, {"kind": "release", **ABOUT, "digest": "cd"}],
        [{"kind": "decision", "effect": "share", **ABOUT}, {"kind": "escalation", **ABOUT}],
        [{"kind": "decision", "effect": "share", **ABOUT}, *({"kind": "release", **ABOUT, "n": n} for n in (1, 2))],
    ],
)
def test_true_log_entries_that_do_not_tell_of_one_share_prove_none(shown: list[dict[str, object]]) -> None:
    proof = a_proof_of(*shown)
    with pytest.raises(ShareProofError) as refused:
        verify_share_proof(proof.content(), PublicKeys((a_signer().verifier,)))
    assert refused.value.code == "share_proof.not_one_share"


def test_a_decision_alone_says_that_it_is_not_proved_that_it_left_or_came() -> None:
    proof = a_proof_of({"kind": "decision", "effect": "share", **ABOUT})
    proved = verify_share_proof(proof.content(), PublicKeys((a_signer().verifier,)))
    assert proved.log == ORIGIN
    assert [sentence.split(".")[0] for sentence in proved.unseen[:2]] == [
        "Not proved: that it left",
        "Not proved: that the recipient has it",
    ]


def test_the_same_entries_have_the_same_proof_however_the_ledger_grows(exchange: Exchange) -> None:
    delivery, _ = shared_with_the_school(exchange)
    before = exchange.runtime.prove_delivery(delivery, DPO)

    exchange.hears(a_domestic_incident().as_record("another"))
    exchange.later(timedelta(minutes=2))
    exchange.runtime.tick()

    assert exchange.runtime.prove_delivery(delivery[:8], LEAD) == before


def test_another_recipient_gets_no_proof_of_it(exchange: Exchange) -> None:
    delivery, _ = shared_with_the_school(exchange)
    for wanted in (delivery, delivery[:8]):
        with pytest.raises(NoSuchDeliveryError) as refused:
            exchange.runtime.prove_delivery(wanted, OTHER_LEAD)
        assert refused.value.code == "share_proof.unknown_delivery"


def test_what_is_under_no_kept_checkpoint_yet_is_not_proved(exchange: Exchange) -> None:
    exchange.hears(a_pupil_enrolment(), a_domestic_incident().as_record("first"))
    incident = a_domestic_incident()
    exchange.hears(incident)
    told = exchange.told(CORE, incident)
    assert told is not None
    with pytest.raises(ShareNotProvableError) as refused:
        exchange.runtime.prove_delivery(told.delivery_id, DPO)
    assert refused.value.code == "share_proof.not_sealed"


def test_of_an_erased_child_no_proof_can_be_made_and_one_given_before_still_holds(exchange: Exchange) -> None:
    delivery, incident = shared_with_the_school(exchange)
    before = exchange.runtime.prove_delivery(delivery, DPO)
    event = exchange.runtime.hub.journal.event(EventId(incident.id))
    assert event is not None
    assert event.child is not None
    exchange.runtime.hub.keys.destroy([event.child])
    with pytest.raises(KeyDestroyedError):
        exchange.runtime.hub.keys.child_key(event.child)

    with pytest.raises(ShareNotProvableError) as refused:
        exchange.runtime.prove_delivery(delivery, DPO)

    assert refused.value.code == "share_proof.erased"
    assert verify_share_proof(before, parse_public_keys(exchange.runtime.public_keys())).released_in is not None


def test_the_file_of_keys_reads_back_and_says_which_line_is_wrong(shared: Shared) -> None:
    keys = parse_public_keys(shared.keys)
    assert parse_public_keys(keys.text()) == keys
    with pytest.raises(PublicKeysError, match="line 3"):
        parse_public_keys(f"# one\nlog {keys.logs[0]}\nlog other.example+00000000+AAAA\n")
    with pytest.raises(PublicKeysError, match="no key of a log"):
        parse_public_keys("# nothing\n\n")
    with pytest.raises(PublicKeysError, match="line 1"):
        parse_public_keys(str(keys.logs[0]))
