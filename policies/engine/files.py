"""Reading agreements, law and catalogue from their YAML files."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from policies.engine.agreement import Agreement
from policies.engine.catalogue import Catalogue
from policies.engine.errors import PolicyFileError, not_built
from policies.engine.explanations import RuleTexts
from policies.engine.law import Law

ROOT = Path(__file__).resolve().parent.parent

SOURCES = ("entry.rego", "decide.rego", "basis.rego", "forms.rego", "edge.rego", "facts", "rules")
"""The rules, as files and folders of ROOT; their tests stand beside them."""

LARGEST_FILE = 1_000_000
"""Bytes. An agreement is some tens of kilobytes."""

YAML = frozenset({".yaml", ".yml"})
"""How the names of files end that are read."""

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class PolicyFiles:
    """Everything that people write, read and checked."""

    agreements: tuple[Agreement, ...]
    law: Law
    catalogue: Catalogue


class UnreadableFileError(ValueError):
    """A file is no YAML mapping that can be used: which, on which line (0: as a whole), and why."""

    def __init__(self, file: str, line: int, why: str) -> None:
        """Keep the parts apart."""
        super().__init__(f"{file}, line {line}: {why}" if line else f"{file}: {why}")
        self.file, self.line, self.why = file, line, why


def read_policy_files(root: Path = ROOT, agreements: Path | None = None) -> PolicyFiles:
    """Read and check every agreement, the law and the event catalogue under ``root``.

    ``agreements``: the folder of the agreements, where they are not those that come with the package.

    Raises:
        PolicyFileError: a file is missing, is not YAML, repeats a key or does not fit its schema.
    """
    return PolicyFiles(
        agreements=_agreements(agreements or root / "agreements"),
        law=_read(Law, root / "law"),
        catalogue=_read(Catalogue, root / "catalogue"),
    )


def read_rule_texts(root: Path = ROOT) -> RuleTexts:
    """What each reason code means, as it was generated from the rules.

    Raises:
        PolicyFileError: it is missing or unreadable (code ``policy.not_built``).
    """
    try:
        return RuleTexts.model_validate_json((root / "generated" / "catalogue.json").read_bytes())
    except (OSError, ValidationError) as error:
        raise not_built() from error


def agreements_in(folder: Path) -> tuple[Path, ...]:
    """Each agreement of a folder of agreements: a folder of YAML files, or one YAML file."""
    found = (path for path in folder.iterdir() if path.is_dir() or path.suffix in YAML) if folder.is_dir() else ()
    return tuple(sorted(path for path in found if not path.name.startswith(".")))


def files_of(path: Path) -> tuple[Path, ...]:
    """The YAML files of one agreement: those of a folder, or the one file itself."""
    if path.is_dir():
        return tuple(sorted(each for each in path.iterdir() if each.suffix in YAML and each.is_file()))
    return (path,) if path.is_file() else ()


def read_parts(path: Path) -> dict[str, object]:
    """What stands in the YAML files of ``path``, put together.

    Raises:
        UnreadableFileError: one is no UTF-8 YAML mapping, repeats a key, or repeats one of another file.
    """
    merged: dict[str, object] = {}
    for each in files_of(path):
        part = _read_mapping(each)
        for name in part:
            if name in merged:
                raise UnreadableFileError(each.name, 0, f"{name} already stands in another file of {path.name}")
        merged.update(part)
    return merged


def _agreements(folder: Path) -> tuple[Agreement, ...]:
    found: dict[str, Agreement] = {}
    for path in agreements_in(folder):
        agreement = _read(Agreement, path)
        if agreement.id in found:
            raise _invalid(path, f"the id {agreement.id} is another agreement's already")
        found[agreement.id] = agreement
    if not found:
        raise _invalid(folder, "it holds no agreement")
    return tuple(found.values())


def _read(model: type[M], path: Path) -> M:
    try:
        return model.model_validate(read_parts(path))
    except UnreadableFileError as error:
        raise _invalid(path, str(error)) from error
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise _invalid(path, f"{place or 'the whole'}: {first['msg']}") from error


def _read_mapping(path: Path) -> dict[str, object]:
    if path.stat().st_size > LARGEST_FILE:
        raise UnreadableFileError(path.name, 0, "it is larger than a megabyte")
    try:
        value = yaml.load(path.read_text(encoding="utf-8"), Loader=_UniqueKeyLoader)  # noqa: S506 - it extends SafeLoader
    except UnicodeDecodeError as error:
        raise UnreadableFileError(path.name, 0, "it is not UTF-8") from error
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark is not None else 0
        raise UnreadableFileError(path.name, line, f"it is no YAML: {error.problem or error}") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise UnreadableFileError(path.name, 0, "it is no YAML that can be read") from error
    if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
        raise UnreadableFileError(path.name, 0, "it is not a list of names, each with a value")
    return value


def _invalid(path: Path, why: str) -> PolicyFileError:
    return PolicyFileError(
        f"{path.parent.name}/{path.name} cannot be used",
        code="policy.file_invalid",
        path=why,
        remedy="correct the file; for an agreement mash agreement check names every fault and its line",
    )


if TYPE_CHECKING:
    _Loader = yaml.SafeLoader
else:  # the same in C where PyYAML has it: every command reads these files
    _Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _UniqueKeyLoader(_Loader):
    """SafeLoader that refuses a key written twice, where YAML would let the last one win.

    A day that is none stays as it is written, for whoever checks the whole to name its place.
    """

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[object, object]:  # noqa: FBT001, FBT002 - the signature of PyYAML
        keys: Iterable[object] = [self.construct_object(key, deep=True) for key, _ in node.value]
        seen: set[object] = set()
        for key in keys:
            if key in seen:
                msg = f"the key {key!r} is repeated"
                raise yaml.constructor.ConstructorError(None, None, msg, node.start_mark)
            seen.add(key)
        return super().construct_mapping(node, deep=deep)


def _day_or_what_is_written(loader: _UniqueKeyLoader, node: yaml.ScalarNode) -> object:
    try:
        return loader.construct_yaml_timestamp(node)
    except ValueError:
        return node.value


_UniqueKeyLoader.add_constructor("tag:yaml.org,2002:timestamp", _day_or_what_is_written)
