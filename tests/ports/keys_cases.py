"""What every driver of the Keys port promises."""

import pytest

from broker.core.store_errors import KeyDestroyedError
from broker.ports.keys import Keys
from contracts.words import ChildId

MIA, THEO = ChildId("mia"), ChildId("theo")


class KeysCases:
    """Subclassed once for each driver, with a ``keys`` fixture."""

    def test_every_child_has_a_key_of_its_own_which_stays(self, keys: Keys) -> None:
        keys.create([MIA, THEO, MIA])
        first = keys.child_key(MIA)
        keys.create([MIA])
        assert keys.child_key(MIA) == first
        assert len(first) == 32
        assert keys.child_key(THEO) != first

    def test_a_child_without_a_key_cannot_be_opened(self, keys: Keys) -> None:
        with pytest.raises(KeyDestroyedError):
            keys.child_key(MIA)

    def test_a_destroyed_key_is_gone_and_the_others_stay(self, keys: Keys) -> None:
        keys.create([MIA, THEO])
        kept = keys.child_key(THEO)
        keys.child_key(MIA)
        keys.destroy([MIA])
        keys.destroy([MIA])
        with pytest.raises(KeyDestroyedError):
            keys.child_key(MIA)
        assert keys.child_key(THEO) == kept

    def test_a_secret_stays_and_each_purpose_has_its_own(self, keys: Keys) -> None:
        purposes = ("partnership", "identity", "log", "delivery:mash-core", "delivery:police-mash")
        secrets = {purpose: keys.secret(purpose) for purpose in purposes}
        assert len(set(secrets.values())) == len(purposes)
        assert {len(secret) for secret in secrets.values()} == {32}
        assert secrets == {purpose: keys.secret(purpose) for purpose in purposes}
