"""What can keep the exchange from making something durable, or from reading it."""

from collections.abc import Mapping
from typing import ClassVar

from broker.core.errors import MashError


class StaleFactsError(MashError):
    """A decision was made from facts that have changed since; ask again."""

    codes: ClassVar[Mapping[str, str]] = {
        "store.stale_facts": "The child's facts changed since the decision read them, so nothing was stored.",
    }


class AlreadyStoredError(MashError):
    """What was to be stored is there already."""

    codes: ClassVar[Mapping[str, str]] = {
        "store.already_stored": "An event, decision, record or delivery of that id is stored, so nothing was stored.",
    }


class UnknownStepError(MashError):
    """A step was told of something that is not stored, or that has gone further."""

    codes: ClassVar[Mapping[str, str]] = {
        "store.unknown_step": "A step names something that is not stored or cannot take it, so nothing was stored.",
        "store.identity_taken": "An identity already means another child, so nothing was stored.",
        "store.identity_moved": "Records were joined or parted meanwhile, so nothing was stored.",
        "store.unknown_child": "A fact or event names a child that is not stored, so nothing was stored.",
    }


class BeyondError(MashError):
    """A transaction that runs beside others came upon what must be done alone; nothing of it was stored."""

    codes: ClassVar[Mapping[str, str]] = {
        "store.beyond": "What was taken in beside other reports must be taken in alone, so nothing was stored yet.",
    }


class StoreError(MashError):
    """The store itself cannot do what was asked; the change left no trace."""

    codes: ClassVar[Mapping[str, str]] = {
        "store.failed": "The store could not carry out a change or a reading.",
        "store.full": "The disk or the store's limit is full, so nothing was stored.",
        "store.busy": "Another process held the store for too long, so nothing was stored.",
        "store.older": "The store was written by an earlier version of the exchange, and is not upgraded yet.",
        "store.newer": "The store was written by a newer version of the exchange.",
        "store.not_ours": "The file is not a store of this exchange.",
        "store.not_allowed": "The database does not let this user do what was asked, so nothing was changed.",
        "store.not_laid_out": "The database has no role for a kind of process, which is to sign in.",
        "store.not_empty": "The database keeps something else than what is to be moved into it.",
        "store.nested": "A transaction was started inside another.",
        "store.not_erased": "The write-ahead log of a store could not be emptied, so what was deleted may stand in it.",
    }


class KeyDestroyedError(MashError):
    """A key is not there: it was destroyed, or never made."""

    codes: ClassVar[Mapping[str, str]] = {
        "keys.destroyed": "The child's key was destroyed or never made, so its content cannot be opened.",
    }


class RootKeyError(MashError):
    """The root key is missing, of another size, or not the one that wrapped these keys."""

    codes: ClassVar[Mapping[str, str]] = {
        "keys.root_size": "The root key is not 32 bytes.",
        "keys.root_wrong": "The root key is not the one under which these keys were wrapped.",
    }
