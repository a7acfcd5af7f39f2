"""The examples are what they say: the right ones are read, the wrong ones refused at the place they name."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry, Resource

from contracts.base import Model
from contracts.canonical import canonical
from contracts.envelope import Envelope
from contracts.errors import ContractError
from contracts.events import EVENT_TYPES
from contracts.identifiers import check, is_nhs_number
from contracts.leaves import leaves
from contracts.payload import Payload
from contracts.publishing.documents import DOCUMENTS, ENVELOPE
from contracts.publishing.json_schema import schemas
from contracts.reading import read_model, write_payload
from contracts.words import CheckResult, IdentifierKind
from tests.support.tree import TOP

EXAMPLES = TOP / "contracts/examples"
VALID = sorted((EXAMPLES / "valid").glob("*/*.json"))
INVALID = sorted((EXAMPLES / "invalid").glob("*/*.json"))
MODELS = {document.name: document.model for document in DOCUMENTS}
PUBLISHED = schemas()
REGISTRY: Registry[Any] = Registry().with_resources(
    (f"{name}.json", Resource.from_contents(schema)) for name, schema in PUBLISHED.items()
)


def _named(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


@pytest.mark.parametrize("name", sorted(MODELS))
def test_every_document_has_one_right_and_two_wrong_examples(name: str) -> None:
    assert len([path for path in VALID if path.parent.name == name]) >= 1
    assert len([path for path in INVALID if path.parent.name == name]) >= 2


def test_no_example_is_of_an_unpublished_document() -> None:
    assert {path.parent.name for path in (*VALID, *INVALID)} == set(MODELS)


@pytest.mark.parametrize("path", VALID, ids=_named)
def test_a_right_example_is_read(path: Path) -> None:
    _read(path.parent.name, json.loads(path.read_bytes()))


@pytest.mark.parametrize("path", VALID, ids=_named)
def test_a_right_example_fits_its_schema(path: Path) -> None:
    assert _schema_errors(path.parent.name, json.loads(path.read_bytes())) == []


@pytest.mark.parametrize("path", INVALID, ids=_named)
def test_a_wrong_example_is_refused_at_the_place_and_with_the_code_it_names(path: Path) -> None:
    example = json.loads(path.read_bytes())
    assert set(example) == {"why", "expect", "content"}
    with pytest.raises(ContractError) as caught:
        _read(path.parent.name, example["content"])
    assert {"code": caught.value.code, "path": caught.value.path} == example["expect"]


@pytest.mark.parametrize("path", INVALID, ids=_named)
def test_a_wrong_example_does_not_fit_its_schema_either(path: Path) -> None:
    assert _schema_errors(path.parent.name, json.loads(path.read_bytes())["content"])


@pytest.mark.parametrize("path", [path for path in VALID if path.parent.name in EVENT_TYPES], ids=_named)
def test_a_right_event_is_written_and_read_back_the_same(path: Path) -> None:
    event = _read(path.parent.name, json.loads(path.read_bytes()))
    assert read_model(type(event), write_payload(event)) == event
    assert list(leaves(event))


@pytest.mark.parametrize("path", VALID, ids=_named)
def test_the_people_of_the_examples_do_not_exist(path: Path) -> None:
    model = MODELS[path.parent.name]
    if not issubclass(model, Payload):
        return
    event = _read(path.parent.name, json.loads(path.read_bytes()))
    assert isinstance(event, Payload)
    for identifier in event.child.identifiers:
        if identifier.kind is IdentifierKind.NHS_NUMBER:
            assert identifier.value.startswith("999")
            assert is_nhs_number(identifier.value)
        assert check(identifier.kind, identifier.value) is identifier.check is not CheckResult.FAILED


def _read(name: str, content: dict[str, Any]) -> Model:
    if name == ENVELOPE.name:
        return Envelope.from_attributes({key: value for key, value in content.items() if key != "signature"})
    return read_model(MODELS[name], canonical(content))


def _schema_errors(name: str, content: Any) -> list[str]:
    validator = Draft202012Validator(
        {"$ref": f"{name}.json"}, registry=REGISTRY, format_checker=FormatChecker(formats=["date"])
    )
    return [error.message for error in validator.iter_errors(content)]
