"""What every test may rely on: a quiet clock-free Hypothesis, and a summary that hides no gap."""

import gc
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.support import shared_material
from tests.support.canaries import pytest_runtest_makereport, pytest_sessionstart  # noqa: F401 - hooks of every test
from tests.support.postgres import a_postgres_to_test_with
from tests.support.tree import TOP

# Two cores and a shared machine: a deadline in milliseconds would test the machine, not the law.
settings.register_profile("default", deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=100)
settings.register_profile("long", deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=2_000)
settings.load_profile(os.environ.get("MASH_HYPOTHESIS", "default"))


@pytest.fixture(autouse=True)
def _no_setting_leaks_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the developer's own MASH_ settings away, all but where the opa binary is."""
    for setting in [name for name in os.environ if name.startswith("MASH_") and name != "MASH_OPA"]:
        monkeypatch.delenv(setting)


@pytest.fixture
def lost_sockets_collected() -> Iterator[None]:
    """Collect what a client leaves of a server that went away, inside the test that may ignore the warning about it."""
    yield
    gc.collect()


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """Give the address of a PostgreSQL of our own; in CI, where there is none, fail."""
    with a_postgres_to_test_with() as address:
        yield address


@pytest.fixture(scope="session")
def opa() -> Path:
    """Give the real opa binary, built by infra/local if the machine has none; without one, fail."""
    asked = subprocess.run(
        [str(TOP / "infra/local/get_opa.sh")], check=False, capture_output=True, text=True, stdin=subprocess.DEVNULL
    )
    if asked.returncode != 0:
        pytest.fail(asked.stderr, pytrace=False)
    return Path(asked.stdout.splitlines()[-1])


@pytest.fixture
def mash_home(tmp_path: Path) -> Iterator[Path]:
    """Lend an empty home and take it away again."""
    home = tmp_path / "home"
    yield home
    shutil.rmtree(home, ignore_errors=True)


def pytest_report_header() -> str:
    """Say at the top whether the reference material is there."""
    return f"reference material: {'found' if shared_material.BESIDE.is_dir() else 'ABSENT (its tests skip; CI fails)'}"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say at the bottom, where eyes are, where lives were killed, and what did not run for want of the reference."""
    for outcome in ("passed", "failed"):
        for report in terminalreporter.stats.get(outcome, []):
            for name, text in getattr(report, "user_properties", ()):
                if name == "kills":
                    terminalreporter.section(f"kills: {report.nodeid.rpartition('::')[2]}")
                    terminalreporter.write_line(str(text))
    skipped = [
        report
        for report in terminalreporter.stats.get("skipped", [])
        if isinstance(report.longrepr, tuple) and "is not beside the checkout" in report.longrepr[2]
    ]
    if skipped:
        terminalreporter.section("reference material", sep="!", red=True)
        terminalreporter.write_line(f"{len(skipped)} tests did not run: the material is not beside the checkout.")
