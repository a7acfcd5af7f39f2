"""JSON Schema 2020-12 for every published document, each value with its data category."""

from collections.abc import Iterator, Mapping
from typing import Any, get_args

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode

from contracts.base import Category, CategoryFrom, Model
from contracts.envelope import SOURCE_PATTERN, TYPE_PATTERN, Envelope
from contracts.leaves import marks
from contracts.publishing.documents import AROUND, DELIVERY, ENVELOPE, EVENTS, PARCEL, PARTS, Document

Schema = dict[str, Any]
DIALECT = "https://json-schema.org/draft/2020-12/schema"
_LOCAL = "#/$defs/"


class _WithoutTitles(GenerateJsonSchema):
    """Field titles repeat the field's name; they are left out."""

    def field_title_should_be_set(self, schema: object) -> bool:  # noqa: ARG002 - pydantic's signature
        return False


def schemas() -> dict[str, Schema]:
    """Give every schema by document name, with the parts that events share in one of their own.

    Raises:
        UnmarkedFieldError: a field of an event has no data category.
    """
    parts: Schema = {}
    events: dict[str, Schema] = {}
    for document in EVENTS:
        written = _written(document)
        _mark(written, document.model)
        for name, part in written.pop("$defs", {}).items():
            if parts.setdefault(name, part) != part:
                msg = f"two different models are called {name}"
                raise ValueError(msg)
        events[document.name] = _pointing_to_parts(written)
    shared = {
        **_head(PARTS, "accepted"),
        "title": "Parts",
        "description": "What events share.",
        "$defs": dict(sorted(parts.items())),
    }
    return {PARTS: shared, **events, **{document.name: _around(document) for document in AROUND}}


def _around(document: Document) -> Schema:
    written = _written(document)
    if document is ENVELOPE:
        return _as_text_attributes(written)
    if document is PARCEL:
        written["properties"]["body"] = {
            "type": "string",
            "contentMediaType": "application/json",
            "contentSchema": {"$ref": f"{DELIVERY.name}.json"},
        }
    return written


def _written(document: Document) -> Schema:
    mode: JsonSchemaMode = "validation" if document.direction == "accepted" else "serialization"
    raw = document.model.model_json_schema(mode=mode, schema_generator=_WithoutTitles)
    tidied: Schema = _tidy(raw)
    return {**_head(document.name, document.direction), **tidied}


def _head(name: str, direction: str) -> Schema:
    return {"$schema": DIALECT, "x-mash-document": name, "x-mash-direction": direction}


def _tidy(value: Any) -> Any:
    """Write nullable values short, and descriptions in one paragraph each."""
    if isinstance(value, list):
        return [_tidy(item) for item in value]
    if not isinstance(value, dict):
        return value
    tidied = {name: _tidy(part) for name, part in value.items() if not (name == "default" and part is None)}
    if isinstance(tidied.get("description"), str):
        tidied["description"] = _plain(tidied["description"])
    return _short_nullable(tidied)


def _plain(text: str) -> str:
    paragraphs = [" ".join(paragraph.split()) for paragraph in text.replace("``", "`").split("\n\n")]
    return "\n\n".join(paragraphs)


def _short_nullable(schema: Schema) -> Schema:
    branches = schema.get("anyOf", [])
    if [branch.get("type") for branch in branches[1:]] != ["null"] or "type" not in branches[0]:
        return schema
    rest = {name: part for name, part in schema.items() if name != "anyOf"}
    short = {**branches[0], "type": [branches[0]["type"], "null"], **rest}
    if "enum" in short:
        short["enum"] = [*short["enum"], None]
    return short


def _mark(root: Schema, model: type[Model]) -> None:
    """Write each leaf value's category, and whom it is about, beside its type."""
    for part, about in _parts(model, "child"):
        properties = root["properties"] if part is model else root["$defs"][part.__name__]["properties"]
        for field in marks(part):
            if field.mark is not None:
                properties[field.name].update(_annotations(field.mark, about))


def _parts(model: type[Model], about: str) -> Iterator[tuple[type[Model], str]]:
    """Give each model in ``model`` once, with how one tells whom its values are about."""
    seen: dict[type[Model], str] = {}
    waiting = [(model, about)]
    while waiting:
        part, inherited = waiting.pop()
        if part in seen:
            continue
        own = getattr(part, "about_field", None)
        seen[part] = f"as its field {own} says" if own else inherited
        passed_on = f"as the field {own} of what holds it says" if own else inherited
        waiting += [(nested, passed_on) for nested in _nested(part)]
    yield from seen.items()


def _nested(model: type[Model]) -> Iterator[type[Model]]:
    for field in model.model_fields.values():
        yield from _models_in(field.annotation)


def _models_in(annotation: Any) -> Iterator[type[Model]]:
    if isinstance(annotation, type) and issubclass(annotation, Model):
        yield annotation
    for part in get_args(annotation):
        yield from _models_in(part)


def _annotations(mark: Category | CategoryFrom, about: str) -> Mapping[str, Any]:
    category: Any = (
        mark.category.value if isinstance(mark, Category) else {"field": mark.field, "at_least": mark.at_least.value}
    )
    yes = {"key-fact": mark.key_fact, "locates": mark.locates, "free-text": mark.free_text}
    return {
        "x-mash-category": category,
        "x-mash-about": about,
        **{f"x-mash-{name}": True for name, is_so in yes.items() if is_so},
    }


def _pointing_to_parts(value: Any) -> Any:
    if isinstance(value, list):
        return [_pointing_to_parts(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        name: part.replace(_LOCAL, f"{PARTS}.json{_LOCAL}") if name == "$ref" else _pointing_to_parts(part)
        for name, part in value.items()
    }


def _as_text_attributes(schema: Schema) -> Schema:
    """The envelope as it travels: every attribute is text, written one way, and the signature stands beside."""
    properties = {name: _text_attribute(part) for name, part in schema["properties"].items()}
    patterns = {
        "type": TYPE_PATTERN.pattern,
        "source": SOURCE_PATTERN.pattern,
        "time": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$",
        "sequence": "^[1-9][0-9]{0,15}$",
    }
    for name, pattern in patterns.items():
        properties[name]["pattern"] = pattern
    properties["signature"] = {
        "type": "string",
        "description": "Detached compact JWS (RFC 7797, EdDSA) over RFC 8785 JSON of all other attributes and of the "
        "SHA-256 digest of the content.",
    }
    optional = [name for name, field in Envelope.model_fields.items() if field.default is None]
    return {**schema, "properties": properties, "required": [name for name in properties if name not in optional]}


def _text_attribute(schema: Schema) -> Schema:
    kept = ("const", "pattern", "minLength", "maxLength", "format", "description")
    return {"type": "string", **{name: part for name, part in schema.items() if name in kept}}
