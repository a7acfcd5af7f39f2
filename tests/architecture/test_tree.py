"""What no file of the repository may hold, and what each must."""

import ast
import hashlib
import re
from pathlib import Path

from tests.support.shared_material import shared, shared_files
from tests.support.tree import PACKAGES, SUFFIXES_READ_AS_TEXT, TOP, kept, kept_files, name

LONGEST = {".py": 400, ".rego": 120, ".jinja": 400, ".html": 400, ".css": 400, ".js": 400}
LONGEST_FUNCTION = 40
LARGEST_FILE = 512 * 1024
GENERATED_AND_LARGE = {"policies/wasm/policy.wasm"}


def _text(place: Path) -> str:
    return place.read_text(encoding="utf-8", errors="replace")


def _lines_that_match(pattern: re.Pattern[str], *, but: frozenset[str] = frozenset()) -> list[str]:
    files = [place for place in kept_files() if place.suffix in SUFFIXES_READ_AS_TEXT and name(place) not in but]
    assert files
    return [
        f"{name(place)}:{number}: {line.strip()[:100]}"
        for place in files
        for number, line in enumerate(_text(place).splitlines(), start=1)
        if pattern.search(line)
    ]


def test_no_file_outgrows_its_one_reason_to_change() -> None:
    long = {
        name(place): lines
        for place in kept(*LONGEST)
        if (lines := len(_text(place).splitlines())) > LONGEST[place.suffix]
    }
    assert not long


def _body_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Count a function's lines without its signature and its docstring: a promise may be as long as it needs."""
    body = function.body[1:] if ast.get_docstring(function, clean=False) is not None else function.body
    return (function.end_lineno or 0) - body[0].lineno + 1 if body else 0


def test_no_function_outgrows_one_screen() -> None:
    long = {
        f"{name(place)}:{node.lineno} {node.name}": lines
        for place in kept(".py")
        for node in ast.walk(ast.parse(_text(place)))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and (lines := _body_lines(node)) > LONGEST_FUNCTION
    }
    assert not long


def test_nothing_is_left_unfinished_in_the_tree() -> None:
    mark = re.compile(r"\b(" + "|".join(["TO" + "DO", "FIX" + "ME", "X" * 3, "NotImplemented" + "Error"]) + r")\b")
    assert not _lines_that_match(mark)


def test_no_file_names_a_machine_path_or_a_package_index() -> None:
    paths = r"(?<![\w.$}])/(?:root|work|opt/(?:v|bin|wheels)|Users/\w+|home/[a-z]\w*|tmp/\w+)(?:/|\b)"
    hosts = "|".join(
        re.escape(f"{host}.{domain}")
        for host, domain in [
            ("pypi", "org"),
            ("files.pythonhosted", "org"),
            ("registry.npmjs", "org"),
            ("proxy.golang", "org"),
            ("sum.golang", "org"),
            ("crates", "io"),
            ("repo1.maven", "org"),
            ("repo.maven.apache", "org"),
            ("deb.debian", "org"),
        ]
    )
    options = "--(?:extra-)?" + "index-url|--find-" + r"links\b"
    allowed = frozenset({"infra/local/lock.sh", "tests/architecture/test_tree.py"})
    assert not _lines_that_match(re.compile(f"{paths}|{hosts}|{options}"), but=allowed)


def test_no_lock_names_an_address_and_every_pin_has_a_hash() -> None:
    locks = sorted((TOP / "requirements").glob("*.txt"))
    assert locks
    for lock in locks:
        text = _text(lock)
        pins = re.findall(r"^[\w.-]+(?:\[[\w,]+\])?==\S+.*?(?=^\S|\Z)", text, flags=re.MULTILINE | re.DOTALL)
        assert pins, name(lock)
        assert all("--hash=sha256:" in pin for pin in pins), name(lock)
        assert "://" not in text, name(lock)


def test_no_private_key_lies_in_the_tree() -> None:
    assert not _lines_that_match(re.compile("-----BEGIN [A-Z ]*" + "PRIVATE KEY"))


def _is_nhs_number(digits: str) -> bool:
    check = 11 - sum(int(digit) * weight for digit, weight in zip(digits, range(10, 1, -1), strict=False)) % 11
    return check % 11 == int(digits[9])


def test_every_nhs_number_in_the_tree_is_in_the_test_range() -> None:
    number = re.compile(r"(?<![\d.a-fA-F-])([4679]\d{2})[ -]?(\d{3})[ -]?(\d{4})(?![\d.a-fA-F])")
    found, real = 0, []
    for place in kept_files():
        if place.suffix not in {".csv", ".hl7", ".json", ".md", ".py", ".rego", ".xml", ".yaml", ".yml"}:
            continue
        for match in number.finditer(_text(place)):
            digits = "".join(match.groups())
            if _is_nhs_number(digits):
                found += 1
                if not digits.startswith("999"):
                    real.append(f"{name(place)}: {digits[:3]}...")
    assert found, "no NHS number was found: there is nothing to guard"
    assert not real


def _raises_again(handler: ast.ExceptHandler) -> bool:
    """Whether the handler only tidies up: its last statement raises what it caught."""
    last = handler.body[-1]
    return isinstance(last, ast.Raise) and last.exc is None


def test_only_the_outermost_layer_catches_everything() -> None:
    broad = [
        f"{name(place)}:{node.lineno}"
        for place in kept(".py")
        if not name(place).startswith(("broker/runtimes/", "broker/web/app.py"))
        for node in ast.walk(ast.parse(_text(place)))
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or (isinstance(node.type, ast.Name) and node.type.id in {"Exception", "BaseException"}))
        and not _raises_again(node)
    ]
    assert not broad


def test_every_lint_rule_that_is_switched_off_in_a_line_says_why() -> None:
    switch = re.compile(r"#\s*(?:noqa: [A-Z0-9]+(?:, ?[A-Z0-9]+)*|type: ignore\[[^]]*\]|noqa|type: ignore)(?P<why>.*)$")
    silent = [
        f"{name(place)}:{number}"
        for place in kept(".py")
        if name(place).split("/")[0] in (*PACKAGES, "infra")
        for number, line in enumerate(_text(place).splitlines(), start=1)
        if (found := switch.search(line))
        and "re.compile" not in line
        and len(found["why"].strip(" -#:")) < len("2**63")
    ]
    assert not silent


def test_no_file_is_too_large_to_review() -> None:
    large = {name(place): size for place in kept_files() if (size := place.stat().st_size) > LARGEST_FILE}
    assert not set(large) - GENERATED_AND_LARGE


def test_nothing_is_copied_from_the_reference_material() -> None:
    shared("fixtures")
    theirs = {
        hashlib.sha256(place.read_bytes()).hexdigest(): place.name
        for folder in ("fixtures", "vectors", "specs", "domain", "formats", "design")
        for place in shared_files(folder)
        if place.stat().st_size > 200
    }
    assert theirs
    copied = [name(place) for place in kept_files() if hashlib.sha256(place.read_bytes()).hexdigest() in theirs]
    assert not copied


def test_every_test_name_is_a_sentence() -> None:
    short = [
        f"{name(place)}: {node.name}"
        for place in kept(".py")
        if name(place).startswith("tests/") and place.name.startswith("test_")
        for node in ast.walk(ast.parse(_text(place)))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_") and node.name.count("_") < 3
    ]
    assert not short
