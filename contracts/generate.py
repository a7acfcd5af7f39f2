"""Write the published forms of the contracts: ``python -m contracts.generate [--check]``."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path

from contracts.publishing.asyncapi import asyncapi
from contracts.publishing.json_schema import schemas
from contracts.publishing.tables import events_page

TOP = Path(__file__).resolve().parent.parent
SCHEMAS = Path("contracts/schemas")


def generated() -> Mapping[Path, str]:
    """Give every generated file's content by its path from the top of the tree."""
    published = schemas()
    return {
        **{SCHEMAS / f"{name}.json": write_schema(schema) for name, schema in published.items()},
        Path("contracts/asyncapi.yaml"): asyncapi(),
        Path("docs/reference/events.md"): events_page(published),
    }


def write_schema(schema: object) -> str:
    """Write a schema as it is committed."""
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def stale(top: Path = TOP) -> tuple[Path, ...]:
    """Give the files that differ from what would be generated, or that nothing generates any more."""
    wanted = generated()
    present = {path.relative_to(top) for path in (top / SCHEMAS).glob("*.json")}
    differing = [path for path, content in wanted.items() if not _holds(top / path, content)]
    return tuple(sorted({*differing, *(present - wanted.keys())}))


def write(top: Path = TOP) -> tuple[Path, ...]:
    """Write what differs, remove what is left over, and give both."""
    wanted = generated()
    changed = stale(top)
    for path in changed:
        if path not in wanted:
            (top / path).unlink()
            continue
        (top / path).parent.mkdir(parents=True, exist_ok=True)
        (top / path).write_text(wanted[path], encoding="utf-8")
    return changed


def main(arguments: list[str]) -> int:
    """Write, or with ``--check`` only compare; 0 when everything is, or was, as generated."""
    if arguments not in ([], ["--check"]):
        print("usage: python -m contracts.generate [--check]", file=sys.stderr)
        return 2
    if arguments == ["--check"]:
        for path in stale():
            print(f"{path} is not as generated; run python -m contracts.generate", file=sys.stderr)
        return 1 if stale() else 0
    for path in write():
        print(path)
    return 0


def _holds(path: Path, content: str) -> bool:
    return path.is_file() and path.read_text(encoding="utf-8") == content


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
