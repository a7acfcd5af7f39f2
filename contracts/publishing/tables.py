"""The reference page of events, for people who connect a case system."""

from collections.abc import Iterator
from enum import Enum
from typing import Any

from contracts import words
from contracts.base import Model
from contracts.payload import Payload
from contracts.publishing.documents import AROUND, ENVELOPE, EVENTS, PARTS, Document
from contracts.publishing.json_schema import Schema

_COMMON = frozenset(Payload.model_fields)
_MARKS = {"x-mash-key-fact": "key fact", "x-mash-locates": "locates", "x-mash-free-text": "free text"}
_HEAD = "| field | holds | needed | category | about | marks |\n| --- | --- | --- | --- | --- | --- |"
_INTRODUCTION = """\
<!-- Written by python -m contracts.generate; edit the models in contracts/ instead. -->
# Events

Every event type the exchange knows, field by field. The same in machine form: `contracts/schemas/*.json` \
(JSON Schema 2020-12) and `contracts/asyncapi.yaml`; examples, right and wrong: `contracts/examples/`.

**category** says which row of the agreement's matrix decides on the value; *as `category` says* means that the sender \
names it in that field. **about** says whom the value is about. A summary consists of exactly the values marked \
*key fact*. *locates* marks what could tell where the child is; *free text* is what someone wrote in their own words. \
Values of category `event.claim` are never released to anyone.
"""


def events_page(schemas: dict[str, Schema]) -> str:
    """Write the page from the generated schemas."""
    return "\n".join([_INTRODUCTION, *_sections(schemas)])


def _sections(schemas: dict[str, Schema]) -> Iterator[str]:
    yield "## Types\n"
    yield "| type | told by it |\n| --- | --- |"
    for document in EVENTS:
        yield f"| [`{document.name}`](#{_anchor(document)}) | {_first_line(document.model)} |"
    yield "\n## The envelope\n"
    yield from _envelope(schemas[ENVELOPE.name])
    yield "\n## What every event about a child carries\n"
    common = schemas[EVENTS[0].name]
    yield from _table({name: part for name, part in common["properties"].items() if name in _COMMON}, common)
    for name, part in schemas[PARTS]["$defs"].items():
        if "properties" in part:
            yield f"\n### {name}\n\n{part['description']}\n"
            yield from _table(part["properties"], part)
    yield "\n## Each type's own fields"
    for document in EVENTS:
        yield from _event(document, schemas[document.name])
    yield "\n## Words"
    yield from _words()
    yield "\n## Other messages\n"
    for document in AROUND:
        yield f"- `{document.name}`: {_first_line(document.model)}"
    yield ""


def _envelope(schema: Schema) -> Iterator[str]:
    yield f"{schema['description']}\n"
    yield "| attribute | form | needed |\n| --- | --- | --- |"
    for name, part in schema["properties"].items():
        form = part.get("const") or part.get("pattern") or f"text, at most {part.get('maxLength', 1000)} characters"
        yield f"| `{name}` | {_cell(f'`{form}`' if 'text,' not in form else form)} | {_needed(name, schema)} |"


def _event(document: Document, schema: Schema) -> Iterator[str]:
    yield f"\n### {document.name}\n\n{schema['description']}\n"
    own = {name: part for name, part in schema["properties"].items() if name not in _COMMON}
    if own:
        yield from _table(own, schema)
    else:
        yield "Nothing besides the common part."


def _table(properties: Schema, holder: Schema) -> Iterator[str]:
    yield _HEAD
    for name, part in properties.items():
        marks = ", ".join(word for mark, word in _MARKS.items() if part.get(mark))
        category = _category(part.get("x-mash-category"))
        about = part.get("x-mash-about", "")
        yield f"| `{name}` | {_cell(_holds(part))} | {_needed(name, holder)} | {category} | {about} | {marks} |"


def _category(category: Any) -> str:
    match category:
        case {"field": field}:
            return f"as `{field}` says"
        case str():
            return f"`{category}`"
        case _:
            return "as its parts"


def _needed(name: str, schema: Schema) -> str:
    return "yes" if name in schema.get("required", ()) else ""


def _holds(part: Schema) -> str:
    if "$ref" in part:
        name = part["$ref"].rsplit("/", 1)[1]
        return f"[{name}](#{name.lower()})"
    if "anyOf" in part:
        return _holds(next(branch for branch in part["anyOf"] if branch.get("type") != "null"))
    kind = part["type"][0] if isinstance(part["type"], list) else part["type"]
    if kind == "array":
        return f"list of: {_holds(part['items'])}"
    if "enum" in part:
        return " or ".join(f"`{word}`" for word in part["enum"] if word is not None)
    return _plain_kind(kind, part)


def _plain_kind(kind: str, part: Schema) -> str:
    match kind, part.get("format"):
        case "string", "date":
            return "date"
        case "string", "date-time":
            return "moment with a zone"
        case "string", _ if "pattern" in part:
            return f"text of the form `{part['pattern']}`"
        case "string", _:
            return f"text, at most {part['maxLength']:,} characters" if "maxLength" in part else "text"
        case "integer", _:
            return f"whole number, {part['minimum']} to {part['maximum']}"
        case "boolean", _:
            return "true or false"
        case _:
            return kind


def _words() -> Iterator[str]:
    for name, vocabulary in sorted(vars(words).items()):
        if isinstance(vocabulary, type) and issubclass(vocabulary, Enum) and vocabulary.__module__ == words.__name__:
            listed = ", ".join(f"`{word.value}`" for word in vocabulary)
            yield f"\n### {name}\n\n{_first_line(vocabulary)}\n\n{listed}"


def _first_line(thing: type[Model] | type[Enum]) -> str:
    return (thing.__doc__ or "").partition("\n")[0].replace("``", "`")


def _anchor(document: Document) -> str:
    return document.name.replace(".", "")


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
