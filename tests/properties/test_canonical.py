"""Canonical JSON is RFC 8785 whatever the value, however it was written."""

from typing import Any

import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from contracts.canonical import canonical

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**53) + 1, 2**53 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.characters(exclude_categories=["Cs"])),
)
values = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner, max_size=4),
    ),
    max_leaves=12,
)


@given(value=values)
def test_the_quick_way_writes_what_the_reference_implementation_writes(value: Any) -> None:
    assert canonical({"of": value}) == rfc8785.dumps({"of": value})
    assert canonical(value) == rfc8785.dumps(value)


@given(number=st.one_of(st.integers(10**14, 10**17), st.floats()))
def test_large_and_odd_numbers_are_written_or_refused_alike(number: float) -> None:
    value: Any
    for value in (number, [number], {"n": number}, {"a": [1, number]}):
        try:
            expected: bytes | None = rfc8785.dumps(value)
        except ValueError:
            expected = None
        try:
            assert canonical(value) == expected
        except ValueError:
            assert expected is None
