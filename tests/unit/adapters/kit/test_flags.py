"""Every flag that an adapter can raise is explained."""

import ast

from adapters.kit.flags import FLAGS
from tests.support.tree import TOP


def raised() -> dict[str, str]:
    """Every constant that reads like a flag and is given to ``flags.add`` or as a ``flag`` argument."""
    found: dict[str, str] = {}
    for place in (TOP / "adapters").rglob("*.py"):
        for node in ast.walk(ast.parse(place.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            adds = (
                isinstance(node.func, ast.Attribute) and node.func.attr == "add" and "flags" in ast.unparse(node.func)
            )
            given = [*(node.args if adds else ()), *(word.value for word in node.keywords if word.arg == "flag")]
            for one in given:
                if isinstance(one, ast.Constant) and isinstance(one.value, str):
                    found[one.value] = f"{place.name}:{node.lineno}"
    return found


def test_every_flag_that_is_raised_has_words() -> None:
    found = raised()
    assert len(found) > 20
    assert {flag: place for flag, place in found.items() if flag not in FLAGS} == {}


def test_flags_are_codes_and_their_words_are_sentences() -> None:
    for flag, words in FLAGS.items():
        assert flag.replace(".", "").replace("_", "").isalnum()
        assert words.endswith(".")
