"""Compiles the rules and writes everything generated from them; with ``--check`` compares instead of writing."""

import argparse
import json
import sys
import tarfile
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from contracts.base import Model
from policies.engine.agreement import Agreement
from policies.engine.catalogue import Catalogue
from policies.engine.document import data_document
from policies.engine.explanations import RuleText, RuleTexts
from policies.engine.files import ROOT, SOURCES, read_policy_files
from policies.engine.law import Law
from policies.keyed import check_reads
from policies.metadata import rule_texts
from policies.opa import run_opa
from policies.reads import reads
from policies.reference import rules_page

REFERENCE = ROOT.parent / "docs" / "reference" / "rules.md"

REMOVED = frozenset({
    "abs", "ceil", "div", "floor", "minus", "mul", "plus", "rem", "round", "sum", "product", "to_number",
    "format_int", "numbers.range", "numbers.range_step", "object.get", "all", "any", "set_diff", "indexof_n",
})  # fmt: skip
"""Builtins that the engines do differently, or that blur what a rule reads."""

KEPT_PREFIXES = ("array.", "object.", "is_", "internal.member_", "strings.replace_n", "strings.reverse")

KEPT = frozenset({
    "and", "assign", "concat", "contains", "count", "endswith", "eq", "equal", "gt", "gte", "indexof",
    "intersection", "lower", "lt", "lte", "max", "min", "neq", "or", "replace", "sort", "split", "startswith",
    "substring", "trim", "trim_left", "trim_prefix", "trim_right", "trim_space", "trim_suffix", "type_name",
    "union", "upper",
})  # fmt: skip

NOT_PORTABLE = frozenset({"object.subset", "object.union_n"})


def main(arguments: Sequence[str] | None = None) -> int:
    """Write or check what is generated. Exit code 0: all is as it should be; 1: something differs."""
    parser = argparse.ArgumentParser(prog="python -m policies.build", description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare with what is committed, write nothing")
    parser.add_argument("--data", type=Path, help="also write the rules' data document to this file")
    options = parser.parse_args(arguments)
    generated = generate()
    if options.data:
        options.data.write_text(json.dumps(document()), encoding="utf-8")
    if options.check:
        differing = [path for path, content in generated.items() if _committed(path) != content]
        for path in differing:
            sys.stderr.write(
                f"{path.relative_to(ROOT.parent)} is not what the rules generate: run python -m policies.build\n"
            )
        return 1 if differing else 0
    for path, content in generated.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return 0


def generate() -> dict[Path, bytes]:
    """Every generated file with its content: the module, the catalogue, the schemas, the reference page.

    Raises:
        OutsideKeyError: a rule reads what the key of remembered verdicts leaves out.
    """
    check_reads(reads(ROOT, SOURCES))
    capabilities = _pretty(portable_capabilities())
    texts = rule_texts(ROOT, SOURCES)
    return {
        ROOT / "capabilities.json": capabilities,
        ROOT / "wasm" / "policy.wasm": compile_module(capabilities),
        ROOT / "generated" / "catalogue.json": _pretty(texts.model_dump(mode="json")),
        ROOT / "schemas" / "agreement.schema.json": _pretty(_of_one_file(Agreement)),
        ROOT / "schemas" / "law.schema.json": _pretty(_of_one_file(Law)),
        ROOT / "schemas" / "events.schema.json": _pretty(_of_one_file(Catalogue)),
        REFERENCE: rules_page(texts, read_policy_files().law).encode(),
    }


def document() -> dict[str, Any]:
    """The rules' data document, from the files as they stand."""
    return data_document(read_policy_files(), rule_texts(ROOT, SOURCES))


def portable_capabilities() -> dict[str, Any]:
    """What the rules may use: opa's own capabilities without what differs between engines or reaches outside."""
    whole = json.loads(run_opa("capabilities", "--current", cwd=ROOT))
    return {
        "builtins": [builtin for builtin in whole["builtins"] if _is_portable(builtin["name"])],
        "features": ["rego_v1"],
        "future_keywords": ["and", "not", "or"],
        "allow_net": [],
    }


def compile_module(capabilities: bytes) -> bytes:
    """The rules as WebAssembly; the same rules always give the same bytes."""
    with tempfile.TemporaryDirectory() as folder:
        bundle = Path(folder) / "bundle.tar.gz"
        limits = Path(folder) / "capabilities.json"
        limits.write_bytes(capabilities)
        run_opa("check", "--strict", "--capabilities", limits, "--ignore", "*_test.rego", *SOURCES, cwd=ROOT)
        run_opa(
            "build", "--target", "wasm", "--entrypoint", "mash/verdict", "--entrypoint", "mash/edge",
            "--ignore", "*_test.rego", "--output", bundle, *SOURCES, cwd=ROOT,
        )  # fmt: skip
        with tarfile.open(bundle) as archive:
            module = archive.extractfile("/policy.wasm")
            if module is None:  # pragma: no cover - opa always writes it
                msg = "the bundle holds no module"
                raise FileNotFoundError(msg)
            return module.read()


def explained(texts: RuleTexts) -> Mapping[str, RuleText]:
    """The texts by code."""
    return {text.code: text for text in texts.codes}


def _of_one_file(model: type[Model]) -> dict[str, Any]:
    """The schema of one file of a folder: any of the whole's keys may stand in another file."""
    schema = model.model_json_schema(by_alias=True)
    return {key: value for key, value in schema.items() if key != "required"}


def _is_portable(name: str) -> bool:
    if name in REMOVED or name in NOT_PORTABLE:
        return False
    return name in KEPT or name.startswith(KEPT_PREFIXES)


def _pretty(value: Any) -> bytes:
    return (json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False) + "\n").encode()


def _committed(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None


if __name__ == "__main__":
    sys.exit(main())
