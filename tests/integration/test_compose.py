"""What the containers run, run here: the secrets are made, Kafka starts by its script, the partnership is prepared."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import jsonschema
import pytest
import yaml

from broker.runtimes.settings import KafkaSettings
from broker.runtimes.topics import planned
from infra.local.kafka import GET
from infra.local.postgres import free_port
from tests.support.tree import TOP

COMPOSE = TOP / "docker-compose.yml"
SPECIFICATION = "github.com/compose-spec/compose-go/v2@v2.4.5"
SECONDS = 60

pytestmark = pytest.mark.slow


def _ran(*command: str | Path, **variables: str) -> str:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MASH_")}
    path = f"{Path(sys.executable).parent}{os.pathsep}{kept['PATH']}"
    ran = subprocess.run(
        [*command], env={**kept, "PATH": path, **variables}, check=False, capture_output=True, text=True, timeout=300,
        stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


@pytest.fixture(scope="module")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("compose") / "secrets"
    _ran(TOP / "infra/compose/secrets.sh", folder)
    return folder


@pytest.fixture(scope="module")
def kafka(secrets: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaSettings]:
    """Kafka, started as its container starts it."""
    asked = subprocess.run([GET], check=False, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if asked.returncode:
        if os.environ.get("CI"):
            pytest.fail(f"Kafka cannot be got: {asked.stderr}")
        pytest.skip(f"NOT CHECKED: Kafka as its container starts it: {asked.stderr}")
    port, data = free_port(), tmp_path_factory.mktemp("kafka-data")
    variables = {
        "HOST": "127.0.0.1", "LISTEN": "127.0.0.1", "PORT": str(port), "CONTROLLER_PORT": str(free_port()),
        "LIBRARIES": asked.stdout.splitlines()[-1], "DATA": str(data), "SECRETS": str(secrets), "TMPDIR": str(data),
    }  # fmt: skip
    with (data / "log").open("wb") as log:
        process = subprocess.Popen(
            [TOP / "infra/images/kafka/start.sh"], env={"PATH": os.environ["PATH"], **variables}, stdout=log, stderr=log
        )
    try:
        _wait_for(port, process, data / "log")
        yield KafkaSettings((f"127.0.0.1:{port}",), "admin", secrets / "kafka-admin", secrets / "kafka.pem")
    finally:
        process.terminate()
        process.wait(timeout=SECONDS)


def _wait_for(port: int, process: "subprocess.Popen[bytes]", log: Path) -> None:
    last = time.monotonic() + SECONDS
    while True:
        with socket.socket() as tried:
            if tried.connect_ex(("127.0.0.1", port)) == 0:
                return
        assert process.poll() is None, log.read_text(errors="replace")[-2000:]
        assert time.monotonic() < last, log.read_text(errors="replace")[-2000:]
        time.sleep(0.2)


def test_the_file_keeps_to_the_compose_specification() -> None:
    if shutil.which("go") is None:
        if os.environ.get("CI"):
            pytest.fail("Go is not here, so the compose specification cannot be got")
        pytest.skip("NOT CHECKED: docker-compose.yml against the compose specification: it needs Go")
    module = json.loads(_ran("go", "mod", "download", "-json", SPECIFICATION))
    schema = json.loads((Path(module["Dir"]) / "schema" / "compose-spec.json").read_text(encoding="utf-8"))
    for file in (COMPOSE, TOP / "infra/compose/one-machine.yml"):
        jsonschema.validate(yaml.safe_load(file.read_text(encoding="utf-8")), schema)


def test_every_secret_that_is_named_is_made_once_and_stays(secrets: Path) -> None:
    named = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))["secrets"]
    assert {path.name for path in secrets.iterdir()} == {Path(each["file"]).name for each in named.values()}
    before = {path.name: path.read_bytes() for path in secrets.iterdir()}
    assert len({*before.values()}) == len(before)
    _ran(TOP / "infra/compose/secrets.sh", secrets)
    assert {path.name: path.read_bytes() for path in secrets.iterdir()} == before
    assert secrets.stat().st_mode & 0o077 == 0


def test_what_is_prepared_is_a_home_a_bundle_and_every_topic_and_the_second_time_nothing_changes(
    kafka: KafkaSettings, tmp_path: Path
) -> None:
    variables = {
        "MASH_HOME": str(tmp_path / "home"),
        "MASH_ROOT_KEY_FILE": str(tmp_path / "key" / "root-key"),
        "MASH_KAFKA_SERVERS": kafka.servers[0],
        "MASH_KAFKA_USER": kafka.user,
        "MASH_KAFKA_PASSWORD_FILE": str(kafka.password_file),
        "MASH_KAFKA_CA_FILE": str(kafka.ca_file),
        "BUNDLE": str(tmp_path / "policy.tar.gz"),
        "TOPICS": str(TOP / "infra/kafka/topics.yaml"),
        "TMPDIR": str(tmp_path),
    }
    _ran("sh", TOP / "infra/compose/prepare.sh", **variables)
    key, bundle = (tmp_path / "key" / "root-key").read_bytes(), (tmp_path / "policy.tar.gz").read_bytes()
    assert (tmp_path / "home" / "hub" / "registry.json").exists()
    assert planned(tmp_path / "topics.yaml", kafka).is_nothing

    said = _ran("sh", TOP / "infra/compose/prepare.sh", **variables)

    assert "Kafka is as the file says." in said
    assert (tmp_path / "key" / "root-key").read_bytes() == key
    assert (tmp_path / "policy.tar.gz").read_bytes() == bundle
