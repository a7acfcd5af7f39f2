"""Finds the reference material that lies beside the checkout: fixtures, vectors, specifications."""

import os
import warnings
from functools import cache
from pathlib import Path

import pytest

BESIDE = Path(__file__).resolve().parents[3] / "shared"


class SharedMaterialMissingWarning(UserWarning):
    """A test could not run because the reference material is not beside the checkout."""


def shared(path: str = "") -> Path:
    """Give the place of a file or folder of the reference material.

    Absent on a developer's machine, the test is skipped with a warning and a line in the summary. Absent where ``CI``
    is ``true``, the test fails: a check that quietly did not run looks the same as one that passed.

    Args:
        path: relative to the material's top, such as ``vectors/merkle``.
    """
    place = BESIDE / path
    if place.exists():
        return place
    message = f"reference material {path or 'shared'} is not beside the checkout"
    if os.environ.get("CI") == "true":
        pytest.fail(message, pytrace=False)
    warnings.warn(message, SharedMaterialMissingWarning, stacklevel=2)
    pytest.skip(message)


@cache
def shared_files(folder: str, pattern: str = "*") -> tuple[Path, ...]:
    """List the files under a folder of the reference material, for parametrising; empty when it is absent.

    A test that is parametrised by this also calls ``shared(folder)``, so that an absence is said aloud.
    """
    top = BESIDE / folder
    return tuple(sorted(place for place in top.rglob(pattern) if place.is_file())) if top.is_dir() else ()
