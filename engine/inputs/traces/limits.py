"""pageout_thresholds.json: the limits that the real pageout daemon set on machines of many sizes.

Each entry gives a machine's counters at the start of the daemon and the limits that it computed from them.
The limits of each entry are compared; the counters are inputs and are not compared.
Source: golden/FORMAT.md section 6.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from engine.constants import VMSTATS_FIELDS
from engine.errors import BadInput
from engine.inputs.traces.file import DECODER, Line, begins_with, read_text
from engine.inputs.traces.report import ABSENT, Divergence, Tally
from engine.inputs.traces.values import whole
from engine.kernel.boot.sequence import daemon_limits

PAGES_PER_MB = 256
GIVEN = ("mem_mb", "v_page_count", "v_free_count")
"""The keys of an entry that describe its machine."""

KNOWN = frozenset({"physmem", *GIVEN, *VMSTATS_FIELDS})


def compare_limits(path: str, tally: Tally) -> Iterator[Divergence]:
    """Compare each entry of a thresholds file with the limits that the model's daemon computes.

    An entry counts as an operation, the whole file as a segment.
    Errors: BadInput `FILE:LINE: what is wrong; what would be right` for any other file.
    """
    tally.files += 1
    tally.segments += 1
    text = read_text(path)
    number, counted = 1, 0
    for index, (place, end, entry) in enumerate(_entries(path, text), 1):
        number += text.count("\n", counted, place)
        counted = place
        try:
            limits = _limits(entry)
        except BadInput as error:
            raise BadInput(error.message, file=path, line=number) from None
        tally.operations += 1
        tally.comparisons += len(limits)
        for key in sorted(limits.keys() | entry.keys() - KNOWN):
            trace, model = entry.get(key, ABSENT), limits.get(key, ABSENT)
            if trace != model:
                line = number + _line_within(text, place, end, key)
                tally.divergences += 1
                yield Divergence(path, line, index, "vm_pageout_thread", key, trace, model)


def is_limits_file(path: str) -> bool:
    """Whether a file is a JSON array, which no trace is.

    Errors: BadInput if it cannot be read.
    """
    return begins_with(path, b"[")


def _entries(path: str, text: str) -> Iterator[tuple[int, int, Line]]:
    """Yield each object of the array as (start, end in the text, object)."""
    place = text.index("[") + 1
    while True:
        place = _skip(text, place, " \t\r\n")
        if text[place : place + 1] == "]":
            return
        try:
            entry, end = DECODER.raw_decode(text, place)
        except (ValueError, RecursionError) as error:
            line = error.lineno if isinstance(error, json.JSONDecodeError) else text.count("\n", 0, place) + 1
            raise BadInput(f"not JSON with integers: {error}", file=path, line=line) from None
        if type(entry) is not dict:
            line = text.count("\n", 0, place) + 1
            raise BadInput("not an object; the array has one for each machine", file=path, line=line)
        yield place, end, entry
        place = _skip(text, end, " \t\r\n,")


def _skip(text: str, place: int, passed: str) -> int:
    while place < len(text) and text[place] in passed:
        place += 1
    return place


def _limits(entry: Line) -> dict[str, Any]:
    """Compute the model's limits for an entry, and its memory in pages."""
    for key in entry:
        whole(entry[key], key)
    for key in GIVEN:
        if key not in entry:
            raise BadInput(f"the entry has no `{key}`; it must describe its machine")
    limits = daemon_limits(entry["v_page_count"], entry["v_free_count"])
    return {VMSTATS_FIELDS[field]: value for field, value in limits.items()} | {
        "physmem": entry["mem_mb"] * PAGES_PER_MB
    }


def _line_within(text: str, begin: int, end: int, key: str) -> int:
    """Return the line of the member `key`, relative to that of its entry, text[begin:end]."""
    place = text.find(f'"{key}"', begin, end)
    return text.count("\n", begin, place) if place >= 0 else 0
