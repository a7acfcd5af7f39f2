"""What the pages tell a reader to type works, and shows what they say it shows."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.snippets import Block, blocks, pages
from tests.support.tree import TOP, name

ALL = [block for page in pages() for block in blocks(page)]
PAGES_THAT_RUN = sorted({block.page for block in ALL if block.is_marked and block.why_not is None})
TARGETS = set(re.findall(r"^([a-z][a-z-]*):", (TOP / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE))


def test_there_are_console_blocks_and_some_of_them_run() -> None:
    assert ALL
    assert "README.md" in PAGES_THAT_RUN


def test_every_console_block_is_run_or_says_why_not() -> None:
    assert not [f"{block.page}:{block.line}" for block in ALL if not block.is_marked]


def _environment(home: Path) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith("MASH_")}
    return {
        **kept,
        "PATH": f"{Path(sys.executable).parent}:{kept['PATH']}",
        "HOME": str(home),
        "COLUMNS": "120",
        "NO_COLOR": "1",
        "TERM": "dumb",
    }


def _plain(text: str) -> str:
    return " ".join(text.split())


def _run(block: Block, folder: Path, exported: list[str]) -> None:
    """Run a block's commands; what one exports holds for those that follow on the page."""
    for number, step in enumerate(block.steps):
        if step.command.startswith("export "):
            exported.append(step.command)
            continue
        ran = subprocess.run(
            ["bash", "-c", "\n".join([*exported, step.command])],
            cwd=folder,
            env=_environment(folder),
            check=False,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
        )
        said = ran.stdout + ran.stderr
        expected = block.exit_code if number == len(block.steps) - 1 else 0
        assert ran.returncode == expected, f"{block.page}:{block.line}: $ {step.command}\n{said}"
        for shown in step.shown:
            assert _plain(shown) in _plain(said), f"{block.page}:{block.line}: $ {step.command}\n{said}"


@pytest.mark.needs_mash
@pytest.mark.parametrize("page", PAGES_THAT_RUN)
def test_the_commands_of_a_page_work_in_the_order_in_which_they_stand(page: str, tmp_path: Path) -> None:
    exported: list[str] = []
    for block in (block for block in ALL if block.page == page and block.is_marked and block.why_not is None):
        _run(block, tmp_path, exported)


def test_every_make_target_that_a_page_names_is_there() -> None:
    named = {
        (name(page), target)
        for page in pages()
        for target in re.findall(r"(?:`|^\$ )make ([a-z][a-z-]*)", page.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert {"demo", "test"} <= {target for page, target in named if page == "README.md"}
    assert not {(page, target) for page, target in named if target not in TARGETS}


def test_every_link_within_the_repository_leads_somewhere() -> None:
    links = [
        (page, target)
        for page in pages()
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
        if "://" not in target and not target.startswith("mailto:")
    ]
    assert links
    assert not [f"{name(page)} -> {target}" for page, target in links if not (page.parent / target).exists()]


def test_every_path_in_the_readmes_map_of_folders_is_there() -> None:
    readme = (TOP / "README.md").read_text(encoding="utf-8")
    named = re.findall(r"^\| `([a-z._/-]+/)` \|", readme, flags=re.MULTILINE)
    assert named
    assert not [folder for folder in named if not (TOP / folder).is_dir()]
