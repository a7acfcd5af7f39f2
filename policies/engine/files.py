"""Reading agreements, law and catalogue from their YAML files."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from policies.engine.agreement import Agreement
from policies.engine.catalogue import Catalogue
from policies.engine.errors import PolicyFileError
from policies.engine.law import Law

ROOT = Path(__file__).resolve().parent.parent

SOURCES = ("entry.rego", "decide.rego", "basis.rego", "forms.rego", "edge.rego", "facts", "rules")
"""The rules, as files and folders of ROOT; their tests stand beside them."""

LARGEST_FILE = 1_000_000
"""Bytes. An agreement is some tens of kilobytes."""

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class PolicyFiles:
    """Everything that people write, read and checked."""

    agreements: tuple[Agreement, ...]
    law: Law
    catalogue: Catalogue


def read_policy_files(root: Path = ROOT) -> PolicyFiles:
    """Read and check every agreement, the law and the event catalogue under ``root``.

    Raises:
        PolicyFileError: a file is missing, is not YAML, repeats a key or does not fit its schema.
    """
    folders = sorted(path for path in (root / "agreements").iterdir() if path.is_dir())
    return PolicyFiles(
        agreements=tuple(_read(Agreement, folder) for folder in folders),
        law=_read(Law, root / "law"),
        catalogue=_read(Catalogue, root / "catalogue"),
    )


def _read(model: type[M], folder: Path) -> M:
    merged: dict[str, object] = {}
    for path in sorted(folder.glob("*.yaml")):
        part = _read_mapping(path)
        repeated = merged.keys() & part.keys()
        if repeated:
            raise _invalid(path, f"{', '.join(sorted(repeated))} already stands in another file of {folder.name}")
        merged.update(part)
    try:
        return model.model_validate(merged)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise _invalid(folder, f"{place or 'the whole'}: {first['msg']}") from error


def _read_mapping(path: Path) -> dict[str, object]:
    if path.stat().st_size > LARGEST_FILE:
        raise _invalid(path, "it is larger than a megabyte")
    try:
        value = yaml.load(path.read_text(encoding="utf-8"), Loader=_UniqueKeyLoader)  # noqa: S506 - it extends SafeLoader
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise _invalid(path, "it is not UTF-8 YAML without repeated keys") from error
    if not isinstance(value, dict):
        raise _invalid(path, "it is not a mapping")
    return value


def _invalid(path: Path, why: str) -> PolicyFileError:
    return PolicyFileError(
        f"{path.parent.name}/{path.name} cannot be used",
        code="policy.file_invalid",
        path=why,
        remedy="correct the file; its JSON Schema stands in policies/schemas",
    )


if TYPE_CHECKING:
    _Loader = yaml.SafeLoader
else:  # the same in C where PyYAML has it: every command reads these files
    _Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _UniqueKeyLoader(_Loader):
    """SafeLoader that refuses a key written twice, where YAML would let the last one win."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[object, object]:  # noqa: FBT001, FBT002 - the signature of PyYAML
        keys: Iterable[object] = [self.construct_object(key, deep=True) for key, _ in node.value]
        seen: set[object] = set()
        for key in keys:
            if key in seen:
                msg = f"the key {key!r} is repeated"
                raise yaml.constructor.ConstructorError(None, None, msg, node.start_mark)
            seen.add(key)
        return super().construct_mapping(node, deep=deep)
