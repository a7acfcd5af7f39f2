"""A breaking change to a published version is noticed, whatever its sort; a harmless one is not."""

import copy
import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from contracts.compatibility import UnreadableVersionError, main, publish, read_version
from contracts.generate import write_schema
from contracts.publishing.compare import SORTS, Break, Library, breaks
from contracts.publishing.json_schema import Schema, schemas
from tests.support.tree import TOP

Change = Callable[[Schema], None]
PUBLISHED = schemas()


def accepted() -> Library:
    """A small accepted document with a part of its own."""
    return _library("accepted")


def produced() -> Library:
    """The same, produced."""
    return _library("produced")


def _library(direction: str) -> Library:
    return {
        "note.v1": {
            "x-mash-direction": direction,
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "text": {"type": "string", "minLength": 2, "maxLength": 9, "x-mash-category": "id.core"},
                "kind": {"$ref": "parts.v1.json#/$defs/Kind", "default": "a"},
                "size": {"type": ["integer", "null"], "minimum": 1},
                "holder": {"anyOf": [{"$ref": "parts.v1.json#/$defs/Holder"}, {"type": "null"}]},
                "list": {"type": "array", "items": {"type": "string", "pattern": "^a"}},
                "detail": {"type": "object", "additionalProperties": {"type": "string"}},
                "rest": {"type": "object", "default": {"a": 1}},
            },
            "required": ["text"],
        },
        "parts.v1": {
            "x-mash-direction": direction,
            "$defs": {
                "Kind": {"type": "string", "enum": ["a", "b"]},
                "Holder": {
                    "type": "object",
                    "properties": {"name": {"type": "string"}, "again": {"$ref": "#/$defs/Holder"}},
                    "required": ["name"],
                },
            },
        },
    }


def _put(*path: str, value: Any) -> Change:
    def change(library: Schema) -> None:
        place = library
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = value

    return change


def _drop(*path: str) -> Change:
    def change(library: Schema) -> None:
        place = library
        for step in path[:-1]:
            place = place[step]
        del place[path[-1]]

    return change


FIELDS = ("note.v1", "properties")
KIND = ("parts.v1", "$defs", "Kind")
HOLDER = ("parts.v1", "$defs", "Holder")
TEXT = (*FIELDS, "text")
HOLDER_REF = "parts.v1.json#/$defs/Holder"

BREAKS_OF_ACCEPTED: list[tuple[Change, str, str]] = [
    (_drop("note.v1"), "document_removed", "note.v1"),
    (_put("note.v1", "x-mash-direction", value="produced"), "direction_changed", "note.v1"),
    (_drop(*FIELDS, "size"), "field_removed", "note.v1.size"),
    (_drop(*HOLDER, "properties", "again"), "field_removed", "parts.v1#Holder.again"),
    (_put("note.v1", "required", value=["text", "kind"]), "field_required", "note.v1.kind"),
    (_put(*TEXT, "type", value="integer"), "type_narrowed", "note.v1.text"),
    (_put(*FIELDS, "size", "type", value="integer"), "type_narrowed", "note.v1.size"),
    (
        _put(*FIELDS, "holder", value={"$ref": "parts.v1.json#/$defs/Holder"}),
        "type_narrowed",
        "parts.v1#Holder or null",
    ),
    (_put(*FIELDS, "detail", "additionalProperties", value=False), "type_narrowed", "note.v1.detail.{}"),
    (_put(*KIND, "enum", value=["a"]), "word_removed", "parts.v1#Kind"),
    (_put(*TEXT, "enum", value=["ab"]), "word_removed", "note.v1.text"),
    (_put(*TEXT, "const", value="ab"), "word_removed", "note.v1.text"),
    (_put(*TEXT, "maxLength", value=8), "range_narrowed", "note.v1.text"),
    (_put(*TEXT, "minLength", value=3), "range_narrowed", "note.v1.text"),
    (_put(*FIELDS, "size", "maximum", value=99), "range_narrowed", "note.v1.size"),
    (_put(*FIELDS, "list", "maxItems", value=99), "range_narrowed", "note.v1.list"),
    (_put(*FIELDS, "list", "items", "pattern", value="^b"), "form_changed", "note.v1.list.[]"),
    (_put(*TEXT, "format", value="date"), "form_changed", "note.v1.text"),
    (_put(*HOLDER, "allOf", value=[{"required": ["again"]}]), "rule_changed", "parts.v1#Holder or null"),
    (_put(*FIELDS, "kind", "default", value="b"), "default_changed", "note.v1.kind"),
    (_put(*FIELDS, "rest", "default", value={"a": 2}), "default_changed", "note.v1.rest"),
    (_put(*TEXT, "x-mash-category", value="id.address"), "meaning_changed", "note.v1.text"),
    (_put(*TEXT, "x-mash-key-fact", value=True), "meaning_changed", "note.v1.text"),
]
BREAKS_OF_PRODUCED: list[tuple[Change, str, str]] = [
    (_drop(*FIELDS, "size"), "field_removed", "note.v1.size"),
    (_put("note.v1", "required", value=[]), "field_not_promised", "note.v1.text"),
    (_put(*TEXT, "type", value=["string", "null"]), "type_widened", "note.v1.text"),
    (_put(*FIELDS, "detail", "additionalProperties", value=True), "type_widened", "note.v1.detail.{}"),
    (_drop(*KIND, "enum"), "words_opened", "parts.v1#Kind"),
    (_drop(*TEXT, "maxLength"), "range_widened", "note.v1.text"),
    (_put(*FIELDS, "size", "minimum", value=0), "range_widened", "note.v1.size"),
    (_drop(*FIELDS, "list", "items", "pattern"), "form_changed", "note.v1.list.[]"),
]
HARMLESS_TO_ACCEPTED: list[Change] = [
    lambda _: None,
    _put("letter.v1", value={"type": "object"}),
    _put(*FIELDS, "extra", value={"type": "string"}),
    _put("note.v1", "required", value=[]),
    _put(*KIND, "enum", value=["a", "b", "c"]),
    _drop(*KIND, "enum"),
    _put(*TEXT, "type", value=["string", "null"]),
    _put(*FIELDS, "size", "type", value=["number", "null"]),
    _put(*TEXT, "maxLength", value=10),
    _drop(*TEXT, "minLength"),
    _drop(*FIELDS, "list", "items", "pattern"),
    _put(*FIELDS, "rest", "default", value={"a": 1, "b": 2}),
    _put(*TEXT, "description", value="other words"),
]
HARMLESS_TO_PRODUCED: list[Change] = [
    _put(*FIELDS, "extra", value={"type": "string"}),
    _put("note.v1", "required", value=["text", "kind"]),
    _put(*KIND, "enum", value=["a", "b", "c"]),
    _put(*KIND, "enum", value=["a"]),
    _put(*FIELDS, "size", "type", value="integer"),
    _put(*TEXT, "maxLength", value=8),
]


@pytest.mark.parametrize("change, code, place", BREAKS_OF_ACCEPTED)
def test_what_others_write_may_not_narrow(change: Change, code: str, place: str) -> None:
    assert Break(place, code, SORTS[code]) in _found(accepted(), change)


@pytest.mark.parametrize("change, code, place", BREAKS_OF_PRODUCED)
def test_what_others_read_may_not_widen(change: Change, code: str, place: str) -> None:
    assert Break(place, code, SORTS[code]) in _found(produced(), change)


@pytest.mark.parametrize("change", HARMLESS_TO_ACCEPTED)
def test_what_others_write_may_widen(change: Change) -> None:
    assert _found(accepted(), change) == ()


@pytest.mark.parametrize("change", HARMLESS_TO_PRODUCED)
def test_what_others_read_may_narrow_and_gain_words(change: Change) -> None:
    assert _found(produced(), change) == ()


def test_every_sort_of_break_has_been_made() -> None:
    assert {code for _, code, _ in (*BREAKS_OF_ACCEPTED, *BREAKS_OF_PRODUCED)} == set(SORTS)


@pytest.mark.parametrize(
    "change, code",
    [
        (_drop("uk.mash.police.concern.raised.v1", "properties", "risk_factors"), "field_removed"),
        (_put("uk.mash.police.concern.raised.v1", "required", value=["child", "level"]), "field_required"),
        (_put("parts.v1", "$defs", "Grade", "enum", value=["red", "amber"]), "word_removed"),
        (_put("parts.v1", "$defs", "Child", "properties", "surname", "type", value="string"), "type_narrowed"),
        (
            _put("parts.v1", "$defs", "Child", "properties", "ethnicity", "x-mash-category", value="id.core"),
            "meaning_changed",
        ),
        (_drop("delivery.v1", "properties", "obligations"), "field_removed"),
        (_put("question.v1", "$defs", "GradeAsked", "required", value=["value"]), "field_not_promised"),
    ],
)
def test_a_break_of_the_real_contracts_is_noticed(change: Change, code: str) -> None:
    assert code in {found.code for found in _found(PUBLISHED, change)}


def test_the_contracts_do_not_break_those_that_were_committed() -> None:
    assert breaks(read_version("git:HEAD", tree=TOP), PUBLISHED) == ()


def test_the_command_tells_folders_apart_by_its_exit_code(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old, new, empty = (tmp_path / name for name in ("old", "new", "empty"))
    for folder in (old, new, empty):
        folder.mkdir()
    for name, schema in accepted().items():
        (old / f"{name}.json").write_text(write_schema(schema))
        (new / f"{name}.json").write_text(write_schema(schema))
    assert main([str(old), str(new)]) == 0
    broken = copy.deepcopy(dict(accepted()["note.v1"]))
    del broken["properties"]["size"]
    (new / "note.v1.json").write_text(json.dumps(broken))
    assert main([str(old), str(new)]) == 1
    assert "note.v1.size: the field is gone [field_removed]" in capsys.readouterr().out
    assert main([str(old), str(empty)]) == 2
    assert main([str(old), str(tmp_path / "nowhere")]) == 2
    (new / "note.v1.json").write_text("{")
    assert main([str(old), str(new)]) == 2
    assert main([str(old)]) == 2


def test_a_revision_is_read_from_git(tmp_path: Path) -> None:
    folder = tmp_path / "contracts/schemas"
    folder.mkdir(parents=True)
    (folder / "note.v1.json").write_text(write_schema(accepted()["note.v1"]))
    who = ("-c", "user.name=t", "-c", "user.email=t@example.org")
    for command in (["init", "-q"], ["add", "."], [*who, "commit", "-q", "-m", "first"]):
        subprocess.run(["git", "-C", str(tmp_path), *command], check=True)
    (folder / "note.v1.json").unlink()
    assert read_version("git:HEAD", tree=tmp_path) == {"note.v1": accepted()["note.v1"]}


def test_a_revision_that_is_not_there_cannot_be_read(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["git:no-such-revision", "contracts/schemas"]) == 2
    assert "cannot be read" in capsys.readouterr().err


def _found(old: Library, change: Change) -> tuple[Break, ...]:
    new = copy.deepcopy(dict(old))
    change(new)
    return breaks(old, new)


def test_nobody_who_relies_on_a_published_version_breaks() -> None:
    kept = sorted((TOP / "contracts/published").glob("*.json"))
    assert kept, "no version is published, so nothing is held to"
    for version in kept:
        old = read_version(str(version.relative_to(TOP)), tree=TOP)
        assert not breaks(old, schemas()), f"{version.name}: publish the change beside it, as the next version"


def test_a_version_is_published_once(tmp_path: Path) -> None:
    for name, schema in accepted().items():
        place = tmp_path / "contracts/schemas" / f"{name}.json"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(write_schema(schema))
    kept = publish("1.0", tree=tmp_path)
    assert read_version("contracts/published/1.0.json", tree=tmp_path) == accepted()
    before = kept.read_bytes()
    with pytest.raises(UnreadableVersionError, match="already"):
        publish("1.0", tree=tmp_path)
    assert kept.read_bytes() == before
