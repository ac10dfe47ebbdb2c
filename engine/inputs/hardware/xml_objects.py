"""The `object` elements of an hwloc XML file, each with its line; safe against hostile files.

defusedxml's parser rejects entity declarations and external references. Its rule against every DOCTYPE cannot
be used, because each file that hwloc writes refers to `hwloc2.dtd`. So a DOCTYPE may only refer to that, and
the DTD is never opened. The file's length, nesting depth and number of elements are limited.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from xml.etree.ElementTree import ParseError
from xml.parsers.expat import ErrorString

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from engine.errors import BadInput
from engine.words import plural

MAX_BYTES: Final = 32 << 20
MAX_DEPTH: Final = 200
MAX_ELEMENTS: Final = 1 << 19

ADVICE: Final = "give an XML file written by `lstopo --of xml` of hwloc 2 or 3"

_DTD = re.compile(r"hwloc[\w.-]*\.dtd")
_BLANK = re.compile(rb"(?:\xef\xbb\xbf)?[ \t\r\n]*")
_STRANGE_ENTITY = re.compile(rb"&(?!#|(?:amp|lt|gt|quot|apos);)")


@dataclass(frozen=True)
class XmlObject:
    """An `object` element: its attributes as text, its line, and the objects inside it in file order."""

    attributes: Mapping[str, str]
    file: str
    line: int
    children: list[XmlObject] = field(default_factory=list)

    @property
    def type(self) -> str:
        """The kind of object, such as `Package`."""
        return self.attributes.get("type", "")

    def refuse(self, message: str) -> BadInput:
        """Return a BadInput with the place of this object."""
        return BadInput(message, file=self.file, line=self.line)


@dataclass(frozen=True)
class Document:
    """The contents of a file: its version (None in hwloc 1), its root object, the count of each other tag."""

    version: str | None
    root: XmlObject
    other_tags: Mapping[str, int]


def shown(text: str) -> str:
    """Quote text from a file for a message: escaped, and truncated if it is long."""
    return repr(text) if len(text) <= 40 else f"{text[:40]!r}..."


def parse_document(content: bytes, file: str) -> Document:
    """Parse an hwloc XML file's content; `file` is its name in messages.

    Errors: BadInput with file and line if it is not well-formed, not hwloc's, or not safe to read.
    """
    if len(content) > MAX_BYTES:
        raise BadInput(f"the file is larger than {MAX_BYTES >> 20} MiB; {ADVICE}", file=file)
    # XML allows nothing before the declaration; a blank line there, or a byte order mark, does no harm.
    blank = _BLANK.match(content)
    skipped = blank.end() if blank else 0
    above = content.count(b"\n", 0, skipped)
    collector = _Collector(file, above)
    try:
        collector.parser.feed(content[skipped:])
        collector.parser.close()
    except ParseError as error:
        line, reason = error.position[0] + above, ErrorString(error.code)
        raise BadInput(f"not well-formed XML ({reason}); {ADVICE}", file=file, line=line) from None
    except DefusedXmlException:
        raise collector.refuse("an entity or external reference is not allowed; remove it") from None
    _forbid_undeclared(content, file)
    return collector.document()


def _forbid_undeclared(content: bytes, file: str) -> None:
    """Reject entities other than XML's own five: with a DOCTYPE, expat drops them silently."""
    match = _STRANGE_ENTITY.search(content)
    if match:
        line = content.count(b"\n", 0, match.start()) + 1
        raise BadInput("this entity is not declared; write & as &amp;", file=file, line=line)


class _Collector:
    """The parser's target: collects the objects as a tree and counts other elements.

    above: the number of lines of the file before the text that is parsed.
    """

    def __init__(self, file: str, above: int) -> None:
        self.file = file
        self.above = above
        # The encoding is fixed so that a file cannot select a Python codec; hwloc writes UTF-8.
        self.parser: Any = DefusedXMLParser(target=self, encoding="utf-8")
        self.expat: Any = self.parser.parser
        self.expat.StartDoctypeDeclHandler = self.doctype_declared
        self.version: str | None = None
        self.roots: list[XmlObject] = []
        self.open: list[XmlObject | None] = []
        self.other_tags: Counter[str] = Counter()
        self.elements = 0

    @property
    def line(self) -> int:
        """The line being read."""
        return int(self.expat.CurrentLineNumber) + self.above

    def refuse(self, message: str) -> BadInput:
        """Return a BadInput with the line being read."""
        return BadInput(message, file=self.file, line=self.line)

    def doctype_declared(self, _name: str, system: str | None, public: str | None, subset: int) -> None:
        """Reject a DOCTYPE unless it only refers to hwloc's DTD."""
        if subset or public is not None or system is None or not _DTD.fullmatch(system):
            raise self.refuse('this DOCTYPE is not allowed; write <!DOCTYPE topology SYSTEM "hwloc2.dtd">')

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Handle the start of an element."""
        self.elements += 1
        if self.elements > MAX_ELEMENTS:
            raise self.refuse(f"the file has more than {MAX_ELEMENTS} elements; {ADVICE}")
        if len(self.open) >= MAX_DEPTH:
            raise self.refuse(f"elements are nested more than {MAX_DEPTH} levels deep; {ADVICE}")
        if not self.open:
            self._begin(tag, attributes)
        elif tag == "object":
            self._add(attributes)
        else:
            self.open.append(None)
            self.other_tags[tag] += 1

    def _begin(self, tag: str, attributes: dict[str, str]) -> None:
        """Handle the start of the root element."""
        if tag != "topology":
            raise self.refuse(f"the root element is {shown(tag)}, not 'topology'; {ADVICE}")
        self.version = attributes.get("version")
        self.open.append(None)

    def _add(self, attributes: dict[str, str]) -> None:
        """Handle the start of an `object`: inside the one that is open, or as a root."""
        added = XmlObject(attributes, self.file, self.line)
        if not added.type:
            raise added.refuse('this object has no type; add one such as type="PU"')
        outer = self.open[-1]
        if outer is None and len(self.open) > 1:
            raise added.refuse("this object is inside another kind of element; put it inside an object")
        (self.roots if outer is None else outer.children).append(added)
        self.open.append(added)

    def end(self, _tag: str) -> None:
        """Handle the end of an element."""
        self.open.pop()

    def close(self) -> None:
        """Handle the end of the file; the parser has checked that every element is closed."""

    def document(self) -> Document:
        """Return the collected document."""
        if len(self.roots) != 1:
            line = self.roots[1].line if self.roots else self.line
            raise BadInput(
                f"expected one Machine but found {plural(len(self.roots), 'root object')}; {ADVICE}",
                file=self.file,
                line=line,
            )
        return Document(self.version, self.roots[0], self.other_tags)
