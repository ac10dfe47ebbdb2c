"""Reference strings by name: a trace file in any known format, a made string, or a recorded one.

    made:zipf:pages=1000,seed=1     a made string
    recorded:ls                     a trace that comes with the program
    -                               standard input
    anything else                   a file, plain or gzipped

A string comes in chunks, so that one that does not fit into memory can be read too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from engine.constants import PAGE_SHIFT, PAGE_SIZE
from engine.errors import BadInput
from engine.inputs.file_roles import REFERENCES
from engine.inputs.reference_lines import BLANKS, FORMATS, format_of
from engine.inputs.wrong_file import asking_for
from engine.references import line_formats, recorded, word_formats
from engine.references.access_lines import AccessLines, shown
from engine.references.blocks import Block, shown_path, text_blocks
from engine.references.chunk import Chunk
from engine.references.columns import Columns
from engine.references.distinct import DistinctPages
from engine.references.made import PREFIX, made
from engine.references.references import References
from engine.references.word_formats import WordFormat
from engine.words import byte_size

MADE: Final = "made"
"""The format of a made string."""

REFERENCE_BYTES: Final = 5
"""Bytes of one of the References in memory."""

MEMORY: Final = 1 << 30
"""Bytes that a string may take in memory, unless more are given."""

_FORMAT, _COLUMNS, _PAGE_SIZE, _NO_CODE = "--format", "--columns", "--page-size", "--no-code"
"""What messages call the ways of reading."""

_ALL: Final[tuple[AccessLines | WordFormat, ...]] = (
    *(line_formats.LACKEY, line_formats.PIN, line_formats.RW, line_formats.DIN),
    *(word_formats.ADDRESSES, word_formats.PAGES),
)
_BY_NAME: Final = {one.name: one for one in _ALL}

_DINERO: Final = (".din", ".din.gz")


@dataclass(frozen=True)
class Reading:
    """How a trace file is read.

    format:     one of FORMATS; None to know it by the content.
    page_shift: log2 of the size of a page in bytes.
    code:       whether fetches of instructions are references.
    columns:    of a table; with it, the format is csv.
    """

    format: str | None = None
    page_shift: int = PAGE_SHIFT
    code: bool = True
    columns: Columns | None = None


@dataclass(frozen=True, eq=False)
class ReferenceStream:
    """A reference string that is read once, from its start to its end.

    name:   what messages call it.
    format: one of FORMATS, or MADE.
    chunks: the references; reading them can raise BadInput with FILE:LINE.
    """

    name: str
    format: str
    chunks: Iterator[Chunk]


def open_references(name: str, reading: Reading = Reading()) -> ReferenceStream:
    """Open a reference string, and find out its format.

    name: as this module says.
    Errors: BadInput for a name that does not exist, a file that cannot be read, an unknown format, or a way
            of reading that does not fit the string.
    """
    if name.startswith(PREFIX):
        _check_used(reading, (), "a made string", name)
        return ReferenceStream(name, MADE, made(name).chunks())
    if name.startswith(recorded.PREFIX):
        own = (_FORMAT,) if reading.format == line_formats.LACKEY.name else ()
        _check_used(reading, (*own, _PAGE_SIZE, _NO_CODE), "a recorded string", name)
        if reading.page_shift < PAGE_SHIFT:
            raise BadInput(
                f"{name} was recorded with pages of {PAGE_SIZE:,} bytes; use --page-size {PAGE_SIZE} or more"
            )
        return _opened(
            recorded.recorded_path(name), name, Reading("lackey", reading.page_shift, reading.code)
        )
    with asking_for(REFERENCES, name):
        return _opened(name, shown_path(name), reading)


def read_references(name: str, reading: Reading = Reading(), memory: int = MEMORY) -> References:
    """Read a whole reference string into memory.

    memory: the most bytes that it may take.
    Errors: BadInput as open_references, for a bad line, or if it takes more memory.
    """
    stream = open_references(name, reading)
    distinct, indices, writes = DistinctPages(stream.name), [], []
    count = 0
    for chunk in stream.chunks:
        count += len(chunk)
        if count * REFERENCE_BYTES > memory:
            problem = f"the string takes more than {byte_size(memory)} of memory"
            raise BadInput(f"{problem}; use a shorter one", file=stream.name)
        indices.append(distinct.indices(chunk.pages))
        writes.append(chunk.writes)
    return gathered(stream.name, distinct, indices, writes)


def gathered(
    name: str,
    distinct: DistinctPages,
    indices: Iterable[npt.NDArray[np.uint32]],
    writes: Iterable[npt.NDArray[np.bool_]],
) -> References:
    """Join the chunks of a string: indices into its distinct pages, and whether each reference writes."""
    order = np.argsort(distinct.pages)
    ranks = np.empty(len(order), np.uint32)
    ranks[order] = np.arange(len(order), dtype=np.uint32)
    joined = np.concatenate([np.empty(0, np.uint32), *indices])
    flags = np.concatenate([np.empty(0, np.bool_), *writes])
    return References(name, ranks[joined], flags, distinct.pages[order])


# --- what a way of reading is for -------------------------------------------------------------------------


def _check_used(reading: Reading, used: tuple[str, ...], what: str, name: str) -> None:
    """Check that only what is used is not the default; what: the kind of string.

    Errors: BadInput.
    """
    given = {
        _FORMAT: reading.format is not None,
        _COLUMNS: reading.columns is not None,
        _PAGE_SIZE: reading.page_shift != PAGE_SHIFT,
        _NO_CODE: not reading.code,
    }
    for option, there in given.items():
        if there and option not in used:
            raise BadInput(f"{option} is not for {what}; remove it", file=name)


def _used(form: AccessLines | WordFormat) -> tuple[str, ...]:
    """What of a way of reading a format uses: only addresses have a page size, only some formats fetches."""
    size = () if form is word_formats.PAGES else (_PAGE_SIZE,)
    return (_FORMAT, _COLUMNS, *size, *((_NO_CODE,) if form.fetches else ()))


# --- files ------------------------------------------------------------------------------------------------


def _opened(path: str, name: str, reading: Reading) -> ReferenceStream:
    blocks = text_blocks(path)
    for block in blocks:
        if block.text.strip():
            form = _format(block, name, reading)
            _check_used(reading, _used(form), f"format {form.name}", name)
            chunks = _chunks(form, block, blocks, name, reading)
            return ReferenceStream(name, form.name, chunks)
    raise BadInput("there are no references in it; give a trace with at least one", file=name)


def _format(block: Block, name: str, reading: Reading) -> AccessLines | WordFormat:
    """The format of a file whose first block with text this is.

    Errors: BadInput if it is unknown.
    """
    if reading.columns is not None:
        return reading.columns
    if reading.format is not None:
        return _BY_NAME[reading.format]
    line = block.text.lstrip().split(b"\n", 1)[0].strip(BLANKS)
    if found := format_of(line, din=name.lower().endswith(_DINERO)):
        return _BY_NAME[found]
    at = block.line_at(len(block.text) - len(block.text.lstrip()))
    problem = f"{shown(line)} is not a reference in a known format"
    with asking_for(REFERENCES, name, block.text):
        raise BadInput(f"{problem}; use --format with one of {', '.join(FORMATS)}", file=name, line=at)


def _chunks(
    form: AccessLines | WordFormat, first: Block, rest: Iterator[Block], name: str, reading: Reading
) -> Iterator[Chunk]:
    """Yield the references of all blocks.

    Errors: BadInput with file and line for a bad line, or without one reference.
    """
    count = 0
    if isinstance(form, Columns):
        first = _without_header(form, first)
    for block in _before(first, rest):
        with asking_for(REFERENCES, name):
            chunk = (
                _of_words(form, block, name, reading)
                if isinstance(form, WordFormat)
                else _of_lines(form, block, name, reading)
            )
        count += len(chunk)
        yield chunk
    if not count:
        problem = (
            "there are no references in it"
            if reading.code
            else "there are only fetches of instructions in it"
        )
        raise BadInput(f"{problem}; give a trace with at least one reference", file=name)


def _before(first: Block, rest: Iterator[Block]) -> Iterator[Block]:
    yield first
    yield from rest


def _without_header(form: Columns, block: Block) -> Block:
    blank = len(block.text) - len(block.text.lstrip())
    line = block.text[blank:].split(b"\n", 1)[0]
    if not form.is_header(line):
        return block
    return Block(block.text[:blank] + block.text[blank + len(line) :], block.line, block.whole)


def _of_lines(form: AccessLines, block: Block, name: str, reading: Reading) -> Chunk:
    if not block.whole:
        problem = f"the line is longer than {len(block.text):,} bytes"
        raise BadInput(
            f"{problem}; format {form.name} has one access a line",
            file=name,
            line=block.line_at(len(block.text)),
        )
    found, bad = form.accesses(block.text)
    if bad is not None:
        raise BadInput(bad[1], file=name, line=block.line + bad[0])
    return found.chunk(reading.page_shift, code=reading.code)


def _of_words(form: WordFormat, block: Block, name: str, reading: Reading) -> Chunk:
    numbers, bad = form.numbers(block.text)
    if bad is not None:
        raise BadInput(bad[1], file=name, line=block.line_at(bad[0]))
    if form is word_formats.ADDRESSES:
        numbers = numbers >> np.uint64(reading.page_shift)
    return Chunk(numbers.astype(np.int64), np.zeros(len(numbers), np.bool_))
