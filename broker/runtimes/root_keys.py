"""Renews the root key of a home."""

from contextlib import closing
from dataclasses import replace
from pathlib import Path

from broker.core.store_errors import RootKeyError, StoreError
from broker.drivers.sql.keys import SqlKeys
from broker.runtimes.home import Home, HomeError, make_root_key
from broker.runtimes.settings import Settings, check_outside, read_root_key


def renew_root_key(settings: Settings, new: Path) -> bool:
    """Wrap the home's keys under the root key in ``new``, which is made where it is not there; whether that was to do.

    Cut short wherever, it is finished by running it again: until the keys are wrapped anew the old one opens them, and
    from then on the new one alone.

    Raises:
        HomeError: there is no home, or that file holds the root key in use.
        SettingsError: one of the two files lies in the home, or holds no key.
        RootKeyError: neither of them is this home's.
        StoreError: the key store cannot be opened or written, or somebody reads it.
    """
    home = Home(settings.home)
    home.check_exists()
    check_outside(new, settings.home)
    old = read_root_key(settings)
    if not new.exists():
        make_root_key(new)
    wanted = read_root_key(replace(settings, root_key_file=new))
    if wanted == old:
        msg = f"{new.name} holds the root key that is in use; nothing was changed"
        raise HomeError(msg, code="home.exists", remedy="name a file that is not there yet")
    keys, is_to_do = _opened(home, old, wanted)
    with closing(keys):
        if is_to_do:
            keys.renew_root(wanted)
        if not keys.can_forget():
            msg = "the new root key is in force, but what the old one opens could not be emptied out of the log"
            remedy = "do the same again when nothing else reads the key store"
            raise StoreError(msg, code="store.not_erased", remedy=remedy)
    return is_to_do


def _opened(home: Home, old: bytes, wanted: bytes) -> tuple[SqlKeys, bool]:
    """The home's keys, and whether the old root key still opens them."""
    try:
        return SqlKeys.in_file(home.keys, old), True
    except RootKeyError:
        return SqlKeys.in_file(home.keys, wanted), False
