"""Comparing two versions of the published schemas: what would break whoever relies on the older one."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from contracts.publishing.json_schema import Schema

Library = Mapping[str, Schema]
"""Schemas by document name."""

_LOWER_LIMITS = ("minLength", "minimum", "exclusiveMinimum", "minItems", "minProperties")
_UPPER_LIMITS = ("maxLength", "maximum", "exclusiveMaximum", "maxItems", "maxProperties")
_FORMS = ("pattern", "format", "uniqueItems", "contentMediaType")
_RULES = ("allOf", "anyOf", "oneOf", "not", "if", "then", "else", "dependentRequired", "propertyNames")
_MEANINGS = ("x-mash-category", "x-mash-about", "x-mash-key-fact", "x-mash-locates", "x-mash-free-text")


@dataclass(frozen=True, slots=True, order=True)
class Break:
    """One breaking change: where, which sort, and what it does to whom."""

    place: str
    code: str
    words: str

    def __str__(self) -> str:
        """Place, words and code in one line."""
        return f"{self.place}: {self.words} [{self.code}]"


SORTS: Mapping[str, str] = {
    "document_removed": "the document is no longer published",
    "direction_changed": "who writes it and who reads it changed",
    "field_removed": "the field is gone",
    "field_required": "the field is now needed",
    "field_not_promised": "the field may now be missing",
    "type_narrowed": "a type of value that was accepted no longer is",
    "type_widened": "a type of value that readers do not expect may come",
    "word_removed": "a word that was accepted no longer is",
    "words_opened": "a closed list of words was opened",
    "range_narrowed": "a size or number that was accepted no longer is",
    "range_widened": "a size or number that readers do not expect may come",
    "form_changed": "values must be, or may come, in another form",
    "rule_changed": "a rule between fields changed",
    "default_changed": "leaving the field out means something else",
    "meaning_changed": "the data category, or what follows from it, changed",
}
"""Every sort of break, by code."""


def breaks(old: Library, new: Library) -> tuple[Break, ...]:
    """Give every breaking change from ``old`` to ``new``, sorted, each once.

    Documents that the exchange accepts may not narrow; documents that it produces may not widen, but for
    closed lists of words, whose readers must bear words they do not know. New documents, and new fields
    that need not be sent, break nobody.
    """
    comparison = _Comparison(old, new)
    for name in old:
        comparison.document(name)
    return tuple(sorted(comparison.found))


@dataclass(frozen=True, slots=True)
class _Side:
    """One version's schema at one place, its reference followed, with the document it stands in."""

    schema: Schema
    document: str
    place: str

    @property
    def types(self) -> frozenset[str]:
        """The types of value; a nullable value has ``null`` among them."""
        kinds = self.schema.get("type", ())
        return frozenset((kinds,) if isinstance(kinds, str) else kinds)

    @property
    def words(self) -> frozenset[str] | None:
        """The closed list of words, or none where any value will do."""
        if "const" in self.schema:
            return frozenset((str(self.schema["const"]),))
        return frozenset(map(str, self.schema["enum"])) if "enum" in self.schema else None


class _Comparison:
    """Walks both libraries together and collects what breaks."""

    def __init__(self, old: Library, new: Library) -> None:
        self.old = old
        self.new = new
        self.found: set[Break] = set()
        self.seen: set[tuple[str, str, bool]] = set()

    def document(self, name: str) -> None:
        """Compare one document."""
        if name not in self.new:
            self.report(name, "document_removed")
            return
        old, new = self.old[name], self.new[name]
        if old.get("x-mash-direction") != new.get("x-mash-direction"):
            self.report(name, "direction_changed")
        is_produced = old.get("x-mash-direction") == "produced"
        self.value(_Side(old, name, name), _Side(new, name, name), is_produced=is_produced)
        for part in old.get("$defs", {}).keys() & new.get("$defs", {}).keys():
            reference = {"$ref": f"#/$defs/{part}"}
            self.value(_Side(reference, name, name), _Side(reference, name, name), is_produced=is_produced)

    def value(self, old: _Side, new: _Side, *, is_produced: bool) -> None:
        """Compare one value: what is said of it where it stands, then what it is."""
        self._meaning(old, new)
        old, new = _followed(old, self.old), _followed(new, self.new)
        if (old.place, new.place, is_produced) in self.seen:
            return
        self.seen.add((old.place, new.place, is_produced))
        self._types(old, new, is_produced=is_produced)
        self._words(old, new, is_produced=is_produced)
        self._limits(old, new, is_produced=is_produced)
        self._rules(old, new, is_produced=is_produced)
        self._fields(old, new, is_produced=is_produced)
        self._inner(old, new, is_produced=is_produced)

    def report(self, place: str, code: str) -> None:
        """Note a break."""
        self.found.add(Break(place, code, SORTS[code]))

    def _meaning(self, old: _Side, new: _Side) -> None:
        if any(old.schema.get(name) != new.schema.get(name) for name in _MEANINGS):
            self.report(old.place, "meaning_changed")
        if "default" in old.schema and "default" in new.schema:
            was, now = old.schema["default"], new.schema["default"]
            if isinstance(was, dict) and isinstance(now, dict):
                now = {name: now.get(name) for name in was}
            if was != now:
                self.report(old.place, "default_changed")

    def _types(self, old: _Side, new: _Side, *, is_produced: bool) -> None:
        accepted = new.types | ({"integer"} if "number" in new.types else set())
        if not is_produced and new.types and not (old.types and old.types <= accepted):
            self.report(old.place, "type_narrowed")
        if is_produced and old.types and not (new.types and new.types <= old.types):
            self.report(old.place, "type_widened")

    def _words(self, old: _Side, new: _Side, *, is_produced: bool) -> None:
        if is_produced:
            if old.words is not None and new.words is None:
                self.report(old.place, "words_opened")
        elif new.words is not None and (old.words is None or not old.words <= new.words):
            self.report(old.place, "word_removed")

    def _limits(self, old: _Side, new: _Side, *, is_produced: bool) -> None:
        tight, loose = (old.schema, new.schema) if is_produced else (new.schema, old.schema)
        code = "range_widened" if is_produced else "range_narrowed"
        for names, sign in ((_LOWER_LIMITS, 1), (_UPPER_LIMITS, -1)):
            for name in names:
                if name in tight and (name not in loose or sign * tight[name] > sign * loose[name]):
                    self.report(old.place, code)
        for name in _FORMS:
            if name in tight and tight[name] != loose.get(name):
                self.report(old.place, "form_changed")

    def _rules(self, old: _Side, new: _Side, *, is_produced: bool) -> None:
        tight, loose = (old.schema, new.schema) if is_produced else (new.schema, old.schema)
        if any(name in tight and tight[name] != loose.get(name) for name in _RULES):
            self.report(old.place, "rule_changed")

    def _fields(self, old: _Side, new: _Side, *, is_produced: bool) -> None:
        fields, new_fields = old.schema.get("properties", {}), new.schema.get("properties", {})
        needed, now_needed = set(old.schema.get("required", ())), set(new.schema.get("required", ()))
        for name in fields.keys() - new_fields.keys():
            self.report(f"{old.place}.{name}", "field_removed")
        for name in (needed - now_needed) & new_fields.keys() if is_produced else now_needed - needed:
            self.report(f"{old.place}.{name}", "field_not_promised" if is_produced else "field_required")
        for name in fields.keys() & new_fields.keys():
            self._step(old, new, fields[name], new_fields[name], name, is_produced=is_produced)

    def _inner(self, old: _Side, new: _Side, *, is_produced: bool) -> None:
        for keyword, step in (("items", "[]"), ("additionalProperties", "{}")):
            was, now = old.schema.get(keyword, True), new.schema.get(keyword, True)
            if isinstance(was, dict) and isinstance(now, dict):
                self._step(old, new, was, now, step, is_produced=is_produced)
            elif was != now and (is_produced if now is True else not is_produced):
                self.report(f"{old.place}.{step}", "type_widened" if is_produced else "type_narrowed")

    def _step(self, old: _Side, new: _Side, was: Schema, now: Schema, step: str, *, is_produced: bool) -> None:
        self.value(
            _Side(was, old.document, f"{old.place}.{step}"),
            _Side(now, new.document, f"{new.place}.{step}"),
            is_produced=is_produced,
        )


def _followed(side: _Side, library: Library) -> _Side:
    """Follow a reference, also one that may be null, to the schema it names; the place becomes that schema's."""
    schema, nullable = _without_null(side.schema)
    document, place = side.document, side.place
    while "$ref" in schema:
        file, _, pointer = str(schema["$ref"]).partition("#/$defs/")
        document = file.removesuffix(".json") or document
        place = f"{document}#{pointer}"
        schema = library[document]["$defs"][pointer]
    if nullable:
        schema, place = {**schema, "type": [*_listed(schema.get("type", [])), "null"]}, f"{place} or null"
    return _Side(schema, document, place)


def _without_null(schema: Schema) -> tuple[Schema, bool]:
    branches = schema.get("anyOf", [])
    others = [branch for branch in branches if branch != {"type": "null"}]
    if len(others) == 1 and len(branches) > 1:
        return others[0], True
    if len(branches) > 1 and all(set(branch) == {"type"} for branch in branches):
        kinds = [branch["type"] for branch in branches]
        return {**{name: part for name, part in schema.items() if name != "anyOf"}, "type": kinds}, False
    return schema, False


def _listed(kinds: Any) -> list[str]:
    return [kinds] if isinstance(kinds, str) else list(kinds)
