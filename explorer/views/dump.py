"""A dump of a real machine at one moment: the rows of its map, its counters and limits, and its findings.

What the dump does not say is unknown, and is shown as such: -1 for a colour, None for a number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from engine.constants import PAGE_SHIFT, VMSTATS_FIELDS
from engine.inputs.dumps.moment import DumpMoment, Grid, changed_colors
from engine.machine.counters import UNKNOWN
from engine.memory.cells import Array
from engine.words import plural
from explorer.views.rows import SHORT, TYPES, AxisRow, Band, MapRow, socket_bands
from explorer.views.safe_text import safe

DUMP_TYPES: Final = tuple(name for name in TYPES if name != "NONE")
"""The rows of the map from the top: a dump does not say which pages are on no queue."""

NOT_KNOWN: Final = "unknown"

_LARGEST: Final = 1 << 59
"""The most pages of a colour that are drawn: 8 times as many are still a number of 64 bits."""

_WITH_CACHE: Final = ("v_free_target", "v_free_min", "v_free_severe", "v_pageout_free_min")
_ALONE: Final = ("v_free_reserved", "v_interrupt_free_min")
"""The limits that the kernel compares with free and cached pages, and those for free pages alone."""

_OTHERS: Final = tuple(name for name in VMSTATS_FIELDS if name not in (*_WITH_CACHE, *_ALONE))


# --- the map ----------------------------------------------------------------------------------------------


def cells_of(moment: DumpMoment) -> int:
    """The colours of the map: a power of two, as a kernel has; 1 for a dump without queues."""
    return moment.colors or 1


def map_rows(moment: DumpMoment, before: DumpMoment | None, place: tuple[str, int]) -> tuple[MapRow, ...]:
    """The rows of the map.

    before: the moment with which this one is compared: what differs is changed.
    place:  the type and the colour under the cursor.
    """
    size, bands = cells_of(moment), node_bands(moment.grid, moment.colors)
    changed = changed_colors(before, moment) if before is not None else {}
    return tuple(
        _map_row(moment, name, size, bands, changed.get(name, frozenset()), before, place)
        for name in DUMP_TYPES
    )


def _map_row(
    moment: DumpMoment,
    name: str,
    size: int,
    bands: tuple[Band, ...],
    changed: frozenset[int],
    before: DumpMoment | None,
    place: tuple[str, int],
) -> MapRow:
    counts = _drawn(moment.queues[name], size)
    full = full_count(counts)
    return MapRow(
        name,
        counts,
        full,
        moment.total(name),
        _difference(moment.total(name), None if before is None else before.total(name)) or 0,
        changed,
        cursor=place[1] if place[0] == name else -1,
        bands=bands,
        scale=f"█ {full:,}" if (counts > 0).any() else "",
        sparse=True,
    )


def _drawn(lengths: Array | None, size: int) -> Array:
    """The lengths of `size` colours, no longer than can be drawn."""
    return np.full(size, UNKNOWN, np.int64) if lengths is None else np.minimum(lengths, _LARGEST)


def full_count(counts: Array) -> int:
    """The pages that fill a cell: the smallest power of two that is not below any colour, at least 8."""
    return 1 << max(int(counts.max()) - 1, 7).bit_length()


def node_bands(processors: Grid | None, colors: int | None) -> tuple[Band, ...]:
    """The colours that boot gives each node; none if that is unknown, or if boot does not divide them."""
    sockets = None if processors is None or processors.cores == 0 else processors.sockets
    if colors is None or sockets is None or not 1 < sockets <= colors:
        return ()
    return socket_bands(sockets, colors // sockets)


def axis_row(moment: DumpMoment, color: int) -> AxisRow:
    """The axis of the colours, with the cursor on one."""
    return AxisRow(cells_of(moment), color, node_bands(moment.grid, moment.colors))


def color_words(moment: DumpMoment, before: DumpMoment | None, place: tuple[str, int]) -> tuple[str, ...]:
    """What is known of the colour under the cursor, the longest form first.

    `colour 17 (node 0): FREE 4 (+1), INACTIVE 0, ACTIVE 912, CACHE 3, HOLD unknown`, and for a narrow screen
    what is known of the type under the cursor.
    """
    base, color = place
    bands = node_bands(moment.grid, moment.colors)
    node = next((f" ({band.label})" for band in bands if band.first <= color < band.beyond), "")
    words = {name: _length_words(moment, before, name, color) for name in DUMP_TYPES}
    every = ", ".join(f"{name} {words[name]}" for name in DUMP_TYPES)
    short = ", ".join(f"{SHORT[name]} {words[name].replace(NOT_KNOWN, '?')}" for name in DUMP_TYPES)
    own = f"{base} {words[base]}"
    return tuple(f"colour {color}{text}" for text in (f"{node}: {every}", f": {short}", f": {own}"))


def _length_words(moment: DumpMoment, before: DumpMoment | None, name: str, color: int) -> str:
    now = length_of(moment, name, color)
    if now is None:
        return NOT_KNOWN
    change = _difference(now, length_of(before, name, color) if before is not None else None)
    return f"{now:,}" + (f" ({change:+,})" if change else "")


def length_of(moment: DumpMoment, name: str, color: int) -> int | None:
    """The pages of a type and a colour; None if that is unknown."""
    lengths = moment.queues[name]
    if lengths is None or color >= lengths.size or lengths[color] == UNKNOWN:
        return None
    return int(lengths[color])


def _difference(now: int | None, before: int | None) -> int | None:
    return None if now is None or before is None else now - before


# --- totals and limits ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Figure:
    """A number of a dump: its name, its value and its change; None for what is unknown.

    forms: what there is to say about it, the longest form first: of a limit, where the pages that it limits
           are: `below by 924`, `below`.
    below: whether it is a limit that is not met.
    here:  whether it is what the limits around it are compared with.
    """

    name: str
    value: int | None
    change: int | None = None
    forms: tuple[str, ...] = ()
    below: bool = False
    here: bool = False


@dataclass(frozen=True)
class Figures:
    """Figures under a title."""

    title: str
    rows: tuple[Figure, ...]


def figures_of(moment: DumpMoment, before: DumpMoment | None) -> tuple[Figures, ...]:
    """The totals of the queues, the limits, and the other numbers of a dump, with their changes."""
    found = [
        Figures("on the queues", tuple(_total(moment, before, name) for name in DUMP_TYPES)),
        Figures("limits of free + cache", _ladder(moment, before, "free + cache", _WITH_CACHE)),
        Figures("limits of free alone", _ladder(moment, before, "free", _ALONE)),
        Figures("counters and other limits", tuple(_value(moment, before, name) for name in _OTHERS)),
    ]
    if moment.events:
        found.append(Figures("events", tuple(_event(moment, before, name) for name in sorted(moment.events))))
    if moment.grid is not None:
        grid = moment.grid
        parts = ("sockets", grid.sockets), ("cores of each", grid.cores), ("threads of each", grid.threads)
        found.append(Figures("processors", tuple(Figure(name, count) for name, count in parts)))
    if moment.physmem is not None:
        found.append(Figures("size of memory", (Figure("hw.physmem / 4 KiB", moment.physmem >> PAGE_SHIFT),)))
    return tuple(found)


def _total(moment: DumpMoment, before: DumpMoment | None, name: str) -> Figure:
    total = moment.total(name)
    if total is None:
        return Figure(name, None, forms=_known_part(moment.queues[name]))
    if before is None:
        return Figure(name, total)
    changed = len(changed_colors(before, moment)[name])
    forms = (f"in {plural(changed, 'colour')}", f"in {changed:,}") if changed else ()
    return Figure(name, total, _difference(total, before.total(name)), forms)


def _known_part(lengths: Array | None) -> tuple[str, ...]:
    """What is known of a type of which some colours are unknown."""
    known = [] if lengths is None else lengths[lengths != UNKNOWN].tolist()
    if lengths is None or not known:
        return ()
    least = f"at least {sum(known):,}"
    return f"{least} in {len(known):,} of {lengths.size:,} colours", least


def _value(moment: DumpMoment, before: DumpMoment | None, name: str) -> Figure:
    value = moment.vmstats[name]
    return Figure(name, value, _difference(value, before.vmstats[name]) if before is not None else None)


def _event(moment: DumpMoment, before: DumpMoment | None, name: str) -> Figure:
    value = moment.events[name]
    return Figure(safe(name), value, _difference(value, before.events.get(name)) if before else None)


def free_pages(moment: DumpMoment, *, cache: bool = True) -> int | None:
    """The free pages, with the cached ones or without; None if a part of them is unknown."""
    parts = [moment.counted(queue) for queue in (("FREE", "CACHE") if cache else ("FREE",))]
    known = [pages for pages in parts if pages is not None]
    return sum(known) if len(known) == len(parts) else None


def _ladder(
    moment: DumpMoment, before: DumpMoment | None, what: str, limits: Sequence[str]
) -> tuple[Figure, ...]:
    """The limits from the highest to the lowest, with the pages that they limit between them.

    A limit that is unknown comes last.
    """
    cache = "cache" in what
    pages = free_pages(moment, cache=cache)
    change = _difference(pages, free_pages(before, cache=cache)) if before is not None else None
    here = Figure(what, pages, change, here=True)
    rungs = [_rung(_value(moment, before, name), pages) for name in limits]
    known = sorted((one for one in rungs if one.value is not None), key=lambda one: -(one.value or 0))
    over = [one for one in known if pages is not None and (one.value or 0) > pages]
    unknown = [one for one in rungs if one.value is None]
    return (*over, here, *known[len(over) :], *unknown)


def _rung(limit: Figure, pages: int | None) -> Figure:
    """A limit, and whether the pages are above it."""
    if limit.value is None or pages is None:
        return limit
    below = pages < limit.value
    side = "below" if below else "above"
    forms = f"{side} by {abs(pages - limit.value):,}", side
    return Figure(limit.name, limit.value, limit.change, forms, below)


# --- the lines around -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class DumpStatus:
    """The status line of a dump.

    number, total: which moment of how many. place: file and line of its text.
    since: the number of the moment with which it is compared, or 0; marked: whether the user marked that.
    free, minimum: free and cached pages, and v_free_min; None if unknown.
    """

    number: int
    total: int
    place: str
    since: int
    marked: bool
    free: int | None
    minimum: int | None


def status_of(moments: Sequence[DumpMoment], at: int, since: int | None, *, marked: bool) -> DumpStatus:
    """The status line at moment `at`, compared with moment `since`."""
    moment = moments[at]
    return DumpStatus(
        at + 1,
        len(moments),
        place_words(moment),
        0 if since is None else since + 1,
        marked,
        free_pages(moment),
        moment.vmstats["v_free_min"],
    )


def place_words(moment: DumpMoment) -> str:
    """File and line at which the text of a moment starts."""
    return safe(f"{moment.file}:{moment.line}")


@dataclass(frozen=True)
class FindingsRow:
    """The findings at a moment, one sentence each, and what of its text could not be read.

    findings: None as long as they are not computed.
    """

    findings: tuple[str, ...] | None
    notes: tuple[str, ...] = ()


def findings_row(moment: DumpMoment, found: Sequence[str] | None) -> FindingsRow:
    """The sentences about a moment, safe to show: a note may quote the dump."""
    odd = None if found is None else tuple(map(safe, found))
    return FindingsRow(odd, tuple(map(safe, moment.notes)))
