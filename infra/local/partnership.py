"""A whole partnership on this machine without Docker: Kafka, PostgreSQL, an OPA server, and every process.

`make up` starts it, `make down` ends it and leaves nothing of it. The processes run the same commands, with the same
variables, as in docker-compose.yml; whichever of them ends is started again.
"""

import argparse
import json
import os
import secrets
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

import yaml
from sqlalchemy import make_url

from broker.core.process_kinds import ProcessKind
from broker.runtimes.asking import is_ready
from broker.runtimes.database import laid_out, let_in
from broker.runtimes.demo import make_demo, servers_of_demo
from broker.runtimes.home import Home, demo_key
from broker.runtimes.settings import DatabaseSettings, KafkaSettings, Settings, read_settings
from broker.runtimes.topics import applied
from infra.local.kafka import ADMIN, LocalKafka, a_kafka
from infra.local.opa import an_opa_server
from infra.local.ports import HERE, a_block_of_ports
from infra.local.postgres import a_postgres
from infra.local.processes import HUBS, Process, processes
from policies.engine import Engine
from policies.opa import find_opa

OWNER = "postgres"
"""Whose password the database's owner has."""
TOPICS = Path(__file__).parents[1] / "kafka" / "topics.yaml"
_SECONDS_TO_START = 240
_SECONDS_TO_STOP = 60
_LOOKS_EVERY = 0.5


class Folder:
    """Where everything of it lies: the demonstration's home, secrets, logs, the supervisor's number."""

    def __init__(self, root: Path) -> None:
        self.root = root.absolute()
        self.home = self.root / "home"
        self.secrets = self.root / "secrets"
        self.logs = self.root / "logs"
        self.pid = self.root / "supervisor.pid"
        self.ready = self.root / "ready.json"
        self.failed = self.root / "failed"

    def make(self) -> None:
        """Make the folders, readable by the owner only."""
        for each in (self.root, self.secrets, self.logs):
            each.mkdir(mode=0o700, parents=True)

    def password(self, user: str) -> Path:
        """The file with a user's password."""
        return self.secrets / user

    def keep_password(self, user: str) -> str:
        """Choose a user's password, and keep it in that file."""
        self.password(user).touch(mode=0o600)
        self.password(user).write_text(chosen := secrets.token_urlsafe(24), encoding="ascii")
        return chosen

    def keep_variables(self, name: str, variables: Mapping[str, str]) -> None:
        """Keep a user's variables, for a shell to read in: ``. mash-streaming/partner.env``."""
        lines = [f"export {variable}={shlex.quote(value)}\n" for variable, value in variables.items()]
        (self.root / f"{name}.env").write_text("".join(lines), encoding="utf-8")

    def variables(self, name: str) -> dict[str, str]:
        """What `keep_variables` kept."""
        kept = shlex.split((self.root / f"{name}.env").read_text(encoding="utf-8"))
        return dict(each.split("=", 1) for each in kept if each != "export")


class Supervisor:
    """Keeps the processes running until it is told to end."""

    def __init__(self, folder: Folder, commands: Mapping[str, tuple[list[str], dict[str, str]]]) -> None:
        """``commands``: for each process its arguments and its variables."""
        self._folder = folder
        self._commands = commands
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._is_over = False

    def run(self) -> None:
        """Start everything, say so once all of it works, and start again whatever ends, until SIGTERM."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._end)
        for name in self._commands:
            self._start(name)
        last = time.monotonic() + _SECONDS_TO_START
        while not self._is_over:
            for name, process in list(self._running.items()):
                if process.poll() is not None:
                    self._start(name)
            if not self._folder.ready.exists():
                self._tell_ready()
                if time.monotonic() > last:
                    msg = "not every process started; see its log in " + str(self._folder.logs)
                    raise TimeoutError(msg)
            time.sleep(_LOOKS_EVERY)

    def stop(self) -> None:
        """End every process in good order."""
        for process in self._running.values():
            process.terminate()
        last = time.monotonic() + _SECONDS_TO_STOP
        for process in self._running.values():
            try:
                process.wait(timeout=max(0.1, last - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _start(self, name: str) -> None:
        arguments, variables = self._commands[name]
        with (self._folder.logs / f"{name}.log").open("ab") as log:
            self._running[name] = subprocess.Popen(
                arguments, env={**_plain_environment(), **variables}, stdout=log, stderr=log, stdin=subprocess.DEVNULL
            )
        pids = {each: process.pid for each, process in self._running.items()}
        told, half = self._folder.root / "pids.json", self._folder.root / "pids.json.half"
        half.write_text(json.dumps(pids), encoding="ascii")
        half.replace(told)  # whoever reads it meanwhile reads all of it

    def _tell_ready(self) -> None:
        """Say that all is ready, once every process says so of itself."""
        told_at = [read_settings(variables).monitor_at for _, variables in self._commands.values()]
        if all(is_ready(address)[0] for address in told_at):
            self._folder.ready.write_text(json.dumps(sorted(self._commands)), encoding="ascii")

    def _end(self, *_: object) -> None:
        self._is_over = True


def _plain_environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("MASH_")}


def settings_of(folder: Folder, database: str, opa: str) -> Settings:
    """How the database's owner opens the home; the exchange's processes do so as users of their own."""
    named = DatabaseSettings(database, folder.password(OWNER))
    return Settings(folder.home, demo_key(folder.home), None, "info", database=named, opa_url=opa)


def commands(
    folder: Folder, settings: Settings, kafka: LocalKafka, ports: Iterator[int], *, hubs: int = HUBS
) -> dict[str, tuple[list[str], dict[str, str]]]:
    """Every process: its command and its variables, by name; each tells of itself at the next of these ports."""
    mash = str(Path(sys.executable).with_name("mash"))
    home = Home(settings.home)

    def variables(process: Process) -> dict[str, str]:
        monitor = {"MASH_MONITOR_AT": f"{HERE}:{next(ports)}"}
        signing_in = to_kafka(folder, kafka, process.user)
        own = {"MASH_MEMBER": process.name, "MASH_HOME": str(settings.home), **monitor, **signing_in}
        return {**own, **to_stores(settings_as(process.kind, folder, settings))} if process.kind else own

    every = processes(home.agencies(), home.recipients(), hubs=hubs)
    return {each.name: ([mash, *each.command], variables(each)) for each in every}


def to_kafka(folder: Folder, kafka: LocalKafka, user: str) -> dict[str, str]:
    """The variables with which a user signs in to Kafka."""
    return {
        "MASH_KAFKA_SERVERS": kafka.address,
        "MASH_KAFKA_USER": user,
        "MASH_KAFKA_PASSWORD_FILE": str(folder.password(user)),
        "MASH_KAFKA_CA_FILE": str(kafka.certificate.shown),
    }


def to_stores(settings: Settings) -> dict[str, str]:
    """The variables with which the exchange's own processes open its stores."""
    return {
        "MASH_ROOT_KEY_FILE": str(settings.root_key_file),
        "MASH_DATABASE_URL": settings.database.url if settings.database else "",
        "MASH_DATABASE_PASSWORD_FILE": str(settings.database.password_file) if settings.database else "",
        "MASH_OPA_URL": settings.opa_url,
    }


def settings_as(kind: ProcessKind, folder: Folder, settings: Settings) -> Settings:
    """The same settings for processes of one kind: they sign in to the database as that."""
    url = make_url(settings.database.url if settings.database else "").set(username=f"mash_{kind}")
    named = DatabaseSettings(url.render_as_string(hide_password=False), folder.password(f"postgres-{kind}"))
    return replace(settings, database=named)


def let_processes_in(folder: Folder, settings: Settings) -> None:
    """Give each kind of process its rights in the database, and a password."""
    laid_out(settings)
    for kind in ProcessKind:
        let_in(settings, kind, folder.keep_password(f"postgres-{kind}"))


def users(engine: Engine) -> list[str]:
    """Everybody who signs in to Kafka."""
    agencies = {party.id for agreement in engine.agreements for party in agreement.parties}
    recipients = {entry.id for agreement in engine.agreements for entry in agreement.recipients}
    return [
        *(ADMIN, *ProcessKind, "partner"),
        *(f"agency.{each}" for each in sorted(agencies)),
        *(f"recipient.{each}" for each in sorted(recipients)),
    ]


@contextmanager
def a_partnership(folder: Folder, *, hubs: int = HUBS) -> Iterator[Supervisor]:
    """Servers, home, topics and processes; at the end all of them are stopped."""
    folder.make()
    engine = Engine.load()
    passwords = {user: folder.keep_password(user) for user in users(engine)}
    with ExitStack() as servers:
        kafka = servers.enter_context(a_kafka(passwords))
        database = servers.enter_context(a_postgres(password=folder.keep_password(OWNER))).address
        opa = servers.enter_context(an_opa_server(engine.bundle(), find_opa())).address
        engine.close()
        settings = settings_of(folder, database, opa)
        make_demo(settings).close()
        let_processes_in(folder, settings)
        lay_out(folder, KafkaSettings((kafka.address,), ADMIN, folder.password(ADMIN), kafka.certificate.shown))
        own = {"database": database, "database_password_file": str(folder.password(OWNER)), "opa": opa}
        servers_of_demo(folder.home).write_text(json.dumps(own), encoding="ascii")
        folder.keep_variables("exchange", {"MASH_HOME": str(settings.home), **to_stores(settings)})
        folder.keep_variables("partner", to_kafka(folder, kafka, "partner"))
        ports = servers.enter_context(a_block_of_ports())
        supervisor = Supervisor(folder, commands(folder, settings, kafka, ports, hubs=hubs))
        try:
            yield supervisor
        finally:
            supervisor.stop()


def lay_out(folder: Folder, kafka: KafkaSettings) -> None:
    """Topics and rights as shipped, for one broker instead of three."""
    shipped = yaml.safe_load(TOPICS.read_text(encoding="utf-8"))
    file = folder.root / "topics.yaml"
    file.write_text(yaml.safe_dump({**shipped, "replicas": 1, "in_sync": 1}), encoding="utf-8")
    applied(file, kafka)


def up(folder: Folder, *, hubs: int = HUBS) -> int:
    """Start the supervisor apart from this process, and wait until everything works."""
    if folder.root.exists():
        sys.stderr.write(f"{folder.root.name} is there already. End it first:  make down\n")
        return 1
    sys.stderr.write("starting Kafka, PostgreSQL and OPA; making the home; starting every process (about a minute)\n")
    process = subprocess.Popen(
        [sys.executable, "-m", "infra.local.partnership", "run", str(folder.root), "--hubs", str(hubs)],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    told = time.monotonic()
    while not folder.ready.exists():
        if folder.failed.exists() or process.poll() is not None:
            said = folder.failed.read_text(encoding="utf-8") if folder.failed.exists() else "it ended"
            sys.stderr.write(f"it does not start: {said}\n")
            down(folder)
            return 1
        if time.monotonic() - told > 10:  # noqa: PLR2004 - seconds between two words
            told = time.monotonic()
            logs = list(folder.logs.glob("*.log")) if folder.logs.exists() else []
            started = sum('"event": "started"' in log.read_text(errors="replace") for log in logs)
            sys.stderr.write(f"  {started} processes run\n")
        time.sleep(_LOOKS_EVERY)
    running = json.loads(folder.ready.read_text(encoding="ascii"))
    sys.stderr.write(f"{len(running)} processes run; their logs are in {folder.root.name}/logs\n")
    sys.stderr.write(f"Next:  mash --home {folder.root.name}/home demo --streaming  then  make down\n")
    return 0


def down(folder: Folder) -> int:
    """End the supervisor and with it everything, and remove the folder."""
    if not folder.root.exists():
        sys.stderr.write(f"nothing runs in {folder.root.name}\n")
        return 0
    if folder.pid.exists():
        number = int(folder.pid.read_text(encoding="ascii"))
        if _is_ours(number, folder):
            os.kill(number, signal.SIGTERM)
            last = time.monotonic() + 2 * _SECONDS_TO_STOP
            while _is_ours(number, folder) and time.monotonic() < last:
                time.sleep(_LOOKS_EVERY)
    shutil.rmtree(folder.root)
    sys.stderr.write("all of it has ended, and nothing of it is left\n")
    return 0


def run(folder: Folder, *, hubs: int) -> int:
    """Be the supervisor."""
    try:
        with a_partnership(folder, hubs=hubs) as supervisor:
            folder.pid.write_text(str(os.getpid()), encoding="ascii")
            supervisor.run()
    except Exception as error:
        folder.failed.write_text(f"{type(error).__name__}: {error}", encoding="utf-8")
        raise
    return 0


def _is_ours(number: int, folder: Folder) -> bool:
    """Whether that process still is this folder's supervisor."""
    try:
        said = Path(f"/proc/{number}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False
    return b"infra.local.partnership" in said and str(folder.root).encode() in said


def main() -> int:
    """Do what the command line says."""
    parser = argparse.ArgumentParser(prog="python -m infra.local.partnership", description=__doc__)
    parser.add_argument("what", choices=("up", "down", "run"))
    parser.add_argument("folder", type=Path)
    parser.add_argument("--hubs", type=int, default=HUBS, help="how many hub workers share the agencies' topics")
    asked = parser.parse_args()
    folder = Folder(asked.folder)
    if asked.what == "down":
        return down(folder)
    return (up if asked.what == "up" else run)(folder, hubs=asked.hubs)


if __name__ == "__main__":
    sys.exit(main())
