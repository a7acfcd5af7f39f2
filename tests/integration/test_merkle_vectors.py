"""The published cases of transparency-dev/merkle, right and wrong ones, read where they lie."""

import base64
import json
from collections import Counter
from pathlib import Path
from typing import Any

from broker.core import tree
from tests.support.shared_material import shared


def _bytes(text: str | None) -> bytes:
    return base64.b64decode(text or "")


def _proof(case: dict[str, Any]) -> list[bytes]:
    return [_bytes(each) for each in case["proof"] or ()]


def _inclusion(case: dict[str, Any]) -> None:
    tree.verify_inclusion(
        index=case["leafIdx"],
        size=case["treeSize"],
        leaf=_bytes(case["leafHash"]),
        proof=_proof(case),
        root=_bytes(case["root"]),
    )


def _subtree_inclusion(case: dict[str, Any]) -> None:
    tree.verify_subtree_inclusion(
        index=case["leafIdx"],
        subtree=(case["start"], case["end"]),
        leaf=_bytes(case["leafHash"]),
        proof=_proof(case),
        root=_bytes(case["root"]),
    )


def _consistency(case: dict[str, Any]) -> None:
    tree.verify_consistency(
        old=case["size1"],
        old_root=_bytes(case["root1"]),
        size=case["size2"],
        root=_bytes(case["root2"]),
        proof=_proof(case),
    )


def _subtree_consistency(case: dict[str, Any]) -> None:
    tree.verify_subtree_consistency(
        subtree=(case["start"], case["end"]),
        subtree_root=_bytes(case["root1"]),
        size=case["size"],
        root=_bytes(case["root2"]),
        proof=_proof(case),
    )


VERIFIERS = {
    "inclusion": _inclusion,
    "subtreeinclusion": _subtree_inclusion,
    "consistency": _consistency,
    "subtreeconsistency": _subtree_consistency,
}


def _is_refused(kind: str, case: dict[str, Any]) -> bool:
    try:
        VERIFIERS[kind](case)
    except tree.ProofError:
        return True
    return False


def test_every_published_case_is_accepted_or_refused_as_it_says() -> None:
    folder: Path = shared("vectors/merkle") / "testdata"
    seen: Counter[str] = Counter()
    wrong = []
    for file in sorted(folder.rglob("*.json")):
        kind = file.relative_to(folder).parts[0]
        case = json.loads(file.read_text(encoding="utf-8"))
        seen[kind] += 1
        if _is_refused(kind, case) is not case["wantErr"]:
            wrong.append(str(file.relative_to(folder)))
    assert wrong == []
    assert seen.total() >= 500, seen
    assert set(seen) == set(VERIFIERS)
