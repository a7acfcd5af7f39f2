"""The rules and their data as a bundle for an OPA server, which then answers as the engine in process does."""

import gzip
import io
import json
import tarfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from policies.engine.files import SOURCES

PACKAGE, RULE = "mash_served", "answer"
"""Where a server is asked: it gives the verdict and, in the same evaluation, the digest of the policy that gave it."""

_ASKED = f"""package {PACKAGE}

{RULE} := {{"verdict": data.mash.verdict, "digest": data.mash_policy.digest}}
"""


def bundle(root: Path, document: Mapping[str, Any], digest: str) -> bytes:
    """The bundle as a ``.tar.gz``; the same policy always gives the same bytes.

    ``root``: where the rules stand. ``digest``: names the policy; it stands in the data and is the bundle's revision.
    """
    data = {**document, "mash_policy": {"digest": digest}}
    manifest = {"revision": digest, "roots": [*sorted(data), "mash", PACKAGE]}
    members = {
        ".manifest": json.dumps(manifest).encode(),
        "data.json": json.dumps(data).encode(),
        f"{PACKAGE}.rego": _ASKED.encode(),
        **{place.relative_to(root).as_posix(): place.read_bytes() for place in _rules(root)},
    }
    written = io.BytesIO()
    with (
        gzip.GzipFile(fileobj=written, mode="wb", mtime=0) as zipped,
        tarfile.open(fileobj=zipped, mode="w") as archive,
    ):
        for name, content in sorted(members.items()):
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return written.getvalue()


def _rules(root: Path) -> Iterator[Path]:
    for source in SOURCES:
        place = root / source
        found = [place] if place.is_file() else sorted(place.rglob("*.rego"))
        yield from (each for each in found if not each.name.endswith("_test.rego"))
