"""On which line of which file a value stands."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import yaml

from policies.checks.finding import Location


@dataclass(frozen=True, slots=True)
class Written:
    """The files of one agreement as trees of what is written, each with its lines."""

    trees: tuple[tuple[str, yaml.MappingNode], ...]
    name: str

    @classmethod
    def read(cls, files: Iterable[Path], name: str) -> "Written":
        """Read them; they are YAML mappings, as has been checked. ``name``: of the whole, for what stands in none."""
        found = []
        for path in files:
            tree = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
            if isinstance(tree, yaml.MappingNode):
                found.append((path.name, tree))
        return cls(tuple(found), name)

    def place(self, at: Location) -> tuple[str, int]:
        """File and line, from 1, of the innermost part of ``at`` that is written; line 0 where nothing of it is."""
        for name, tree in self.trees:
            line = _line(tree, at)
            if line:
                return name, line
        return self.name, 0


def _line(tree: yaml.Node, at: Location) -> int:
    node, line = tree, 0
    for step in at:
        found = _step(node, step)
        if found is None:
            break
        node, line = found
    return line


def _step(node: yaml.Node, step: str | int) -> tuple[yaml.Node, int] | None:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == str(step):
                return value, key.start_mark.line + 1
    elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        item = node.value[step]
        return item, item.start_mark.line + 1
    return None
