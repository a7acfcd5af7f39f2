"""Check digits, check letters and the rule for the unborn."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts import identifiers
from contracts.payload import Child, Identifier
from contracts.words import CheckResult, IdentifierKind
from tests.support.people import DANA, MIA, MYA, THEO, UNBORN, FictionalChild, a_numbered_child

NHS, UPN = IdentifierKind.NHS_NUMBER, IdentifierKind.UPN


@pytest.mark.parametrize(
    "number", ["9990000018", "9990000026", "9990000034", "9990000050", "9990000190", "999-000-0018", "999 000 0018"]
)
def test_a_right_nhs_number_passes(number: str) -> None:
    assert identifiers.check(NHS, number) is CheckResult.PASSED


@pytest.mark.parametrize(
    "number",
    [
        "9990000001",
        "9990000019",
        # Its remainder asks for a check digit of ten: no digit fits.
        *(f"999000014{digit}" for digit in range(10)),
        "999000001",
        "99900000180",
        "9990 000018",
        "abcdefghij",
        "",
        # Placeholders, and digits that are not ours.
        "0000000000",
        "٩٩٩٠٠٠٠٠١٨",
    ],
)
def test_a_wrong_nhs_number_fails(number: str) -> None:
    assert identifiers.check(NHS, number) is CheckResult.FAILED


@given(st.integers(0, 489_999))
def test_every_numbered_child_has_a_valid_number_of_the_test_range(number: int) -> None:
    nhs_number = a_numbered_child(number).nhs_number
    assert nhs_number is not None
    assert nhs_number.startswith("999")
    assert identifiers.is_nhs_number(nhs_number)


@given(st.integers(0, 489_999), st.integers(0, 9), st.integers(1, 9))
def test_one_wrong_digit_in_an_nhs_number_is_always_noticed(number: int, place: int, by: int) -> None:
    right = a_numbered_child(number).nhs_number or ""
    wrong = f"{right[:place]}{(int(right[place]) + by) % 10}{right[place + 1 :]}"
    assert identifiers.check(NHS, wrong) is CheckResult.FAILED


@pytest.mark.parametrize("upn", ["B801200005001", "K820200001001", "X82320000101A", "P207000016049", " b801200005001 "])
def test_a_right_upn_passes(upn: str) -> None:
    assert identifiers.check(UPN, upn) is CheckResult.PASSED


@pytest.mark.parametrize(
    "upn", ["A801200005001", "Q207000016049", "I801200005001", "B80120000500", "B8012000050012", "", "B80120000500O"]
)
def test_a_wrong_upn_fails(upn: str) -> None:
    assert identifiers.check(UPN, upn) is CheckResult.FAILED


@pytest.mark.parametrize("code", ["UN1", "UN3", "un5"])
def test_a_code_for_an_unknown_upn_is_neither_right_nor_wrong(code: str) -> None:
    assert identifiers.check(UPN, code) is CheckResult.NOT_CHECKED


@given(
    st.text("0123456789", min_size=12, max_size=12),
    st.integers(0, 11),
    st.integers(1, 9),
)
def test_one_wrong_digit_in_a_upn_is_always_noticed(rest: str, place: int, by: int) -> None:
    wrong = f"{rest[:place]}{(int(rest[place]) + by) % 10}{rest[place + 1 :]}"
    letter = identifiers.upn_check_letter(rest)
    assert identifiers.is_upn(letter + rest)
    assert not identifiers.is_upn(letter + wrong)


@pytest.mark.parametrize("value", ["WC100234", "9", "0123", "DfEX0000001", "RND000215205141", "WC-1"])
def test_a_childs_id_at_the_authority_is_the_authoritys_own_free_text(value: str) -> None:
    assert identifiers.check(IdentifierKind.LA_CHILD_ID, value) is CheckResult.NOT_CHECKED


def test_a_local_id_has_no_rules() -> None:
    assert identifiers.check(IdentifierKind.LOCAL, "anything at all") is CheckResult.NOT_CHECKED


@given(kind=st.sampled_from(IdentifierKind), value=st.text(max_size=30))
def test_checking_never_refuses(kind: IdentifierKind, value: str) -> None:
    assert isinstance(identifiers.check(kind, value), CheckResult)


@pytest.mark.parametrize("child", [MIA, THEO, *(a_numbered_child(n) for n in range(5))])
def test_a_child_with_right_identifiers_earns_no_flag(child: FictionalChild) -> None:
    assert identifiers.quality_flags(child.as_child()) == ()


def test_a_failed_check_earns_a_flag() -> None:
    assert identifiers.quality_flags(MYA.as_child()) == ("identifier.nhs_number.failed",)


def test_an_unborn_child_is_known_by_its_expected_date_and_its_mother() -> None:
    assert identifiers.is_unborn(UNBORN.as_child())
    assert identifiers.quality_flags(UNBORN.as_child(), (DANA,)) == ()
    assert identifiers.quality_flags(UNBORN.as_child()) == ("unborn.mother_unknown",)


def test_an_unborn_child_has_no_identifiers_of_its_own() -> None:
    child = UNBORN.as_child().model_copy(
        update={"identifiers": (Identifier(kind=NHS, value="9990000018", check=CheckResult.PASSED),)}
    )
    assert identifiers.quality_flags(child, (DANA,)) == ("unborn.has_identifier",)


def test_a_born_child_has_no_expected_date() -> None:
    child = MIA.as_child().model_copy(update={"expected_date": MIA.birth_date})
    assert not identifiers.is_unborn(child)
    assert identifiers.quality_flags(child) == ("unborn.has_birth_date",)


def test_a_child_of_no_known_birth_date_is_flagged() -> None:
    assert identifiers.quality_flags(Child(surname="Marsh")) == ("birth_date.unknown",)
