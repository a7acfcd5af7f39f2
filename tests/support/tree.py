"""Where the repository's own files are, for the guards that read them."""

import subprocess
from functools import cache
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
PACKAGES = ("adapters", "broker", "contracts", "policies")
SUFFIXES_READ_AS_TEXT = frozenset(
    {"", ".cfg", ".html", ".jinja", ".json", ".md", ".py", ".rego", ".sh", ".toml", ".txt", ".yaml", ".yml"}
)


@cache
def kept_files() -> tuple[Path, ...]:
    """List every file that git keeps or would keep, so that a guard sees a file before its first commit too."""
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=TOP,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    files = tuple(sorted(TOP / name for name in set(listing.split("\0")) if name and (TOP / name).is_file()))
    if not files:
        msg = f"git names no file under {TOP}: there is nothing to guard"
        raise AssertionError(msg)
    return files


def kept(*suffixes: str) -> tuple[Path, ...]:
    """List the kept files with one of these suffixes; none at all fails the guard that asked."""
    files = tuple(place for place in kept_files() if place.suffix in suffixes)
    if not files:
        msg = f"no file ends in {suffixes}: there is nothing to guard"
        raise AssertionError(msg)
    return files


def name(place: Path) -> str:
    """Name a file as a reader of the repository would."""
    return place.relative_to(TOP).as_posix()
