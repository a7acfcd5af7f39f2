"""Gives an agency or a recipient a new key to sign with, and ends those before it."""

from datetime import datetime, timedelta
from typing import Final

from broker.recipient.keys import load_keys
from broker.runtimes.feeds import agency_side
from broker.runtimes.files import replace_file
from broker.runtimes.home import Home, HomeError
from broker.runtimes.registry import KeyRegistry

STILL_TAKEN_FOR: Final = timedelta(days=8)
"""For so long what was signed with the key before is still taken: a day more than a topic keeps a message."""


def renew_signing_key(home: Home, who: str, *, now: datetime, still_taken_for: timedelta = STILL_TAKEN_FOR) -> str:
    """Give ``agency.ID`` or ``recipient.ID`` a new signing key; gives its name.

    It is registered before it is used, so that nothing is refused meanwhile; cut short, do it again. All keys that they
    had sign nothing more once ``still_taken_for`` is over. Their processes sign with the new one from then on, what
    waits with them too.

    Raises:
        HomeError: the home has no such agency or recipient.
        AgencyError, RecipientKeyError: its folder cannot be read; nothing was changed.
    """
    registry = KeyRegistry(home.registry)
    sort, _, owner = who.partition(".")
    if sort == "agency" and owner in home.agencies():
        keyid = _of_agency(home, registry, owner, now)
    elif sort == "recipient" and owner in home.recipients():
        keyid = _of_recipient(home, registry, owner, now)
    else:
        msg = f"the home knows no {who!r} that signs"
        raise HomeError(msg, code="home.unknown_signer", remedy="name agency.ID or recipient.ID")
    before = [each.keyid for each in registry.of(sort, owner) if each.keyid != keyid]
    registry.end(before, now + still_taken_for)
    return keyid


def _of_agency(home: Home, registry: KeyRegistry, agency: str, now: datetime) -> str:
    side, folder = agency_side(), home.root / "agencies"
    keyid, public = side.next_key(folder, agency)
    registry.register(keyid, public, sort="agency", owner=agency, valid_from=now)
    side.use_next_key(folder, agency)
    return keyid


def _of_recipient(home: Home, registry: KeyRegistry, recipient: str, now: datetime) -> str:
    path = home.recipient(recipient) / "key"
    keys = load_keys(path).renewed(recipient)
    registry.register(keys.keyid, keys.public, sort="recipient", owner=recipient, valid_from=now)
    replace_file(path, keys.written(), mode=0o600)
    return keys.keyid
