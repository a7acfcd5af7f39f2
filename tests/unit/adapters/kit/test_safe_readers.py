"""XML, CSV and text from outside: bounded, lenient, and nothing lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.kit.errors import ContentError
from adapters.kit.flags import Flags
from adapters.kit.safe_csv import read_csv
from adapters.kit.safe_xml import Broken, child_text, each_element, read_xml
from adapters.kit.text import decode, free_text, line

ITEMS = frozenset({"item"})


def code_of(error: pytest.ExceptionInfo[ContentError]) -> str:
    return error.value.code


def test_every_whole_element_before_a_cut_is_read_and_the_rest_is_kept_with_its_place() -> None:
    parts = list(each_element(b"<all>\n<item>1</item>\n<item>2</item>\n<item>3", ITEMS))
    broken = parts.pop()
    assert len(parts) == 2
    assert isinstance(broken, Broken)
    assert (broken.code, broken.line, broken.raw.strip()) == ("content.truncated", 4, b"<item>3")


def test_namespaces_comments_and_stray_text_do_not_hide_a_value() -> None:
    root = read_xml(b'<a:all xmlns:a="urn:x">stray<!-- note --><a:name> Wren </a:name>more</a:all>')
    assert child_text(root, "name") == "Wren"
    assert child_text(root, "absent") == ""


@pytest.mark.parametrize(
    "content, code",
    [
        (b"", "content.empty"),
        (b"<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>", "content.declares_entities"),
        ("<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>".encode("utf-16"), "content.declares_entities"),
        (b"<a>" * 100_000, "content.nested_too_deeply"),
        (b"<a>" * 65 + b"</a>" * 65, "content.nested_too_deeply"),
        (b"<a>&unknown;</a>", "content.not_xml"),
        (b"not xml at all", "content.not_xml"),
        (b"<a><b></a>", "content.not_xml"),
    ],
)
def test_xml_that_no_agency_sends_is_refused(content: bytes, code: str) -> None:
    with pytest.raises(ContentError) as error:
        read_xml(content)
    assert code_of(error) == code


def test_a_ragged_row_is_read_and_flagged_and_a_cut_one_is_not_used() -> None:
    rows = list(read_csv(b"Child ID,Name\r\n1,Mia,extra\r\n2,Theo\r\n\r\n3"))
    assert [(row.line, dict(row.cells), row.flags, row.problem) for row in rows] == [
        (2, {"child_id": "1", "name": "Mia"}, ("row.ragged",), ""),
        (3, {"child_id": "2", "name": "Theo"}, (), ""),
        (5, {"child_id": "3", "name": ""}, (), "content.truncated"),
    ]


def test_a_lost_quote_costs_one_row_and_not_the_rest_of_the_file() -> None:
    rows = list(read_csv(b'a,b\n1,"lost\n2,x\n3,y\n'))
    assert [(row.cells.get("a"), row.problem) for row in rows] == [("1", "content.not_csv"), ("2", ""), ("3", "")]


def test_a_header_of_another_extract_is_refused_by_the_names_that_it_lacks() -> None:
    with pytest.raises(ContentError) as error:
        list(read_csv(b"a,b\n1,2\n", needs=frozenset({"la_child_id"})))
    assert code_of(error) == "content.wrong_format"
    assert "la_child_id" in str(error.value)


@given(st.lists(st.lists(st.text(alphabet="ab ,\n\"'é", min_size=1, max_size=6), min_size=2, max_size=2), max_size=8))
def test_every_row_of_a_well_written_table_is_read(table: list[list[str]]) -> None:
    written = ["a,b"] + [",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in table]
    rows = list(read_csv("\n".join([*written, ""]).encode()))
    wanted = [[cell.strip() for cell in row] for row in table]
    assert [list(row.cells.values()) for row in rows] == [row for row in wanted if any(row)]


def test_windows_and_wide_encodings_are_read_and_flagged_and_others_refused() -> None:
    for encoding, flagged in (("utf-8-sig", ()), ("cp1252", ("encoding.cp1252",)), ("utf-16", ("encoding.utf16",))):
        flags = Flags()
        assert decode("Zoë".encode(encoding), flags) == "Zoë"
        assert flags.all() == flagged
    for content in (b"Zo\xeb\x00", b"Zo\xeb\x81"):
        with pytest.raises(ContentError) as error:
            decode(content, Flags())
        assert code_of(error) == "content.encoding"


def test_text_fits_the_contract_and_what_was_cut_is_flagged() -> None:
    flags = Flags()
    assert line(" Elm \x07 Street\n", flags) == "Elm Street"
    assert line("  ", flags) is None
    assert flags.all() == ()
    assert len(line("x" * 600, flags) or "") == 500
    assert len(free_text("x" * 30_000, flags) or "") == 20_000
    assert flags.all() == ("text.shortened",)
