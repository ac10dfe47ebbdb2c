"""The reference strings that a scenario's threads take: the key `trace`, and where its pages are mapped."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from engine.constants import PAGE_SHIFT
from engine.errors import BadInput
from engine.references import made, recorded
from engine.references.reader import Reading, read_references
from engine.references.references import References
from engine.run.reference_string import ReferenceString
from engine.scenario.format import MapForm, ThreadForm
from engine.scenario.named_file import state_of
from engine.scenario.trace_form import TraceForm

LAST_PLACE: Final = 1 << 35
"""The page after the last one of a user's address space, whose addresses have 47 bits."""

STDIN: Final = "-"
"""The name of a string that the command line read from standard input: it is only in memory."""

Strings = Mapping[str, References]
"""Strings in memory, by the names that `trace` gives them."""


def references_of(
    trace: TraceForm, folder: Path, strings: Strings, right: str = "give a path relative to the scenario"
) -> References:
    """Return the string that a thread's key `trace` names.

    folder: the scenario's, from which the path of a file is counted.
    right:  what a message advises without it.
    Errors: BadInput, with the place in the file that cannot be read, else with that of the key.
    """
    if trace.name in strings:
        return strings[trace.name]
    if trace.name == STDIN:
        raise trace.error("the trace came from stdin, which cannot be read again; give a file")
    if is_trace_file(trace.name):
        state = state_of(trace.name, folder, trace.error, right)
        return _read(str(folder / trace.name), trace.reading, state)
    try:
        return _read(trace.name, trace.reading, ())
    except BadInput as error:
        raise error if error.line is not None else trace.error(error.message) from None


def read_trace(name: str, reading: Reading) -> References:
    """Return a string that is not named in a scenario; name: as of engine.references.reader.

    Errors: BadInput.
    """
    right = f"give a trace file, {made.PREFIX}KIND:... or {recorded.PREFIX}NAME"
    return references_of(TraceForm(name, None, reading, BadInput), Path(), {}, right)


def absolute_name(name: str, folder: Path = Path()) -> str:
    """Return a name that means the same string in a scenario of any folder."""
    return str((folder / name).absolute()) if is_trace_file(name) else name


def is_trace_file(name: str) -> bool:
    """Whether a key `trace` names a file of the user's, not a made or recorded string."""
    return not name.startswith((made.PREFIX, recorded.PREFIX))


@lru_cache(maxsize=4)
def _read(name: str, reading: Reading, state: tuple[int, ...]) -> References:
    """Read a string once; state: of its file, so that one that has changed is read again."""
    return read_references(name, reading)


def places_of(references: References) -> npt.NDArray[np.int64]:
    """Return the page of the address space at which each page of a string is: at its own address.

    A string with an address that no user has, as one of a kernel, has its pages one after another from 0.
    """
    pages = references.pages
    fits = not len(pages) or (pages[0] >= 0 and pages[-1] < LAST_PLACE)
    return pages if fits else np.arange(len(pages), dtype=np.int64)


def check_mapped(thread: ThreadForm, places: npt.NDArray[np.int64]) -> None:
    """Check that the maps of the thread's process have every page of its string.

    Errors: BadInput at the key `trace`.
    """
    trace, process = thread.trace, thread.process
    assert trace is not None
    assert process is not None
    there = np.zeros(len(places), np.bool_)
    for entry in process.maps:
        there |= _within(places, entry)
    if not there.all():
        first, last = int(places[0]), int(places[-1])
        maps = f"maps = [{{ object = ..., start = {first << PAGE_SHIFT:#x}, pages = {last - first + 1} }}]"
        page = int(places[int(there.argmin())]) << PAGE_SHIFT
        raise trace.error(f"process {process.name} does not map the page at {page:#x}; use {maps}")


def _within(places: npt.NDArray[np.int64], entry: MapForm) -> npt.NDArray[np.bool_]:
    first = entry.start >> PAGE_SHIFT
    return (places >= first) & (places < first + entry.pages)


def content(string: ReferenceString) -> str:
    """Return the sha256 of what a run depends on in a string: its references and their places."""
    found = hashlib.sha256()
    for part in (string.indices, string.writes, string.places):
        found.update(len(part).to_bytes(8, "little"))
        found.update(np.ascontiguousarray(part).data)
    return found.hexdigest()


def distinct_pages(strings: Iterable[References]) -> int:
    """Return how many pages the strings touch, each string its own."""
    return sum(len(references.pages) for references in strings)
