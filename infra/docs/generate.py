"""Writes the reference pages that are made from the code, or with --check says which of them are stale."""

import sys
from collections.abc import Callable
from pathlib import Path

from infra.compose import generate as compose
from infra.docs import cases, commands, errors, settings

TOP = Path(__file__).resolve().parents[2]

PAGES: dict[str, Callable[[], str]] = {
    "docker-compose.yml": compose.text,
    "docs/reference/behaviour.md": cases.behaviour_page,
    "docs/reference/commands.md": commands.page,
    "docs/reference/errors.md": errors.page,
    "docs/reference/settings.md": settings.page,
    "policies/schemas/bases.schema.json": cases.bases_schema,
    "policies/schemas/scenario.schema.json": cases.case_schema,
}


def stale() -> list[str]:
    """Name the pages that differ from what the code says now."""
    return [
        name
        for name, page in PAGES.items()
        if not (TOP / name).is_file() or (TOP / name).read_text(encoding="utf-8") != page()
    ]


def write() -> list[str]:
    """Write the stale pages and name them."""
    changed = stale()
    for name in changed:
        (TOP / name).parent.mkdir(parents=True, exist_ok=True)
        (TOP / name).write_text(PAGES[name](), encoding="utf-8")
    return changed


def main() -> int:
    """Write, or only check; 1 where a check finds a stale page."""
    checking = "--check" in sys.argv[1:]
    changed = stale() if checking else write()
    for name in changed:
        print(f"{'stale' if checking else 'written'}: {name}{' (make generate)' if checking else ''}")
    return int(checking and bool(changed))


if __name__ == "__main__":
    sys.exit(main())
