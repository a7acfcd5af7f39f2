"""One way of writing JSON, and a reader that nothing can exhaust or deceive."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.canonical import DEEPEST_NESTING, canonical, canonical_fields, digest, read_json_object
from contracts.errors import PayloadError
from tests.support.builders import EventBuilder
from tests.unit.contracts.strategies import events

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
NAMES = st.from_regex(r"[a-z_]{1,12}", fullmatch=True)
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**15) + 1, 10**15 - 1) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize(
    "value, written",
    [
        ({"b": 1, "a": 2}, b'{"a":2,"b":1}'),
        ({"a": [True, False, None]}, b'{"a":[true,false,null]}'),
        ({}, b"{}"),
        ({"\u20ac": 1, "\r": 2, "1": 3, "\u0080": 4}, b'{"\\r":2,"1":3,"\xc2\x80":4,"\xe2\x82\xac":1}'),
        # Names sort by UTF-16 units, so the emoji's surrogates come before the Hebrew presentation form.
        ({"\ufb33": 1, "\U0001f600": 2}, b'{"\xf0\x9f\x98\x80":2,"\xef\xac\xb3":1}'),
        ({"t": '\b\t\n\f\r"\\/\x0f'}, b'{"t":"\\b\\t\\n\\f\\r\\"\\\\/\\u000f"}'),
        ({"t": "\u2028é"}, '{"t":"\u2028é"}'.encode()),
        ({"n": [0, -0.0, 1.0, 1e21, 1e-7, 333333333.33333329, 4.50, 2e-3]}, None),
    ],
)
def test_rfc_8785_writes_it_so(value: Any, written: bytes | None) -> None:
    expected = written or b'{"n":[0,0,1,1e+21,1e-7,333333333.3333333,4.5,0.002]}'
    assert canonical(value) == expected


@given(st.dictionaries(st.text(), JSON))
def test_what_is_written_is_json_and_written_again_the_same(value: dict[str, Any]) -> None:
    written = canonical(value)
    assert json.loads(written) == value
    assert canonical(json.loads(written)) == written


@given(st.dictionaries(st.text(), JSON, min_size=2))
def test_the_order_of_names_does_not_matter(value: dict[str, Any]) -> None:
    assert canonical(dict(reversed(value.items()))) == canonical(value)


def test_a_digest_is_sha_256_in_lower_case() -> None:
    assert digest(b"abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


@given(st.dictionaries(st.text(), JSON))
def test_any_object_reads_back(value: dict[str, Any]) -> None:
    assert read_json_object(canonical(value)) == value


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b" ",
        b"[]",
        b"null",
        b'"text"',
        b"{",
        b'{"a":1} {"b":2}',
        b'{"a":1,"a":2}',
        b'{"a":{"b":1,"b":1}}',
        b'{"a":1,"\\u0061":2}',
        b'{"a":NaN}',
        b'{"a":Infinity}',
        b'{"a":-Infinity}',
        b'{"a":01}',
        b"{'a':1}",
        b'{"a":"\xff"}',
        b'{"a":"' + b"x" * 500_000,
        '{"a":1}'.encode("utf-16"),
        b"[" * 100_000,
        b"[" * 100_000 + b"]" * 100_000,
        b'{"a":' * 100_000,
        b'{"a":"\\"' + b'\\"' * 300_000 + b"[" * 40,
        b'{"a":' + b"9" * 100_000 + b"}",
    ],
    ids=lambda content: repr(content[:24]),
)
def test_what_is_not_one_plain_object_is_refused(content: bytes) -> None:
    with pytest.raises(PayloadError) as caught:
        read_json_object(content)
    assert caught.value.code == "payload.not_json"


def test_nesting_is_counted_by_brackets_outside_texts() -> None:
    deepest = b'{"a":' * DEEPEST_NESTING + b"1" + b"}" * DEEPEST_NESTING
    assert read_json_object(deepest)
    with pytest.raises(PayloadError, match="deeper"):
        read_json_object(b'{"a":' + deepest + b"}")
    assert read_json_object(b'{"a":"' + b"[{" * 1000 + b'\\"[["}') == {"a": "[{" * 1000 + '"[['}
    assert read_json_object(b'{"a":[' + b"{}," * 1000 + b"[]]}")


@given(st.dictionaries(NAMES, PLAIN))
def test_the_fast_writer_of_our_own_fields_writes_the_same_bytes(value: dict[str, Any]) -> None:
    assert canonical_fields(value) == canonical(value)


@given(events())
def test_a_published_model_is_written_as_its_dump(event: EventBuilder) -> None:
    for model in (event.payload(), event.envelope()):
        assert canonical_fields(model) == canonical(model.model_dump(mode="json"))


def test_half_a_character_is_no_text() -> None:
    with pytest.raises(ValueError, match="surrogates"):
        canonical_fields({"text": "\ud800"})


def test_what_is_no_json_is_not_written_as_if_it_were() -> None:
    with pytest.raises(TypeError, match="object"):
        canonical_fields({"value": object()})
