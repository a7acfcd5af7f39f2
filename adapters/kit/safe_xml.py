"""XML from outside: no entities, no document type, no network, bounded size and depth, read element by element."""

from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO

from lxml import etree

from adapters.kit.errors import ContentError
from adapters.kit.limits import DEEPEST, check_size, too_deep

_PARSER_LIMITS = {"resolve_entities": False, "no_network": True, "load_dtd": False, "huge_tree": False}


@dataclass(frozen=True, slots=True)
class Part:
    """One complete element, and its bytes as they would be written again."""

    element: etree._Element
    number: int

    @property
    def raw(self) -> bytes:
        """The element as bytes, for a keyed digest or for quarantine."""
        return etree.tostring(self.element, with_tail=False)


@dataclass(frozen=True, slots=True)
class Broken:
    """Where reading had to stop. ``line`` is the line of the break; ``raw`` everything not read before it."""

    code: str
    line: int
    raw: bytes


def check_xml(content: bytes) -> None:
    """Refuse what no agency's file needs, before any parser sees it.

    Raises:
        ContentError: empty, too large, or with a document type or entities of its own.
    """
    check_size(len(content))
    plain = content.replace(b"\0", b"")
    if b"<!DOCTYPE" in plain or b"<!ENTITY" in plain:
        msg = "the XML declares a document type or entities"
        raise ContentError(msg, code="content.declares_entities", remedy="send plain XML without a DOCTYPE")


def read_xml(content: bytes) -> etree._Element:
    """Read a whole small document.

    Raises:
        ContentError: not acceptable, not well-formed, cut short, or nested too deeply.
    """
    check_xml(content)
    root: etree._Element | None = None
    for part in each_element(content, frozenset()):
        if isinstance(part, Broken):
            raise _broken(part)
        root = part.element
    if root is None:
        raise _broken(Broken("content.not_xml", 1, content))
    return root


def each_element(content: bytes, names: frozenset[str]) -> Iterator[Part | Broken]:
    """Yield every complete element with one of ``names`` (namespaces left aside), then let it go.

    With no names: the root alone, whole. Whatever stands before a break is yielded; then one
    :class:`Broken` ends the reading. Elements with these names must not hold each other.

    Raises:
        ContentError: see :func:`check_xml`.
    """
    check_xml(content)
    walk = etree.iterparse(BytesIO(content), events=("start", "end"), **_PARSER_LIMITS)
    depth = number = 0
    try:
        for event, element in walk:
            depth += 1 if event == "start" else -1
            if depth > DEEPEST:
                raise too_deep()
            if event == "start":
                continue
            if local_name(element) in names or (not names and depth == 0):
                number += 1
                yield Part(element, number)
                if names:
                    _let_go(element)
    except etree.XMLSyntaxError as error:
        yield _break(content, error, number, names)


def local_name(element: etree._Element) -> str:
    """An element's name without its namespace; empty for a comment or an instruction."""
    tag: object = element.tag
    return etree.QName(element).localname if isinstance(tag, str) else ""


def child_text(element: etree._Element, name: str) -> str:
    """The stripped text of the first child called ``name``; empty where there is none."""
    for child in element:
        if local_name(child) == name:
            return (child.text or "").strip()
    return ""


def children(element: etree._Element, name: str) -> Iterator[etree._Element]:
    """Every child called ``name``, in order."""
    return (child for child in element if local_name(child) == name)


def first_child(element: etree._Element, name: str) -> etree._Element | None:
    """The first child called ``name``, or none."""
    return next(children(element, name), None)


def _let_go(element: etree._Element) -> None:
    element.clear()
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]


def _break(content: bytes, error: etree.XMLSyntaxError, read: int, names: frozenset[str]) -> Broken:
    line = error.lineno or 1
    if "xcessive depth" in str(error.msg):
        raise too_deep() from None
    if "Premature end" in str(error.msg) or "EndTag" in str(error.msg) or _ends_open(content):
        code = "content.truncated"
    else:
        code = "content.not_xml"
    return Broken(code, line, _rest(content, read, names))


def _ends_open(content: bytes) -> bool:
    plain = content.replace(b"\0", b"").strip()
    return b"<" in plain and not plain.endswith(b">")


def _rest(content: bytes, read: int, names: frozenset[str]) -> bytes:
    """What follows the ``read``-th end tag; the whole content where that cannot be told."""
    place = 0
    ends = sorted(f"</{name}>".encode() for name in names)
    for _ in range(read):
        found = [(at, len(end)) for end in ends if (at := content.find(end, place)) >= 0]
        if not found:
            return content
        at, length = min(found)
        place = at + length
    return content[place:]


def _broken(part: Broken) -> ContentError:
    return ContentError(
        "the XML ends in the middle" if part.code == "content.truncated" else "the content is not well-formed XML",
        code=part.code,
        path=f"line {part.line}",
        remedy="send the file again, whole",
    )
