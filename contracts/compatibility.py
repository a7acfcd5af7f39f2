"""Fail on a breaking change to a published version: ``python -m contracts.compatibility OLD NEW``."""

import json
import subprocess
import sys
from pathlib import Path
from typing import ClassVar

from contracts.errors import ContractError
from contracts.publishing.compare import Library, breaks

SCHEMAS = "contracts/schemas"
PUBLISHED = "contracts/published"
_USAGE = """\
usage: python -m contracts.compatibility OLD NEW
       python -m contracts.compatibility --publish VERSION

OLD and NEW are folders of schemas, files of contracts/published, or git:REVISION for what is committed there. Prints
each breaking change. --publish keeps today's schemas as those of VERSION, which every later one is held to.
Exit code 0: none; 1: some; 2: a version cannot be read."""


class UnreadableVersionError(ContractError):
    """A folder or revision holds no schemas."""

    codes: ClassVar[dict[str, str]] = {
        "compatibility.unreadable": "A version of the schemas to compare is missing or cannot be read."
    }


def read_version(where: str, *, tree: Path = Path()) -> Library:
    """Read the schemas of a folder, or of ``git:REVISION`` in the checkout at ``tree``.

    Raises:
        UnreadableVersionError: there are none, or they are not JSON.
    """
    schemas: Library
    try:
        if where.endswith(".json"):
            schemas = json.loads((tree / where).read_text(encoding="utf-8"))
        else:
            git = where.startswith("git:")
            texts = _from_git(where.removeprefix("git:"), tree) if git else _from_folder(tree / where)
            schemas = {name: json.loads(text) for name, text in texts.items()}
    except (OSError, ValueError, subprocess.CalledProcessError) as error:
        raise _unreadable(where, f"it cannot be read ({type(error).__name__})") from error
    if not schemas:
        raise _unreadable(where, "it holds no schemas")
    return schemas


def publish(version: str, *, tree: Path = Path()) -> Path:
    """Keep the schemas of ``tree`` as those of ``version``; what was published is never written again.

    Raises:
        UnreadableVersionError: there are no schemas, or that version is published already.
    """
    kept = tree / PUBLISHED / f"{version}.json"
    if kept.exists():
        raise _unreadable(version, "it is published already")
    kept.parent.mkdir(exist_ok=True)
    content = json.dumps(read_version(SCHEMAS, tree=tree), separators=(",", ":"), sort_keys=True, ensure_ascii=False)
    kept.write_text(content + "\n", encoding="utf-8")
    return kept


def main(arguments: list[str]) -> int:
    """Compare two versions; 0 when nobody who relies on the older breaks."""
    if arguments[:1] == ["--publish"] and len(arguments) == 2:  # noqa: PLR2004 - the flag and the version
        return _publish(arguments[1])
    if len(arguments) != 2:  # noqa: PLR2004 - the older and the newer
        sys.stderr.write(f"{_USAGE}\n")
        return 2
    try:
        old, new = (read_version(where) for where in arguments)
    except UnreadableVersionError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    found = breaks(old, new)
    sys.stdout.writelines(f"{change}\n" for change in found)
    if found:
        sys.stderr.write("Publish the change as the next version beside this one, or take it back.\n")
    return 1 if found else 0


def _publish(version: str) -> int:
    try:
        sys.stdout.write(f"{publish(version)}\n")
    except UnreadableVersionError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


def _unreadable(where: str, why: str) -> UnreadableVersionError:
    msg = f"{where} cannot be compared: {why}"
    return UnreadableVersionError(
        msg, code="compatibility.unreadable", remedy="name a folder of schemas, or git:REVISION of this checkout"
    )


def _from_folder(folder: Path) -> dict[str, str]:
    return {path.stem: path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.json"))}


def _from_git(revision: str, tree: Path) -> dict[str, str]:
    paths = _git(tree, "ls-tree", "--name-only", revision, f"{SCHEMAS}/").split()
    return {Path(path).stem: _git(tree, "show", f"{revision}:{path}") for path in paths}


def _git(tree: Path, *arguments: str) -> str:
    return subprocess.run(  # noqa: S603 - our own command
        ["git", "-C", str(tree), *arguments],  # noqa: S607 - wherever git is
        check=True,
        capture_output=True,
        text=True,
        encoding="utf-8",
    ).stdout


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
