"""A whole partnership of processes on this machine, started and ended as its user would."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest

from infra.local.partnership import Folder
from infra.local.processes import HUBS
from tests.support.tree import TOP

MASH: Final = str(Path(sys.executable).with_name("mash"))


def run(*command: str, folder: Path, variables: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run a command as its user would, with these of the product's variables and no others."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MASH_")}
    environment = {**kept, "PYTHONPATH": str(TOP), **(variables or {})}
    return subprocess.run(command, check=False, capture_output=True, text=True, cwd=folder, env=environment)


@contextmanager
def a_partnership(folder: Path, *, hubs: int = HUBS) -> Iterator[Folder]:
    """What `make up` starts, in ``folder``; at the end what `make down` leaves, and that is nothing.

    Where there is no Kafka whoever tests it is skipped; in CI they fail.
    """
    place, partnership = Folder(folder / "streaming"), (sys.executable, "-m", "infra.local.partnership")
    started = run(*partnership, "up", str(place.root), "--hubs", str(hubs), folder=folder)
    try:
        if "NoKafkaError" in started.stderr and not os.environ.get("CI"):
            pytest.skip(f"nothing was checked: {started.stderr}")
        assert started.returncode == 0, started.stderr
        yield place
    finally:
        ended = run(*partnership, "down", str(place.root), folder=folder)
    assert ended.returncode == 0, ended.stderr
    assert not place.root.exists()


def complaints(folder: Folder) -> str:
    """What each process complained of last."""
    said = []
    for log in sorted(folder.logs.glob("*.log")):
        lines = [each for each in log.read_text(errors="replace").splitlines() if '"level": "info"' not in each]
        said += [f"{log.stem}: {each}" for each in lines[-5:]]
    return "\n".join(said)
