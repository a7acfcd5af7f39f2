"""The key store: one key per child, wrapped under an epoch's key, which the root key wraps."""

import secrets
import threading
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap
from sqlalchemy import (
    Column,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    bindparam,
    delete,
    func,
    select,
    update,
)

from broker.core.store_errors import KeyDestroyedError, RootKeyError, StoreError
from broker.drivers.sql.prepared import Prepared, inserting, upserting
from broker.drivers.sql.sqlite import open_sqlite
from broker.drivers.sql.store import BUSY_SECONDS, Session, SqlStore
from contracts.words import ChildId

REVISION: Final = "0001"
"""The last of ``migrations/keys``."""
KEY_SIZE: Final = 32
_KEPT_OPEN: Final = 2000

metadata = MetaData()
epochs = Table(
    "epochs",
    metadata,
    Column("epoch", Integer, primary_key=True),
    Column("wrapped", LargeBinary, nullable=False),
)
child_keys = Table(
    "child_keys",
    metadata,
    Column("child", Text, primary_key=True),
    Column("epoch", Integer, ForeignKey(epochs.c.epoch), nullable=False),
    Column("wrapped", LargeBinary, nullable=False),
)
secrets_table = Table(
    "secrets",
    metadata,
    Column("purpose", Text, primary_key=True),
    Column("epoch", Integer, ForeignKey(epochs.c.epoch), nullable=False),
    Column("wrapped", LargeBinary, nullable=False),
)

_EPOCHS = Prepared(select(epochs).order_by(epochs.c.epoch))
_LAST_EPOCH = Prepared(select(func.max(epochs.c.epoch)))
_NEW_EPOCH = inserting(epochs)
_DROP_EPOCHS = Prepared(delete(epochs).where(epochs.c.epoch < bindparam("this")))
_EVERY_KEY = Prepared(select(child_keys))
_EVERY_SECRET = Prepared(select(secrets_table))
_REWRAP_KEY = Prepared(
    update(child_keys)
    .where(child_keys.c.child == bindparam("which"))
    .values(epoch=bindparam("this"), wrapped=bindparam("anew"))
)
_REWRAP_SECRET = Prepared(
    update(secrets_table)
    .where(secrets_table.c.purpose == bindparam("which"))
    .values(epoch=bindparam("this"), wrapped=bindparam("anew"))
)
_KEY = Prepared(select(child_keys).where(child_keys.c.child == bindparam("child")))
_NEW_KEY = upserting(child_keys, lambda new: new.on_conflict_do_nothing(index_elements=["child"]))
_DROP_KEY = Prepared(delete(child_keys).where(child_keys.c.child == bindparam("child")))
_CHILDREN = Prepared(select(child_keys.c.child).order_by(child_keys.c.child))
_COUNT = Prepared(select(func.count()).select_from(child_keys))
_SECRET = Prepared(select(secrets_table).where(secrets_table.c.purpose == bindparam("purpose")))
_NEW_SECRET = upserting(secrets_table, lambda new: new.on_conflict_do_nothing(index_elements=["purpose"]))


class SqlKeys:
    """Keeps keys in a small SQLite file of their own, which overwrites what is deleted.

    Keys are wrapped by AES key wrap (RFC 3394). Destroying any begins a new epoch: all others are wrapped anew, and the
    old epoch's key is destroyed too. Opened keys are remembered in this process until they are destroyed here, or until
    this process finds, by the epoch, that another one has destroyed some (`notice_erasures`).
    """

    def __init__(self, store: SqlStore, root: bytes) -> None:
        """Open the epochs under the root key of 32 bytes, making the first if there is none.

        Raises:
            RootKeyError: the root key has another size, or did not wrap this store's epochs.
        """
        _check_size(root)
        self._store = store
        self._root = root
        self._remembered: OrderedDict[ChildId, bytes] = OrderedDict()
        self._secrets: dict[str, bytes] = {}
        self._guard = threading.Lock()
        self._epochs = self._open_epochs()
        self._epoch = max(self._epochs)

    @classmethod
    def in_file(cls, path: Path, root: bytes, *, busy_seconds: float = BUSY_SECONDS) -> "SqlKeys":
        """Open, or make, the key store in one SQLite file.

        Raises:
            RootKeyError: the root key has another size, or is not the one that was used before.
            StoreError: the file cannot be opened.
        """
        store = open_sqlite(path, metadata, revision=REVISION, secure_delete=True, busy_seconds=busy_seconds)
        try:
            return cls(store, root)
        except RootKeyError:
            store.close()
            raise

    def create(self, children: Sequence[ChildId]) -> None:
        """Make a key for each child that has none; all are durable before this returns."""
        with self._store.transaction() as session:
            self._catch_up(session)
            session.run_all(_NEW_KEY, [self._wrapped(child=child) for child in dict.fromkeys(children)])

    def destroy(self, children: Sequence[ChildId]) -> None:
        """Destroy the keys for ever, from file and write-ahead log. A key that is not there is no error.

        A new epoch begins, so that no older copy of the file's keys alone opens anything.

        Raises:
            StoreError: somebody is reading the file, so that its log could not be emptied. The keys are deleted, but
                call again until it succeeds (code ``store.not_erased``).
        """
        with self._guard:
            for child in children:
                self._remembered.pop(child, None)
        with self._store.transaction() as session:
            self._catch_up(session)
            session.run_all(_DROP_KEY, [{"child": child} for child in children])
            epoch, key = self._begin_epoch(session, self._root)
        self._take_over({epoch: key})
        if not self._store.empty_log():
            msg = "the keys are deleted, but the log of the key store could not be emptied"
            raise StoreError(msg, code="store.not_erased", remedy="erase again when nothing else reads the key store")

    def renew_root(self, root: bytes) -> None:
        """Wrap everything anew, so that this root key of 32 bytes opens the file from now on, and no other one does.

        Whoever has the file open by the old one opens nothing more. What the old one opens may stand in the file's log
        until `can_forget` says otherwise.

        Raises:
            RootKeyError: the root key has another size; nothing was changed.
        """
        _check_size(root)
        with self._store.transaction() as session:
            self._catch_up(session)
            epoch, key = self._begin_epoch(session, root)
        self._root = root
        self._take_over({epoch: key})

    def child_key(self, child: ChildId) -> bytes:
        """The child's key, 32 bytes.

        Raises:
            KeyDestroyedError: it was destroyed, or never made.
        """
        with self._guard:
            found = self._remembered.get(child)
            if found is not None:
                self._remembered.move_to_end(child)
                return found
        with self._store.reading() as session:
            row = session.row(_KEY, child=child)
        if row is None:
            msg = "the child's key was destroyed or never made; nothing was opened"
            raise KeyDestroyedError(msg, remedy="nothing can bring it back", detail={"child": child})
        if row.epoch not in self._epochs:
            self.notice_erasures()
            return self.child_key(child)
        key = aes_key_unwrap(self._epochs[row.epoch], row.wrapped)
        with self._guard:
            self._remembered[child] = key
            if len(self._remembered) > _KEPT_OPEN:
                self._remembered.popitem(last=False)
        return key

    def secret(self, purpose: str) -> bytes:
        """The partnership's secret for one purpose, 32 bytes; made, durably, when first asked for."""
        found = self._secrets.get(purpose)
        if found is None:
            with self._store.transaction() as session:
                self._catch_up(session)
                session.run(_NEW_SECRET, **self._wrapped(purpose=purpose))
                row = session.row(_SECRET, purpose=purpose)
            if row is None:
                msg = "the key store did not keep a secret"
                raise StoreError(msg, code="store.failed", remedy="check the disk")
            found = aes_key_unwrap(self._epochs[row.epoch], row.wrapped)
            self._secrets[purpose] = found
        return found

    def can_forget(self) -> bool:
        """Whether nobody reads the file now; waits a while for whoever does."""
        return self._store.empty_log()

    def orphans(self, known: Sequence[ChildId]) -> Sequence[ChildId]:
        """Children who have a key but are not among ``known``: made for a commit that never came."""
        wanted = set(known)
        with self._store.reading() as session:
            return [ChildId(row[0]) for row in session.rows(_CHILDREN) if row[0] not in wanted]

    def count(self) -> int:
        """How many children have a key."""
        with self._store.reading() as session:
            row = session.row(_COUNT)
            return 0 if row is None else int(row[0])

    def notice_erasures(self) -> None:
        """Forget every opened key if another process has destroyed some since."""
        with self._store.reading() as session:
            self._catch_up(session)

    def forget(self) -> None:
        """Forget every opened child key, so that each is read from the file again."""
        with self._guard:
            self._remembered.clear()

    def close(self) -> None:
        """Forget every opened key and let go of the file."""
        self.forget()
        self._secrets.clear()
        self._store.close()

    def _wrapped(self, **named: str) -> dict[str, Any]:
        wrapped = aes_key_wrap(self._epochs[self._epoch], secrets.token_bytes(KEY_SIZE))
        return {**named, "epoch": self._epoch, "wrapped": wrapped}

    def _catch_up(self, session: Session) -> None:
        row = session.row(_LAST_EPOCH)
        if row is not None and row[0] != self._epoch:
            self._take_over(self._opened(session))

    def _take_over(self, found: dict[int, bytes]) -> None:
        with self._guard:
            self._remembered.clear()
            self._epochs, self._epoch = found, max(found)

    def _begin_epoch(self, session: Session, root: bytes) -> tuple[int, bytes]:
        """Wrap everything under a new epoch's key, and that under the root key; destroy the old ones."""
        epoch, key = self._epoch + 1, secrets.token_bytes(KEY_SIZE)
        session.run(_NEW_EPOCH, epoch=epoch, wrapped=aes_key_wrap(root, key))
        for every, rewrap in ((_EVERY_KEY, _REWRAP_KEY), (_EVERY_SECRET, _REWRAP_SECRET)):
            anew = [
                {
                    "which": row[0],
                    "this": epoch,
                    "anew": aes_key_wrap(key, aes_key_unwrap(self._epochs[row.epoch], row.wrapped)),
                }
                for row in session.rows(every)
            ]
            session.run_all(rewrap, anew)
        session.run(_DROP_EPOCHS, this=epoch)
        return epoch, key

    def _open_epochs(self) -> dict[int, bytes]:
        with self._store.transaction() as session:
            if not session.rows(_EPOCHS):
                session.run(_NEW_EPOCH, epoch=1, wrapped=aes_key_wrap(self._root, secrets.token_bytes(KEY_SIZE)))
            return self._opened(session)

    def _opened(self, session: Session) -> dict[int, bytes]:
        try:
            return {row.epoch: aes_key_unwrap(self._root, row.wrapped) for row in session.rows(_EPOCHS)}
        except InvalidUnwrap:
            msg = "the root key is not the one under which these keys are wrapped; nothing was opened"
            raise RootKeyError(msg, code="keys.root_wrong", remedy="give the root key of this home") from None


def _check_size(root: bytes) -> None:
    if len(root) != KEY_SIZE:
        msg = f"the root key has {len(root)} bytes and needs {KEY_SIZE}; nothing was opened"
        raise RootKeyError(msg, code="keys.root_size", remedy="give a file of 32 random bytes")
