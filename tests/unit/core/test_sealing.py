"""What is sealed opens only unchanged, under its key, about the same thing."""

import pytest

from broker.core.hashing import keyed_hash
from broker.core.sealing import SealBrokenError, Sealer, seal, unseal

KEY = b"k" * 32


def test_what_was_sealed_opens_again() -> None:
    sealed = seal(KEY, b"content", nonce=b"n" * 12, about="event:1")
    assert b"content" not in sealed
    assert unseal(KEY, sealed, about="event:1") == b"content"


@pytest.mark.parametrize(
    "key,about,spoil",
    [
        (b"x" * 32, "event:1", False),
        (KEY, "event:2", False),
        (KEY, "event:1", True),
    ],
)
def test_another_key_another_matter_or_a_change_does_not_open(key: bytes, about: str, *, spoil: bool) -> None:
    sealed = seal(KEY, b"content", nonce=b"n" * 12, about="event:1")
    if spoil:
        sealed = sealed[:-1] + bytes([sealed[-1] ^ 1])
    with pytest.raises(SealBrokenError) as caught:
        unseal(key, sealed, about=about)
    assert caught.value.code == "seal.broken"


def test_something_too_short_to_be_sealed_does_not_open() -> None:
    with pytest.raises(SealBrokenError):
        unseal(KEY, b"", about="event:1")


def test_a_sealer_takes_a_fresh_nonce_each_time() -> None:
    nonces = iter((b"a" * 12, b"b" * 12))
    sealer = Sealer(KEY, lambda _: next(nonces))
    assert sealer.seal(b"same", about="x") != sealer.seal(b"same", about="x")


def test_parts_of_a_keyed_hash_do_not_run_together() -> None:
    assert keyed_hash(b"s", "ab", "c") != keyed_hash(b"s", "a", "bc")
    assert keyed_hash(b"s", "ab") != keyed_hash(b"t", "ab")
