"""The key under which something about a child is written or opened."""

from broker.core.store_errors import KeyDestroyedError
from broker.ports.keys import Keys
from contracts.words import ChildId

PARTNERSHIP = "partnership"


def key_for(keys: Keys, child: ChildId | None) -> bytes:
    """The child's key; the partnership's where it is about none, or the child was erased."""
    if child is None:
        return keys.secret(PARTNERSHIP)
    try:
        return keys.child_key(child)
    except KeyDestroyedError:
        return keys.secret(PARTNERSHIP)
