"""Reads cases and base cases from YAML, and says where a file is wrong."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from broker.core.errors import MashError
from broker.runtimes.scenario_format import Bases, Case
from policies.engine.files import ROOT

SHIPPED = ROOT / "scenarios"
BASES_FILE = "bases.yaml"
LARGEST_FILE = 1_000_000
"""Bytes. A case is some kilobytes."""

M = TypeVar("M", bound=BaseModel)
V = TypeVar("V")


class ScenarioError(MashError):
    """A case cannot be run as it is written; no other case was run either."""

    codes: ClassVar[dict[str, str]] = {
        "scenario.unreadable": "A file of cases is missing, or is not UTF-8 YAML without repeated keys.",
        "scenario.invalid": "A case does not fit the format.",
        "scenario.unknown_name": "A case uses a name that nobody gave: a base, child, person, address or step.",
        "scenario.report_invalid": "What a case lets an agency send does not fit the contract of its event type.",
    }


def read_cases(path: Path | None = None) -> tuple[Case, ...]:
    """Read the cases of one file (several stand apart by ``---``), of a folder, or those that come with the package.

    Raises:
        ScenarioError: a file cannot be read or does not fit the format.
    """
    place = path if path is not None else SHIPPED
    files = sorted(p for p in place.glob("*.yaml") if p.name != BASES_FILE) if place.is_dir() else [place]
    cases = tuple(_fitting(Case, value, file) for file in files for value in _documents(file))
    if not cases:
        msg = f"{place.name} holds no case"
        raise ScenarioError(msg, code="scenario.unreadable", remedy="name a YAML file with a case in it")
    return cases


def read_bases(folder: Path = SHIPPED) -> Bases:
    """Read the names and base cases that every case may use.

    Raises:
        ScenarioError: the file cannot be read or does not fit the format.
    """
    file = folder / BASES_FILE
    for value in _documents(file):
        return _fitting(Bases, value, file)
    raise _unreadable(file)


def find(names: Mapping[str, V], name: str, *, what: str) -> V:
    """What ``name`` means.

    Raises:
        ScenarioError: nobody gave that name.
    """
    if name in names:
        return names[name]
    msg = f"nobody knows the {what} {name!r}"
    known = ", ".join(sorted(names))
    raise ScenarioError(
        msg,
        code="scenario.unknown_name",
        remedy=f"use one of: {known}" if known else "give the name in the case's cast",
    )


def where(error: ValidationError) -> str:
    """The first fault of ``error`` as a place and what is wrong there, without the value."""
    first = error.errors(include_url=False, include_input=False)[0]
    place = ".".join(str(part) for part in first["loc"])
    return f"{place or 'the whole'}: {first['msg']}"


def _documents(file: Path) -> list[Any]:
    try:
        if file.stat().st_size > LARGEST_FILE:
            raise _unreadable(file)
        text = file.read_text(encoding="utf-8")
        return [value for value in yaml.load_all(text, Loader=_PlainLoader) if value is not None]
    except (OSError, yaml.YAMLError, UnicodeDecodeError) as error:
        line = getattr(getattr(error, "problem_mark", None), "line", None)
        raise _unreadable(file, "" if line is None else f" (line {line + 1})") from error


def _fitting(model: type[M], value: object, file: Path) -> M:
    try:
        return model.model_validate(value)
    except ValidationError as error:
        name = value.get("case") if isinstance(value, dict) else None
        msg = f"{file.name}{f', case {name}' if name else ''}: {where(error)}"
        raise ScenarioError(
            msg, code="scenario.invalid", remedy="compare with policies/schemas/scenario.schema.json"
        ) from error


def _unreadable(file: Path, place: str = "") -> ScenarioError:
    return ScenarioError(
        f"{file.name} cannot be read{place}",
        code="scenario.unreadable",
        remedy="check that it is there, and UTF-8 YAML without repeated keys",
    )


class _PlainLoader(yaml.SafeLoader):
    """SafeLoader whose only words for yes and no are true and false, and to which a date is text; keys stand once."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002 - the base class's signature
        seen: set[object] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if key in seen:
                msg = f"the key {key!r} is repeated"
                raise yaml.constructor.ConstructorError(None, None, msg, key_node.start_mark)
            seen.add(key)
        return super().construct_mapping(node, deep=deep)


_PlainLoader.yaml_implicit_resolvers = {
    letter: [(tag, pattern) for tag, pattern in resolvers if tag.rpartition(":")[2] in {"null", "merge", "float"}]
    for letter, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_PlainLoader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(?:true|false)$"), list("tf"))
_PlainLoader.add_implicit_resolver(
    "tag:yaml.org,2002:int", re.compile("^(?:0|-?[1-9][0-9]{0,8})$"), list("-0123456789")
)
