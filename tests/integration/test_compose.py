"""What the containers run, run here: the secrets are made, Kafka starts by its script, the partnership is prepared."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import jsonschema
import pytest
import yaml

from broker.core.process_kinds import ProcessKind
from broker.runtimes.settings import KafkaSettings
from broker.runtimes.topics import planned
from infra.local.certificates import Certificate
from infra.local.kafka import NoKafkaError, a_kafka
from infra.local.postgres import NoPostgresError, a_postgres
from tests.support.postgres import connected
from tests.support.tree import TOP

COMPOSE = TOP / "docker-compose.yml"
SPECIFICATION = "github.com/compose-spec/compose-go/v2@v2.4.5"

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
def kafka(secrets: Path) -> Iterator[KafkaSettings]:
    """Kafka, started as its container starts it, with the secrets that a container would have."""
    users = {path.name.removeprefix("kafka-"): path.read_text(encoding="ascii") for path in secrets.glob("kafka-*")}
    with ExitStack() as servers:
        try:
            own = Certificate(secrets / "kafka.pem", secrets / "kafka.key")
            server = servers.enter_context(a_kafka(users, own))
        except NoKafkaError as error:
            if os.environ.get("CI"):
                pytest.fail(f"Kafka cannot be had: {error}")
            pytest.skip(f"NOT CHECKED: Kafka with the secrets of the containers: {error}")
        yield KafkaSettings((server.address,), "admin", secrets / "kafka-admin", own.shown)


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


@pytest.fixture(scope="module")
def database(secrets: Path) -> Iterator[str]:
    """PostgreSQL, whose owner has the password that its container would have."""
    try:
        with a_postgres(password=(secrets / "postgres").read_text(encoding="ascii")) as server:
            yield server.address
    except NoPostgresError as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(f"NOT CHECKED: PostgreSQL with the secrets of the containers: {error}")


def test_what_is_prepared_is_a_home_roles_a_bundle_and_every_topic_and_the_second_time_nothing_changes(
    kafka: KafkaSettings, database: str, secrets: Path, tmp_path: Path
) -> None:
    variables = {
        "MASH_HOME": str(tmp_path / "home"),
        "MASH_ROOT_KEY_FILE": str(tmp_path / "key" / "root-key"),
        "MASH_KAFKA_SERVERS": kafka.servers[0],
        "MASH_KAFKA_USER": kafka.user,
        "MASH_KAFKA_PASSWORD_FILE": str(kafka.password_file),
        "MASH_KAFKA_CA_FILE": str(kafka.ca_file),
        "MASH_DATABASE_URL": database,
        "MASH_DATABASE_PASSWORD_FILE": str(secrets / "postgres"),
        "SECRETS": str(secrets),
        "BUNDLE": str(tmp_path / "policy.tar.gz"),
        "TOPICS": str(TOP / "infra/kafka/topics.yaml"),
        "TMPDIR": str(tmp_path),
    }
    _ran("sh", TOP / "infra/compose/prepare.sh", **variables)
    key, bundle = (tmp_path / "key" / "root-key").read_bytes(), (tmp_path / "policy.tar.gz").read_bytes()
    assert (tmp_path / "home" / "hub" / "registry.json").exists()
    assert planned(tmp_path / "topics.yaml", kafka).is_nothing
    for kind in ProcessKind:
        password = (secrets / f"postgres-{kind}").read_text(encoding="ascii")
        connected(database, user=f"mash_{kind}", password=password).close()

    said = _ran("sh", TOP / "infra/compose/prepare.sh", **variables)

    assert "Kafka is as the file says." in said
    assert (tmp_path / "key" / "root-key").read_bytes() == key
    assert (tmp_path / "policy.tar.gz").read_bytes() == bundle
