"""A Kafka broker of one's own, on loopback only: one node, TLS and SCRAM on, nothing allowed but what an ACL says."""

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
from infra.local.postgres import free_port

GET = Path(__file__).with_name("get_kafka.sh")
ADMIN = "admin"
"""Who may do everything."""
_SECONDS_TO_START = 60
_CLUSTER = "bWFzaC1sb2NhbC1rYWZrYQ"


class NoKafkaError(RuntimeError):
    """There is no Kafka to start here."""


class LocalKafka:
    """One broker with its own folder."""

    def __init__(self, folder: Path, users: Mapping[str, str]) -> None:
        """Make the broker's files, with these users and their passwords; it is not started yet.

        Raises:
            NoKafkaError: Kafka cannot be got, or its files cannot be made.
        """
        asked = subprocess.run([GET], check=False, capture_output=True, text=True, stdin=subprocess.DEVNULL)
        if asked.returncode:
            raise NoKafkaError(asked.stderr.strip())
        self._libraries = asked.stdout.splitlines()[-1]
        self._folder = folder
        self.certificate: Certificate = a_certificate(folder, "kafka")
        self._port, controller = free_port(), free_port()
        self._settings = folder / "server.properties"
        self._settings.touch(mode=0o600)
        self._settings.write_text(self._properties(controller, users[ADMIN]), encoding="utf-8")
        scram = [f"SCRAM-SHA-512=[name={name},password={password}]" for name, password in users.items()]
        self._run("kafka.tools.StorageTool", "format", "-t", _CLUSTER, "-c", str(self._settings), "--standalone",
                  *(part for each in scram for part in ("--add-scram", each)))  # fmt: skip
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
            self._process = subprocess.Popen(self._java("kafka.Kafka", str(self._settings)), stdout=log, stderr=log)
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

    def _java(self, main: str, *arguments: str) -> list[str]:
        memory = ("-Xmx384m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
        return ["java", *memory, "-cp", f"{self._libraries}/*", main, *arguments]

    def _run(self, main: str, *arguments: str) -> None:
        done = subprocess.run(self._java(main, *arguments), check=False, capture_output=True, text=True)
        if done.returncode:
            msg = f"{main} failed: {(done.stdout + done.stderr).strip()[-1000:]}"
            raise NoKafkaError(msg)

    def _properties(self, controller: int, password: str) -> str:
        def one_line(file: Path) -> str:
            return file.read_text(encoding="ascii").strip().replace("\n", "\\n")

        login = "org.apache.kafka.common.security.scram.ScramLoginModule required"
        scram = "listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config"
        settings = {
            "process.roles": "broker,controller",
            "node.id": "1",
            "controller.quorum.bootstrap.servers": f"127.0.0.1:{controller}",
            "listeners": f"SASL_SSL://127.0.0.1:{self._port},CONTROLLER://127.0.0.1:{controller}",
            "advertised.listeners": f"SASL_SSL://127.0.0.1:{self._port},CONTROLLER://127.0.0.1:{controller}",
            "controller.listener.names": "CONTROLLER",
            "listener.security.protocol.map": "SASL_SSL:SASL_SSL,CONTROLLER:PLAINTEXT",
            "inter.broker.listener.name": "SASL_SSL",
            "sasl.enabled.mechanisms": "SCRAM-SHA-512",
            "sasl.mechanism.inter.broker.protocol": "SCRAM-SHA-512",
            scram: f'{login} username="{ADMIN}" password="{password}";',
            "ssl.keystore.type": "PEM",
            "ssl.keystore.certificate.chain": one_line(self.certificate.shown),
            "ssl.keystore.key": one_line(self.certificate.key),
            "ssl.truststore.type": "PEM",
            "ssl.truststore.certificates": one_line(self.certificate.shown),
            "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
            "super.users": f"User:{ADMIN};User:ANONYMOUS",
            "allow.everyone.if.no.acl.found": "false",
            "auto.create.topics.enable": "false",
            "offsets.topic.replication.factor": "1",
            "offsets.topic.num.partitions": "3",
            "transaction.state.log.replication.factor": "1",
            "transaction.state.log.min.isr": "1",
            "group.initial.rebalance.delay.ms": "0",
            "log.dirs": str(self._folder / "data"),
        }
        return "".join(f"{name}={value}\n" for name, value in settings.items())


@contextmanager
def a_kafka(users: Mapping[str, str]) -> Iterator[LocalKafka]:
    """Start a new, empty broker. At the end it is stopped, and nothing of it is left.

    Raises:
        NoKafkaError: it cannot be got, or does not start.
    """
    folder = Path(tempfile.mkdtemp(prefix="mash-kafka-"))
    try:
        server = LocalKafka(folder, users)
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
