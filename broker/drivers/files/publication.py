"""A folder from which any web server serves the ledger's files."""

import os
import shutil
from pathlib import Path

BESIDE = ".part"


class FolderPublication:
    """Files below one folder. A file is there whole or not at all: it is written beside its place, then moved there."""

    def __init__(self, root: Path) -> None:
        """Publish below ``root``, which is made if it is not there."""
        self._root = root
        root.mkdir(parents=True, exist_ok=True)

    def find(self, path: str) -> bytes | None:
        """Return the file, or nothing where there is none."""
        try:
            return (self._root / path).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None

    def is_there(self, path: str) -> bool:
        """Tell whether there is a file of that path."""
        return (self._root / path).is_file()

    def publish(self, path: str, content: bytes) -> None:
        """Put the file there whole, durably, in the place of any other of that path."""
        place = self._root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        beside = place.with_name(place.name + BESIDE)
        with beside.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(place)
        _settle(place.parent)

    def withdraw(self, folder: str) -> None:
        """Take a folder away with all its files; nothing happens where there is none."""
        shutil.rmtree(self._root / folder, ignore_errors=True)


def _settle(folder: Path) -> None:
    """Make durable that a file was moved into the folder."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
