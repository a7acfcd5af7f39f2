"""An OPA server of one's own, on loopback only, with a policy's bundle: for tests, the bench and `make up`."""

import http.client
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from infra.local.ports import free_port

_SECONDS_TO_START = 20


class LocalOpa:
    """One server; what it answers by is chosen each time that it is started."""

    def __init__(self, folder: Path, opa: Path) -> None:
        """Choose a free port; it is not started yet. ``opa``: the binary."""
        self._opa, self._folder, self._port = opa, folder, free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        """Where it listens while it is started."""
        return f"http://127.0.0.1:{self._port}"

    def start(self, bundle: bytes) -> None:
        """Start it with a bundle, and wait until it answers.

        Raises:
            TimeoutError: it does not.
        """
        file = self._folder / "bundle.tar.gz"
        file.write_bytes(bundle)
        options = (
            "--addr",
            f"127.0.0.1:{self._port}",
            "--log-level",
            "error",
            "--skip-version-check",
            "--disable-telemetry",
        )
        self._process = subprocess.Popen(
            [self._opa, "run", "--server", *options, "--bundle", file],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        last = time.monotonic() + _SECONDS_TO_START
        while not self._is_healthy():
            if time.monotonic() > last:
                self.stop()
                msg = "the OPA server does not answer"
                raise TimeoutError(msg)
            time.sleep(0.05)

    def stop(self) -> None:
        """End it, if it was started."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(timeout=10)
            self._process = None

    def _is_healthy(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=2)
        try:
            connection.request("GET", "/health?bundles")
            return connection.getresponse().status == http.HTTPStatus.OK
        except OSError:
            return False
        finally:
            connection.close()


@contextmanager
def an_opa_server(bundle: bytes, opa: Path) -> Iterator[LocalOpa]:
    """Start one; at the end it is stopped, and nothing of it is left. ``opa``: the binary."""
    with tempfile.TemporaryDirectory(prefix="mash-opa-") as folder:
        server = LocalOpa(Path(folder), opa)
        server.start(bundle)
        try:
            yield server
        finally:
            server.stop()
