"""Finding what the rules read of a question, and in which words, from opa's own syntax tree."""

import json
import re
from base64 import b64decode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from policies.opa import run_opa

Node = dict[str, Any]

EDGE = "mash.at_the_edge"
"""Decides in the agency, not in the exchange; nothing remembers what it said."""

FOLLOWED = ("data.mash.facts.moments", "data.mash.facts.recipient")
"""What rules derive from the question and others read by this name, as if it stood in the question."""

_ASSIGN = "assign"
_NAMES_AND_VALUES = frozenset({"var", "string", "number", "boolean", "null"})
_HIDES = re.compile(r"data(?:\.mash(?:\.facts)?)?(?:\[\].*)?")
"""What could be any of the followed names."""


@dataclass(frozen=True, slots=True, order=True)
class Read:
    """One place at which a rule reads a value of the question.

    ``path``: dotted, with ``[]`` for any element of a list. ``within``: package and the words around it. Not
    ``is_whole`` where the rule only goes through a list, one element after the other.
    """

    path: str
    within: str
    is_whole: bool = True


def reads(root: Path, sources: Sequence[str]) -> tuple[Read, ...]:
    """Everything that the rules under ``root`` read of a question, sorted; the edge's rules left out.

    Raises:
        OpaError: opa is missing or cannot read a file.
    """
    modules = [module for module in (_parsed(root, path) for path in _files(root, sources)) if module.package != EDGE]
    rules: dict[str, set[str]] = {}
    for module in modules:
        rules.setdefault(module.package, set()).update(module.rules)
    found: set[Read] = set()
    for module in modules:
        for rule in module.tree["rules"]:
            walk = _Walk(module.package, {**dict.fromkeys(rules[module.package]), **module.imports}, found)
            walk.rule(rule)
    return tuple(sorted(found))


@dataclass(frozen=True, slots=True)
class _Module:
    tree: Node

    @property
    def package(self) -> str:
        return ".".join(str(term["value"]) for term in self.tree["package"]["path"][1:])

    @property
    def imports(self) -> Mapping[str, str]:
        named = {}
        for each in self.tree.get("imports", ()):
            terms = [str(term["value"]) for term in each["path"]["value"]]
            named[each.get("alias") or terms[-1]] = ".".join(terms)
        return named

    @property
    def rules(self) -> Iterator[str]:
        for rule in self.tree["rules"]:
            yield str(rule["head"]["ref"][0]["value"])


def _files(root: Path, sources: Sequence[str]) -> Iterator[Path]:
    for source in sources:
        place = root / source
        found = sorted(place.rglob("*.rego")) if place.is_dir() else [place]
        yield from (path for path in found if not path.name.endswith("_test.rego"))


def _parsed(root: Path, path: Path) -> _Module:
    return _Module(json.loads(run_opa("parse", path, "--format", "json", "--json-include", "locations", cwd=root)))


def _text(node: Node) -> str:
    return " ".join(b64decode(node["location"]["text"]).decode().split())


@dataclass(slots=True)
class _Walk:
    """Goes through one rule. ``names``: what a bare name stands for; none: nothing of the question."""

    package: str
    names: dict[str, str | None]
    found: set[Read]

    def __post_init__(self) -> None:
        for name in [name for name, stands_for in self.names.items() if stands_for is None]:
            whole = f"data.{self.package}.{name}"
            self.names[name] = whole if whole in FOLLOWED else None

    def rule(self, rule: Node) -> None:
        """Go through head, body and whatever follows ``else``."""
        head = rule["head"]
        for argument in head.get("args", ()):
            self._forget(argument)
        self._body(rule.get("body", ()))
        for part in ("key", "value"):
            if isinstance(head.get(part), dict):
                self._term(head[part], _text(head))
        for term in head["ref"][1:]:
            self._term(term, _text(head))
        if rule.get("else"):
            self.rule(rule["else"])

    def _body(self, body: Sequence[Node]) -> None:
        for _ in body:  # in Rego the order of lines says nothing
            for line in body:
                self._name(line)
        for line in body:
            self._line(line)

    def _name(self, line: Node) -> None:
        """Learn what the variables of one line stand for."""
        terms = line["terms"]
        if isinstance(terms, dict) and "symbols" in terms:
            for symbol in terms["symbols"]:
                if symbol["type"] == "call":
                    *variables, group = symbol["value"][1:]
                    self._elements(variables, group)
        elif isinstance(terms, dict) and "domain" in terms:
            self._elements([terms["value"]], terms["domain"])
        elif isinstance(terms, list) and _operator(terms[0]) == _ASSIGN:
            self._forget(terms[1])
            if terms[1]["type"] == "var":
                self.names[terms[1]["value"]] = self._path(terms[2])

    def _elements(self, variables: Sequence[Node], group: Node) -> None:
        for variable in variables:
            self._forget(variable)
        path = self._path(group)
        if path is not None and variables[-1]["type"] == "var":
            self.names[variables[-1]["value"]] = f"{path}[]"

    def _forget(self, pattern: Node) -> None:
        if pattern["type"] == "var":
            self.names[pattern["value"]] = None
        elif pattern["type"] == "array":
            for each in pattern["value"]:
                self._forget(each)

    def _line(self, line: Node) -> None:
        terms, words = line["terms"], _text(line)
        for change in line.get("with", ()):
            self._with(change, words)
        if isinstance(terms, list):
            self._call(terms, words)
        elif "symbols" in terms:
            for symbol in (each for each in terms["symbols"] if each["type"] == "call"):
                self._through(symbol["value"][-1], words)
        elif "domain" in terms:
            self._through(terms["domain"], words)
            self._body(terms["body"])
        else:
            self._term(terms, words)

    def _call(self, terms: Sequence[Node], words: str) -> None:
        """A function or operator with what it is given; giving a value a name reads nothing yet."""
        if _operator(terms[0]) == _ASSIGN and self._path(terms[2]) is not None:
            self._brackets(terms[2])
            return
        for term in terms[1:]:
            self._term(term, words)

    def _with(self, change: Node, words: str) -> None:
        """``with input.candidate as candidate`` names an element and reads nothing of it."""
        target, path = _text(change["target"]), self._path(change["value"])
        if (target, path) != ("input.candidate", "candidates[]"):
            self._term(change["value"], words)

    def _through(self, group: Node, words: str) -> None:
        """Go through a list one element after the other."""
        path = self._path(group)
        if path is None:
            self._term(group, words)
            return
        self._add(path, words, is_whole=False)
        self._brackets(group)

    def _term(self, term: Node, words: str) -> None:
        path = self._path(term)
        if path is not None:
            self._add(path, words)
            self._brackets(term)
        elif term["type"] == "ref":
            self._brackets(term)
        elif term["type"].endswith("comprehension"):
            _Walk(self.package, dict(self.names), self.found).comprehension(term["value"], words)
        elif term["type"] not in _NAMES_AND_VALUES:
            for part, around in _within(term, words):
                self._term(part, around)

    def comprehension(self, parts: Node, words: str) -> None:
        """Go through the lines of a comprehension, then through what it gathers."""
        self._body(parts["body"])
        for part in ("key", "value", "term"):
            if part in parts:
                self._term(parts[part], words)

    def _brackets(self, term: Node) -> None:
        """What is read within the brackets of a reference is read in the words of that reference."""
        if term["type"] == "ref":
            first, *rest = term["value"]
            for each in rest if first["type"] == "var" else term["value"]:
                if each["type"] != "string":
                    self._term(each, _text(term))

    def _path(self, term: Node) -> str | None:
        """What a variable or reference names, if it is of the question."""
        if term["type"] == "var":
            return "input" if term["value"] == "input" else self.names.get(term["value"])
        if term["type"] != "ref":
            return None
        first, *rest = term["value"]
        if first["type"] != "var":
            return None
        steps = "".join(f".{each['value']}" if each["type"] == "string" else "[]" for each in rest)
        if first["value"] in {"input", "data"}:
            return _of_question(f"{first['value']}{steps}")
        start = self.names.get(first["value"])
        return None if start is None else _of_question(f"{start}{steps}")

    def _add(self, path: str, words: str, *, is_whole: bool = True) -> None:
        self.found.add(Read(path, f"{self.package.removeprefix('mash.')}: {words}", is_whole))


def _of_question(name: str) -> str | None:
    """The path within the question; a followed name as it is; none for the law, the agreements and other rules."""
    if name == "input.candidate" or name.startswith("input.candidate."):
        return name.replace("input.candidate", "candidates[]", 1)
    if name.startswith("input."):
        return name.removeprefix("input.")
    if name.startswith("data") and not name.startswith(FOLLOWED) and not _HIDES.fullmatch(name):
        return None
    return name


def _within(term: Node, words: str) -> Iterator[tuple[Node, str]]:
    """The parts of a term, each with the words around it.

    Raises:
        ValueError: it is of a kind that no rule may use, so what it reads cannot be told.
    """
    match term["type"]:
        case "call":
            yield from ((each, _text(term)) for each in term["value"][1:])
        case "array" | "set":
            yield from ((each, words) for each in term["value"])
        case "object":
            for key, value in term["value"]:
                yield from ((key, words), (value, f"{_text(key)}: {_text(value)}"))
        case kind:
            msg = f"a rule holds a {kind}, of which it cannot be told what it reads: {words}"
            raise ValueError(msg)


def _operator(term: Node) -> str:
    return ".".join(str(each["value"]) for each in term["value"]) if term["type"] == "ref" else ""
