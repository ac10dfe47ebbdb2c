"""The keys of a [[thread]] that say which reference string it takes, and how the file is read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from engine.constants import PAGE_SIZE
from engine.errors import BadInput
from engine.inputs.reference_lines import FORMATS
from engine.references.columns import read_columns
from engine.references.reader import Reading
from engine.scenario.toml_reader import Section

TRACE_KEYS: Final = ("tick", "format", "page_size", "code", "columns")
"""The keys of [[thread]] that go with `trace`."""


@dataclass(frozen=True)
class TraceForm:
    """The reference string that a thread takes: a path relative to the file, or a name of engine.references.

    tick:    how many references make a tick of the clock; None if the file leaves it to the machine.
    reading: how a file is read.
    error:   returns a BadInput at the key, to be raised.
    """

    name: str
    tick: int | None
    reading: Reading
    error: Callable[[str], BadInput] = field(compare=False, repr=False)


def read_trace_form(part: Section) -> TraceForm | None:
    """Read what a thread says about a reference string; None if it takes none.

    Errors: BadInput with the place of the key.
    """
    name = part.one_line("trace", None)
    tick = part.number("tick", 0, 1 << 31, None)
    reading = _reading(part)
    if name is not None:
        return TraceForm(name, tick, reading, lambda message: part.error(message, "trace"))
    for key in (key for key in TRACE_KEYS if key in part.table):
        raise part.error(f"{key} is about a trace; add trace, or remove {key}", key)
    return None


def _reading(part: Section) -> Reading:
    form, columns = part.choice("format", FORMATS, None), part.one_line("columns", None)
    size = part.number("page_size", 1 << 8, 1 << 30, PAGE_SIZE)
    if size & (size - 1):
        raise part.error(
            f"page_size = {size} is not a power of two; use one such as {PAGE_SIZE}", "page_size"
        )
    try:
        read = None if columns is None else read_columns(columns)
    except BadInput as error:
        raise part.error(error.message.replace("--columns", "columns"), "columns") from None
    if form == FORMATS[-1] and columns is None:
        raise part.error(f'{form} needs columns, such as columns = "addr=2,op=3"', "format")
    if columns is not None and form not in (None, FORMATS[-1]):
        raise part.error(f"columns are for {FORMATS[-1]}; remove columns, or format", "columns")
    return Reading(form, size.bit_length() - 1, part.flag("code", True), read)
