"""A file that was read is kept sealed, and taken out of the inbox."""

import os
from collections.abc import Iterator
from pathlib import Path

from adapters.kit.agency import Agency
from adapters.kit.sealing import seal_stream, unseal_stream

_PURPOSE = "archive"


def archive_file(path: Path, *, agency: Agency, digest: str) -> Path:
    """Seal a file into the agency's archive; if it lay in the agency's inbox, take it out there.

    The same content is archived once. A file elsewhere is left where it is.
    """
    kept = agency.archive / f"{digest[:32]}.sealed"
    if not kept.exists():
        half = kept.with_suffix(".part")
        with path.open("rb") as source, half.open("wb") as target:
            seal_stream(agency.derived(_PURPOSE), source, target, kept.stem)
            target.flush()
            os.fsync(target.fileno())
        half.replace(kept)
    if agency.inbox in path.parents:
        path.unlink()
    return kept


def open_archived(kept: Path, *, agency: Agency) -> Iterator[bytes]:
    """The bytes of an archived file, piece by piece.

    Raises:
        QuarantineError: it does not open.
    """
    with kept.open("rb") as source:
        yield from unseal_stream(agency.derived(_PURPOSE), source, kept.stem)
