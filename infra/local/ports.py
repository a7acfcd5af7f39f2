"""Ports of this machine for servers and processes that are started on it without Docker."""

import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

HERE: Final = "127.0.0.1"
PORTS_OF_A_BLOCK: Final = 100
_BLOCKS: Final = range(20_000, 31_000, PORTS_OF_A_BLOCK)
"""Where each begins. None of these ports is given to a connection (Linux's own range begins at 32,768)."""


class NoPortsError(OSError):
    """Every block of ports is in use."""


def free_port() -> int:
    """A port at which nobody listens now."""
    with socket.socket() as found:
        found.bind((HERE, 0))
        return int(found.getsockname()[1])


@contextmanager
def a_block_of_ports() -> Iterator[Iterator[int]]:
    """Ports at which nobody listens, and which are in no other block as long as this one is held.

    Many processes start long after their ports were chosen: a port that is only seen to be free is anybody's until
    then. So a block is its holder's who listens at its first port.

    Raises:
        NoPortsError: every block is somebody else's.
    """
    first = secrets.randbelow(len(_BLOCKS))
    for begins in (*_BLOCKS[first:], *_BLOCKS[:first]):
        with socket.socket() as holder:
            try:
                holder.bind((HERE, begins))
                holder.listen()
            except OSError:
                continue
            yield (port for port in range(begins + 1, begins + PORTS_OF_A_BLOCK) if _is_free(port))
            return
    msg = f"every block of ports from {_BLOCKS.start} to {_BLOCKS.stop} is in use: end what runs (make down)"
    raise NoPortsError(msg)


def _is_free(port: int) -> bool:
    with socket.socket() as tried:
        try:
            tried.bind((HERE, port))
        except OSError:
            return False
    return True
