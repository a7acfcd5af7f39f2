"""Writing a small file so that it is there whole, or as it was, and knowing when somebody else wrote it."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

Stamp = tuple[int, int]
"""Changes whenever a file is replaced."""
NOT_THERE: Final[Stamp] = (0, 0)
"""Stands for a file that is not there."""


def replace_file(path: Path, content: bytes, *, mode: int = 0o644) -> None:
    """Put ``content`` in the place of whatever stands at ``path``, durably."""
    beside = path.with_name(f"{path.name}.new")
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def stamp_of(path: Path) -> Stamp:
    """Which file stands at ``path`` now."""
    try:
        status = path.stat()
    except FileNotFoundError:
        return NOT_THERE
    return (status.st_mtime_ns, status.st_ino)


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Keep everybody else who uses this, in whichever process, from the files in a folder. It does not nest."""
    held = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield
    finally:
        os.close(held)
