"""Reading the rules' own documentation, and finding what it lacks."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from policies.engine.explanations import Reference, RuleText, RuleTexts
from policies.opa import run_opa

NEEDED = ("title", "description", "related_resources", "custom")
NEEDED_CUSTOM = ("owner", "effective_from", "codes")
REFUSING = frozenset({"bar", "ask"})


class MetadataGapError(ValueError):
    """A rule's documentation lacks something, or two rules explain the same code differently."""


def annotations(root: Path, sources: Sequence[str]) -> list[dict[str, Any]]:
    """The package annotations of every rule file, as opa reads them."""
    listing = json.loads(run_opa("inspect", "--annotations", "--format", "json", root, cwd=root))
    wanted = tuple(str(source) for source in sources)
    return [
        found
        for found in listing["annotations"]
        if found["annotations"].get("scope") == "package"
        and not str(found["location"]["file"]).endswith("_test.rego")
        and _is_under(str(found["location"]["file"]), root, wanted)
    ]


def rule_texts(root: Path, sources: Sequence[str]) -> RuleTexts:
    """What each code means, from the metadata of every rule.

    Raises:
        MetadataGapError: a field is missing, or a code is explained twice.
    """
    texts = [text for found in annotations(root, sources) for text in _texts(found)]
    repeated = [code for code, times in Counter(text.code for text in texts).items() if times > 1]
    if repeated:
        msg = f"explained more than once: {', '.join(sorted(repeated))}"
        raise MetadataGapError(msg)
    return RuleTexts(codes=tuple(sorted(texts, key=lambda text: text.code)))


def _texts(found: dict[str, Any]) -> Iterator[RuleText]:
    meta = found["annotations"]
    package = ".".join(str(part["value"]) for part in found["path"][1:])
    if package == "mash":
        return
    custom = meta.get("custom", {})
    gaps = [name for name in NEEDED if not meta.get(name)] + [name for name in NEEDED_CUSTOM if not custom.get(name)]
    if gaps:
        msg = f"{package} lacks {', '.join(gaps)}"
        raise MetadataGapError(msg)
    for code in custom["codes"]:
        _check_code(package, code)
        yield RuleText(
            code=code["code"],
            kind=tuple(code["kind"]),
            message=code["message"],
            would_allow=code.get("would_allow", ""),
            forbids=code.get("forbids", False),
            visibility=code.get("visibility", {}),
            rule=package.rpartition(".")[2],
            title=meta["title"],
            description=meta["description"],
            owner=custom["owner"],
            effective_from=str(custom["effective_from"])[:10],
            references=tuple(Reference(description=r["description"], ref=r["ref"]) for r in meta["related_resources"]),
        )


def _check_code(package: str, code: dict[str, Any]) -> None:
    missing = [name for name in ("code", "kind", "message") if not code.get(name)]
    if REFUSING & set(code.get("kind", ())) and not code.get("would_allow"):
        missing.append("would_allow")
    if missing:
        msg = f"{package}: {code.get('code', 'a code')} lacks {', '.join(missing)}"
        raise MetadataGapError(msg)


def _is_under(file: str, root: Path, sources: tuple[str, ...]) -> bool:
    inside = Path(file).resolve().relative_to(root.resolve()) if Path(file).is_absolute() else Path(file)
    return str(inside).startswith(sources)
