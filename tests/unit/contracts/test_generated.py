"""What is published is what the models say, complete and well formed."""

from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from contracts import generate
from contracts.canonical import LARGEST_MESSAGE
from contracts.events import EVENT_TYPES
from contracts.publishing.asyncapi import asyncapi
from contracts.publishing.documents import DOCUMENTS, PARTS
from contracts.publishing.json_schema import Schema, schemas
from contracts.words import DataCategory

PUBLISHED = schemas()
OF_AGENCIES = {"submitted.{agency}", "replies.{agency}"}
CHANNELS = OF_AGENCIES | {"shares.{recipient}", "receipts.{recipient}", "ledger"}


def test_what_is_committed_is_what_would_be_generated() -> None:
    assert generate.stale() == ()


def test_a_changed_a_missing_and_a_left_over_file_are_found_and_mended(tmp_path: Path) -> None:
    assert len(generate.write(tmp_path)) == len(generate.generated())
    assert generate.stale(tmp_path) == ()
    schemas_folder = tmp_path / generate.SCHEMAS
    (schemas_folder / "reply.v1.json").write_text("{}")
    (schemas_folder / "receipt.v1.json").unlink()
    (schemas_folder / "old.v1.json").write_text("{}")
    names = [path.stem for path in generate.stale(tmp_path)]
    assert names == ["old.v1", "receipt.v1", "reply.v1"]
    generate.write(tmp_path)
    assert generate.stale(tmp_path) == ()


def test_the_check_prints_nothing_when_all_is_fresh(capsys: pytest.CaptureFixture[str]) -> None:
    assert generate.main(["--check"]) == 0
    assert capsys.readouterr().err == ""
    assert generate.main(["--czech"]) == 2


def test_every_document_has_a_schema() -> None:
    assert set(PUBLISHED) == {document.name for document in DOCUMENTS} | {PARTS}
    assert set(EVENT_TYPES) <= set(PUBLISHED)


@pytest.mark.parametrize("name", sorted(PUBLISHED))
def test_every_schema_is_one(name: str) -> None:
    jsonschema.Draft202012Validator.check_schema(PUBLISHED[name])


@pytest.mark.parametrize("name", sorted(PUBLISHED))
def test_every_reference_leads_somewhere(name: str) -> None:
    for reference in _references(PUBLISHED[name]):
        file, _, pointer = reference.partition("#/$defs/")
        schema = PUBLISHED[file.removesuffix(".json") or name]
        assert not pointer or pointer in schema["$defs"]


@pytest.mark.parametrize("name", [*EVENT_TYPES, PARTS])
def test_every_leaf_of_an_event_says_its_category_and_whom_it_is_about(name: str) -> None:
    schema = PUBLISHED[name]
    for holder in (schema, *schema.get("$defs", {}).values()):
        for field, part in holder.get("properties", {}).items():
            if "x-mash-category" in part:
                assert _is_category(part["x-mash-category"], holder), field
                assert part["x-mash-about"]
            else:
                assert all("properties" in PUBLISHED[PARTS]["$defs"][_name(to)] for to in _references(part)), field
                assert list(_references(part)), field


def test_every_event_is_closed_to_unknown_fields() -> None:
    holders = [PUBLISHED[name] for name in EVENT_TYPES]
    holders += [part for part in PUBLISHED[PARTS]["$defs"].values() if "properties" in part]
    assert all(holder["additionalProperties"] is False for holder in holders)


def test_asyncapi_names_every_channel_and_every_event() -> None:
    document = yaml.safe_load(asyncapi())
    assert document["asyncapi"].startswith("3.")
    assert {channel["address"] for channel in document["channels"].values()} == CHANNELS
    assert {*EVENT_TYPES, "heartbeat"} == set(document["channels"]["submitted"]["messages"])
    assert "kafka" in document["channels"]["ledger"]["bindings"]
    assert f"{LARGEST_MESSAGE:,}" in document["info"]["description"]
    assert "In immediate danger ring 999." in document["info"]["description"]


def test_every_channel_has_an_operation_and_every_message_a_channel() -> None:
    document = yaml.safe_load(asyncapi())
    operated = {operation["channel"]["$ref"].rsplit("/", 1)[1] for operation in document["operations"].values()}
    assert operated == set(document["channels"])
    carried = {name for channel in document["channels"].values() for name in channel["messages"]}
    assert carried == set(document["components"]["messages"])


def test_every_reference_of_asyncapi_leads_somewhere() -> None:
    document = yaml.safe_load(asyncapi())
    found = list(_references(document))
    assert found
    for reference in found:
        if reference.startswith("#/"):
            place: Any = document
            for step in reference.removeprefix("#/").split("/"):
                place = place[step]
        else:
            assert (generate.TOP / "contracts" / reference).is_file()


def test_the_events_page_has_a_table_for_every_type_and_every_word() -> None:
    page = (generate.TOP / "docs/reference/events.md").read_text(encoding="utf-8")
    assert all(f"### {name}\n" in page for name in EVENT_TYPES)
    assert all(f"`{category}`" in page for category in DataCategory)
    assert "``" not in page


def _references(value: Any) -> list[str]:
    if isinstance(value, list):
        return [reference for item in value for reference in _references(item)]
    if not isinstance(value, dict):
        return []
    own = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
    return own + [reference for part in value.values() for reference in _references(part)]


def _name(reference: str) -> str:
    return reference.rsplit("/", 1)[1]


def _is_category(category: Any, holder: Schema) -> bool:
    if isinstance(category, str):
        return category in list(DataCategory)
    return category["field"] in holder["properties"] and category["at_least"] in list(DataCategory)
