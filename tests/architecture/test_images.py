"""The image and the compose file keep the promises that can be checked without a container engine."""

import re
from typing import Any

import pytest
import yaml

from tests.support.tree import TOP

COMPOSE: dict[str, Any] = yaml.safe_load((TOP / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]


def test_there_is_a_service_to_check() -> None:
    assert SERVICES


@pytest.mark.parametrize("service", sorted(SERVICES))
def test_a_service_has_few_rights_limits_and_a_health_check(service: str) -> None:
    it = SERVICES[service]
    assert it["user"].split(":")[0] not in {"0", "root"}
    assert it["cap_drop"] == ["ALL"]
    assert it["read_only"] is True
    assert "privileged" not in it
    assert it["healthcheck"]["test"]
    assert it["deploy"]["resources"]["limits"]["memory"]


@pytest.mark.parametrize("service", sorted(SERVICES))
def test_a_secret_is_a_file_and_never_a_value(service: str) -> None:
    it = SERVICES[service]
    for setting, value in it.get("environment", {}).items():
        if re.search("KEY|SECRET|PASSWORD|TOKEN", setting):
            assert setting.endswith("_FILE")
            assert str(value).startswith("/run/secrets/")
    for secret in it.get("secrets", []):
        assert set(COMPOSE["secrets"][secret]) == {"file"}


def test_what_the_image_is_built_from_is_there() -> None:
    for service in SERVICES.values():
        dockerfile = TOP / service["build"]["dockerfile"]
        copied = re.findall(r"^COPY (?!--from)(.+) \S+$", dockerfile.read_text(encoding="utf-8"), flags=re.MULTILINE)
        assert copied
        assert not [source for line in copied for source in line.split() if not (TOP / source).exists()]


def test_the_image_ends_as_a_user_without_rights() -> None:
    users = re.findall(r"^USER (\S+)$", (TOP / "infra/images/Dockerfile").read_text(encoding="utf-8"), re.MULTILINE)
    assert users
    assert users[-1].split(":")[0] not in {"0", "root"}
