"""Finding and running the opa binary, which compiles, checks and tests the rules."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import ClassVar

from contracts.errors import ContractError

VERSION = "1.22.2"
"""The release whose compiler wrote the committed module."""


class OpaError(ContractError):
    """The opa binary is missing or refused the rules."""

    codes: ClassVar[dict[str, str]] = {
        "opa.not_found": "The opa binary was not found.",
        "opa.failed": "The opa binary refused the rules.",
    }


def find_opa() -> Path:
    """Where opa is: ``MASH_OPA``, then PATH, then ``build/bin/opa``.

    Raises:
        OpaError: nowhere (code ``opa.not_found``).
    """
    named = os.environ.get("MASH_OPA")
    found = named or shutil.which("opa") or _built()
    if found is None:
        msg = "the opa binary was not found"
        raise OpaError(
            msg,
            code="opa.not_found",
            remedy=f"install opa {VERSION}, put it on PATH or name it in MASH_OPA",
        )
    return Path(found)


def run_opa(*arguments: str | Path, cwd: Path) -> str:
    """Run opa in ``cwd`` and give what it wrote.

    Raises:
        OpaError: it is missing, or ended with an error (code ``opa.failed``); the message holds what it said.
    """
    command = [str(find_opa()), *(str(argument) for argument in arguments)]
    ended = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, timeout=600)  # noqa: S603 - our own arguments, no shell
    if ended.returncode != 0:
        said = (ended.stderr or ended.stdout).strip()
        msg = f"opa {arguments[0]} failed:\n{said}"
        raise OpaError(msg, code="opa.failed", remedy="correct the rules")
    return ended.stdout


def _built() -> str | None:
    built = Path("build/bin/opa")
    return str(built.resolve()) if built.is_file() else None
