"""Reading XML from a stranger: every refusal names its line, nothing is opened, and nothing takes long."""

from __future__ import annotations

import re
from typing import Any

import pytest

from engine.errors import BadInput
from engine.inputs.hardware.xml_objects import MAX_BYTES, MAX_DEPTH, parse_document

DOCTYPE = b'<!DOCTYPE topology SYSTEM "hwloc2.dtd">\n'
GOOD = b'<topology version="2.0">\n<object type="Machine">\n<object type="PU"/></object><info/></topology>'


def sentences(*rows: tuple[Any, ...]) -> list[Any]:
    """Rows of a table whose first column is the test's id."""
    return [pytest.param(*row[1:], id=row[0]) for row in rows]


@pytest.mark.parametrize(
    "content",
    [
        GOOD,
        DOCTYPE + GOOD,
        b"\xef\xbb\xbf" + GOOD,
        b'<?xml version="1.0" encoding="UTF-8"?>' + DOCTYPE + GOOD,
    ],
    ids=["bare", "naming hwloc's DTD", "with a byte order mark", "as lstopo begins it"],
)
def test_a_file_is_read(content: bytes) -> None:
    document = parse_document(content, "m.xml")
    assert document.version == "2.0"
    assert [child.type for child in document.root.children] == ["PU"]
    assert document.other_tags == {"info": 1}
    assert document.root.line == 2 + content.startswith((DOCTYPE, b"<?xml"))


@pytest.mark.parametrize("before", [b"\n", b"\r\n \t\n", b"\xef\xbb\xbf\n"])
def test_blank_lines_before_the_declaration_are_allowed_and_counted(before: bytes) -> None:
    content = before + b'<?xml version="1.0"?>\n'
    lines = before.count(b"\n")
    assert parse_document(content + GOOD, "m.xml").root.line == lines + 3
    for wrong in (b"<svg/>", b"<topology></object>", b"<topology><object/></topology>"):
        with pytest.raises(BadInput) as caught:
            parse_document(content + wrong, "m.xml")
        assert caught.value.line == lines + 2


@pytest.mark.parametrize(
    ("content", "line", "words"),
    sentences(
        ("empty", b"", 1, "no element found"),
        ("cut off", GOOD[:60], 3, "not well-formed XML"),
        ("binary", b"\x7fELF\x02\x01\x00\x00", 1, "not well-formed XML"),
        ("not UTF-8", b"<topology>\n<info value='\xff'/></topology>", 2, "invalid token"),
        ("another root", b"\n<svg/>", 2, "the root element is 'svg', not 'topology'"),
        ("another namespace", b'<topology xmlns="urn:x"/>', 1, "the root element is"),
        ("no object", b"<topology>\n\n</topology>", 3, "0 root objects"),
        ("two root objects", b"<topology>" + b'\n<object type="A"/>' * 2 + b"</topology>", 3, "2 root"),
        ("an entity", b'<!DOCTYPE topology [\n<!ENTITY a "b">]><topology/>', 1, "this DOCTYPE is not"),
        ("an entity beside the DTD", b'<!DOCTYPE t SYSTEM "hwloc2.dtd" [<!ENTITY a "b">]><t/>', 1, "DOCTYPE"),
        ("another DTD", b'<!DOCTYPE topology SYSTEM "file:///etc/passwd"><topology/>', 1, "DOCTYPE"),
        ("a DTD elsewhere", b'<!DOCTYPE topology SYSTEM "http://x/hwloc2.dtd"><topology/>', 1, "DOCTYPE"),
        ("a public DTD", b'<!DOCTYPE topology PUBLIC "x" "hwloc2.dtd"><topology/>', 1, "DOCTYPE"),
        ("an undeclared entity", GOOD.replace(b"Machine", b"&m;Machine"), 2, "undefined entity"),
        ("the same with a DTD", DOCTYPE + GOOD.replace(b"Machine", b"&m;Machine"), 3, "is not declared"),
        ("nested without end", b"<topology>\n" + b"<a>" * 1_000_000, 2, f"more than {MAX_DEPTH} levels deep"),
        ("elements without end", b"<topology>" + b"<a/>" * 600_000, 1, "more than 524288 elements"),
    ),
)  # fmt: skip
def test_refused(content: bytes, line: int, words: str) -> None:
    with pytest.raises(BadInput, match=re.escape(words)) as refusal:
        parse_document(content, "m.xml")
    assert (refusal.value.file, refusal.value.line) == ("m.xml", line)
    assert "; " in refusal.value.message


def test_a_file_too_large_is_not_parsed() -> None:
    with pytest.raises(BadInput, match=r"m\.xml: the file is larger than 32 MiB"):
        parse_document(b" " * (MAX_BYTES + 1), "m.xml")
