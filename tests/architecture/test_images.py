"""The image and the compose file keep the promises that can be checked without a container engine."""

import re
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
import yaml

from broker.runtimes.home import Home
from infra.local.kafka import LocalKafka
from infra.local.partnership import Folder, commands, settings_of
from policies.engine.files import read_policy_files
from tests.support.tree import TOP

FILES = ("docker-compose.yml", "infra/compose/one-machine.yml")
COMPOSE: dict[str, dict[str, Any]] = {file: yaml.safe_load((TOP / file).read_text(encoding="utf-8")) for file in FILES}
SERVICES: dict[str, dict[str, Any]] = {
    f"{file} {name}": service for file in FILES for name, service in COMPOSE[file]["services"].items()
}
IMAGES = ("infra/images/Dockerfile", "infra/images/kafka/Dockerfile")


def test_there_are_services_to_check() -> None:
    assert {file: len(COMPOSE[file]["services"]) > 0 for file in FILES} == dict.fromkeys(FILES, True)


@pytest.mark.parametrize("service", sorted(SERVICES))
def test_a_service_has_few_rights_limits_and_a_health_check(service: str) -> None:
    it = SERVICES[service]
    assert it["user"].split(":")[0] not in {"0", "root"}
    assert it["cap_drop"] == ["ALL"]
    assert it["read_only"] is True
    assert "privileged" not in it
    assert "ports" not in it
    assert it["healthcheck"]["test"]
    assert it["deploy"]["resources"]["limits"]["memory"]


@pytest.mark.parametrize("service", sorted(SERVICES))
def test_an_image_is_of_one_version(service: str) -> None:
    assert re.fullmatch(r"[a-z/-]+:[0-9]+\.[0-9]+(\.[0-9]+)?(-[a-z]+)?", SERVICES[service]["image"])


@pytest.mark.parametrize("service", sorted(SERVICES))
def test_a_secret_is_a_file_and_never_a_value(service: str) -> None:
    it = SERVICES[service]
    for setting, value in it.get("environment", {}).items():
        if re.search("KEY|PASSWORD|TOKEN", setting):
            assert setting.endswith("_FILE")
            assert str(value).startswith(("/run/secrets/", "/var/lib/mash-key/"))
    declared = COMPOSE[service.split(maxsplit=1)[0]]["secrets"]
    for secret in it.get("secrets", []):
        assert set(declared[secret]) == {"file"}


def test_each_process_has_its_own_password_and_nobody_elses() -> None:
    for name, it in COMPOSE["docker-compose.yml"]["services"].items():
        user = it.get("environment", {}).get("MASH_KAFKA_USER")
        held = {each for each in it.get("secrets", []) if each.startswith("kafka-")}
        assert name == "kafka" or held == ({f"kafka-{user}"} if user else set())


def test_only_the_exchanges_own_processes_can_open_what_is_sealed() -> None:
    services = COMPOSE["docker-compose.yml"]["services"]
    opens = {name for name, it in services.items() if any("mash-key" in volume for volume in it.get("volumes", []))}
    assert opens == {"prepare", "hub-1", "hub-2", "sequencer", "release"}
    assert {name for name, it in services.items() if "postgres" in it.get("secrets", [])} == {"prepare", "postgres"}
    for name in opens - {"prepare"}:
        kind = services[name]["command"][0]
        assert [each for each in services[name]["secrets"] if "postgres" in each] == [f"postgres-{kind}"]
        assert services[name]["environment"]["MASH_DATABASE_URL"].startswith(f"postgresql://mash_{kind}@")


def test_the_containers_are_the_processes_of_this_machine_with_the_same_commands_and_variables(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "here")
    settings = settings_of(folder, "postgresql://mash@127.0.0.1:1/mash", "http://127.0.0.1:2")
    home = Home(settings.home)
    home.make()
    for agreement in read_policy_files().agreements:
        folders = [home.agency(party.id) for party in agreement.parties]
        folders += [home.recipient(entry.id) for entry in agreement.recipients]
        for each in folders:
            each.mkdir(parents=True, exist_ok=True)
    kafka = cast("LocalKafka", SimpleNamespace(address="x:1", certificate=SimpleNamespace(shown=tmp_path / "x.pem")))
    here = {
        name.replace(".", "-"): (
            command[1:],
            {*variables, *(["MASH_DATABASE_PASSWORD_FILE"] * ("MASH_DATABASE_URL" in variables))},
        )
        for name, (command, variables) in commands(folder, settings, kafka, count(20_000)).items()
    }
    there = {
        name: (it["command"], {*it["environment"]})
        for name, it in COMPOSE["docker-compose.yml"]["services"].items()
        if it["image"].startswith("mash-broker") and name != "prepare"
    }
    assert here == there


def test_what_the_image_is_built_from_is_there() -> None:
    text = (TOP / IMAGES[0]).read_text(encoding="utf-8")
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", text, flags=re.MULTILINE)
    assert copied
    for requirements in ("runtime", "streaming"):
        wanted = [each for line in copied for each in line.replace("${REQUIREMENTS}", requirements).split()]
        assert not [source for source in wanted if not (TOP / source).exists()]


@pytest.mark.parametrize("image", IMAGES)
def test_an_image_ends_as_a_user_without_rights(image: str) -> None:
    users = re.findall(r"^USER (\S+)$", (TOP / image).read_text(encoding="utf-8"), re.MULTILINE)
    assert users
    assert users[-1].split(":")[0] not in {"0", "root"}
