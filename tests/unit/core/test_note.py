"""Signed notes: the specification's own examples, and what must not pass for one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.core.note import Ed25519Verifier, Note, NoteError, NoteSignature, open_note, sign_note
from tests.support.ledger import a_signer

# The example of C2SP signed-note, "Verifier keys".
EXAMPLE_KEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
EXAMPLE_NOTE = (
    "This is an example message.\n"
    "\n"
    "\u2014 example.com/foo "
    "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
)

texts = st.text(st.characters(min_codepoint=0x20, codec="utf-8") | st.just("\n"), max_size=60).map(lambda t: f"{t}\n")


def code_of(text: str | bytes, *keys: Ed25519Verifier) -> str:
    with pytest.raises(NoteError) as refused:
        open_note(text, keys)
    return refused.value.code


def test_the_specifications_example_key_verifies_its_example_note() -> None:
    verifier = Ed25519Verifier.parse(EXAMPLE_KEY)
    note, signed = open_note(EXAMPLE_NOTE, [verifier])
    assert note.text == "This is an example message.\n"
    assert signed == (verifier,)
    assert str(verifier) == EXAMPLE_KEY
    assert str(note) == EXAMPLE_NOTE
    assert open_note(EXAMPLE_NOTE.encode(), [verifier]) == (note, signed)


@given(text=texts)
def test_a_signed_text_is_read_back_and_verified(text: str) -> None:
    signer = a_signer()
    note = sign_note(text, [signer, a_signer("other.example/x", "another")])
    assert open_note(str(note), [signer.verifier]) == (note, (signer.verifier,))
    assert signer.is_valid(text.encode(), note.signatures[0].signature)
    assert not signer.is_valid(text.encode(), note.signatures[1].signature)


@given(text=texts, at=st.integers(0, 60), by=st.integers(1, 90))
def test_a_changed_character_is_found(text: str, at: int, by: int) -> None:
    signer = a_signer()
    note = str(sign_note(text, [signer]))
    at %= len(note)
    changed = note[:at] + chr((ord(note[at]) + by) % 0xD000) + note[at + 1 :]
    with pytest.raises(NoteError):
        open_note(changed, [signer.verifier])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no signature\n",
        "text\n\n",
        "text\n\n\u2014 name c2lnbmF0dXJl",
        "text\n\n- name c2lnbmF0dXJl\n",
        "text\n\n\u2014 name\n",
        "text\n\n\u2014  c2lnbmF0dXJl\n",
        "text\n\n\u2014 na+me c2lnbmF0dXJl\n",
        "text\n\n\u2014 name !!!\n",
        "text\n\n\u2014 name c2ln\n",
        "text\n\n\u2014 name c2lnbmF0dXJm=\n",
        "te\txt\n\n\u2014 name c2lnbmF0dXJl\n",
        b"te\xffxt\n\n\xe2\x80\x94 name c2lnbmF0dXJl\n",
        "x" * 1_000_001,
        "text\n\n" + "\u2014 name c2lnbmF0dXJl\n" * 101,
    ],
)
def test_what_is_no_signed_note_is_refused(text: str | bytes) -> None:
    assert code_of(text, a_signer().verifier) == "note.malformed"


def test_a_note_without_a_known_key_is_refused_and_says_whose_it_carries() -> None:
    note = sign_note("text\n", [a_signer("a.example")])
    assert code_of(str(note), a_signer("b.example").verifier) == "note.unsigned"
    assert code_of(str(note), a_signer("a.example", "another").verifier) == "note.unsigned"
    with pytest.raises(NoteError, match=r"signatures by a\.example\+[0-9a-f]{8}"):
        open_note(str(note), [])


def test_one_bad_signature_by_a_known_key_spoils_a_note_that_another_known_key_signed() -> None:
    good, bad = a_signer("good.example"), a_signer("bad.example", "bad")
    note = sign_note("text\n", [good])
    forged = NoteSignature(bad.name, bad.key_id, bytes(64))
    both = Note(note.text, (*note.signatures, forged))
    assert code_of(str(both), good.verifier, bad.verifier) == "note.signature_invalid"
    assert open_note(str(both), [good.verifier])[1] == (good.verifier,)


@pytest.mark.parametrize(
    "key",
    [
        "",
        "name",
        "name+0+AQ==",
        EXAMPLE_KEY.replace("530d903a", "530d903b"),
        EXAMPLE_KEY.replace("example", "elpmaxe"),
        EXAMPLE_KEY[:-4],
        EXAMPLE_KEY.replace("+Aeky", "+Beky"),
    ],
)
def test_a_verifier_key_whose_parts_do_not_belong_together_is_refused(key: str) -> None:
    with pytest.raises(NoteError) as refused:
        Ed25519Verifier.parse(key)
    assert refused.value.code == "note.key_malformed"


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\u2003b", "a\nb"])
def test_a_key_needs_a_name_that_can_stand_in_a_line(name: str) -> None:
    with pytest.raises(NoteError):
        a_signer(name)


@pytest.mark.parametrize("text", ["no newline", "tab\t\n", ""])
def test_a_text_that_cannot_be_a_note_is_not_signed(text: str) -> None:
    with pytest.raises(NoteError):
        sign_note(text, [a_signer()])
