"""A Kafka broker of one's own, on loopback only: one node, TLS and SCRAM on, nothing allowed but what an ACL says."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from infra.local.certificates import Certificate, a_certificate
from infra.local.ports import free_port

GET = Path(__file__).with_name("get_kafka.sh")
START = Path(__file__).parents[1] / "images" / "kafka" / "start.sh"
ADMIN = "admin"
"""Who may do everything."""
_SECONDS_TO_START = 60


class NoKafkaError(RuntimeError):
    """There is no Kafka to start here."""


class LocalKafka:
    """One broker with its own folder, started by the script that starts it in a container."""

    def __init__(self, folder: Path, users: Mapping[str, str], certificate: Certificate | None = None) -> None:
        """Make the broker's secrets, with these users and their passwords; it is not started yet.

        ``certificate``: what it shows; one of its own where there is none.

        Raises:
            NoKafkaError: Kafka cannot be got.
        """
        asked = subprocess.run([GET], check=False, capture_output=True, text=True, stdin=subprocess.DEVNULL)
        if asked.returncode:
            raise NoKafkaError(asked.stderr.strip())
        self._folder, self._port = folder, free_port()
        self.certificate = certificate or a_certificate(folder, "kafka")
        secrets = folder / "secrets"
        secrets.mkdir(mode=0o700)
        shutil.copyfile(self.certificate.shown, secrets / "kafka.pem")
        shutil.copyfile(self.certificate.key, secrets / "kafka.key")
        for name, password in users.items():
            (secrets / f"kafka-{name}").write_text(password, encoding="ascii")
        self._variables = {
            "PATH": os.environ["PATH"], "HOST": "127.0.0.1", "LISTEN": "127.0.0.1", "PORT": str(self._port),
            "CONTROLLER_PORT": str(free_port()), "LIBRARIES": asked.stdout.splitlines()[-1], "DATA": str(folder),
            "SECRETS": str(secrets), "TMPDIR": str(folder), "REBALANCE_DELAY_MS": "0",
        }  # fmt: skip
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        """Where it listens while it is started."""
        return f"127.0.0.1:{self._port}"

    def start(self) -> None:
        """Start it, and wait until it listens.

        Raises:
            NoKafkaError: it does not.
        """
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen([START], env=self._variables, stdout=log, stderr=log)
        last = time.monotonic() + _SECONDS_TO_START
        while not self._listens():
            if time.monotonic() > last or self._process.poll() is not None:
                self.stop()
                said = (self._folder / "log").read_text(encoding="utf-8", errors="replace")[-2000:]
                msg = f"Kafka does not start: {said}"
                raise NoKafkaError(msg)
            time.sleep(0.1)

    def stop(self) -> None:
        """Kill it, if it was started: as if it crashed."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    @contextmanager
    def stalled(self) -> Iterator[None]:
        """Let it do nothing meanwhile, and still hold every connection: as on a machine that is out of breath."""
        if self._process is None:
            msg = "it is not started"
            raise NoKafkaError(msg)
        self._process.send_signal(signal.SIGSTOP)
        # Its threads stop one by one: on a busy machine they answer for some milliseconds more.
        os.waitid(os.P_PID, self._process.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)
        try:
            yield
        finally:
            self._process.send_signal(signal.SIGCONT)

    def _listens(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self._port), timeout=1):
                return True
        except OSError:
            return False


@contextmanager
def a_kafka(users: Mapping[str, str], certificate: Certificate | None = None) -> Iterator[LocalKafka]:
    """Start a new, empty broker. At the end it is stopped, and nothing of it is left.

    Raises:
        NoKafkaError: it cannot be got, or does not start.
    """
    folder = Path(tempfile.mkdtemp(prefix="mash-kafka-"))
    try:
        server = LocalKafka(folder, users, certificate)
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
