"""The port to the place from which everybody may fetch the ledger as files."""

from typing import Protocol


class Publication(Protocol):
    """Files by path, as any web server serves them. It holds copies only: nothing is decided from it."""

    def find(self, path: str) -> bytes | None:
        """Return the file, or nothing where there is none."""
        ...

    def is_there(self, path: str) -> bool:
        """Tell whether there is a file of that path."""
        ...

    def publish(self, path: str, content: bytes) -> None:
        """Put the file there whole, durably, in the place of any other of that path."""
        ...

    def withdraw(self, folder: str) -> None:
        """Take a folder away with all its files; nothing happens where there is none."""
        ...
