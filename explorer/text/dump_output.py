"""The output of `pageq map`: what real machines printed about their pages, as text or as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any, Final

from engine.constants import VMSTATS_FIELDS
from engine.inputs.dumps.moment import QUEUES, DumpMoment, Grid, changed_colors
from engine.machine.counters import UNKNOWN
from engine.memory.cells import Array
from engine.reports.dump_findings import findings
from engine.words import plural
from explorer.views.dump import DUMP_TYPES, NOT_KNOWN, Figure, figures_of, map_rows
from explorer.views.glyphs import LEVELS
from explorer.views.levels import levels
from explorer.views.rows import Band, MapRow
from explorer.views.spans import axis, columns, wrapped

Moments = Sequence[DumpMoment]

WIDEST: Final = 100
"""The most columns of a line, unless one word is longer."""

CELLS: Final = 64
"""The characters of a picture of the queues of one type."""

MARK: Final = "?"
"""The character of colours of which one is unknown."""

# --- text -------------------------------------------------------------------------------------------------


def text_lines(moments: Moments, *, picture: bool = True) -> Iterator[str]:
    """What is known of each moment, what changed since the one before, and its findings.

    picture: whether the lengths are drawn too, as a screen reader cannot read them.
    """
    for at in range(len(moments)):
        yield from [""] if at else []
        yield from _moment_lines(moments, at, picture=picture)


def _moment_lines(moments: Moments, at: int, *, picture: bool) -> Iterator[str]:
    moment = moments[at]
    heading = f"{moment.file}:{moment.line}"
    heading += f", moment {at + 1:,} of {len(moments):,}" if len(moments) > 1 else ""
    yield heading
    yield from ["-" * min(columns(heading), WIDEST)] if picture else []
    blocks = [
        list(_table(moment)),
        list(_picture(moment)) if picture else [],
        list(_figures(moment)),
        _since(moments, at) if at else [],
        _points("findings", findings(moments, at)) or ["no findings"],
        _points("not read", moment.notes),
    ]
    for number, block in enumerate(filter(None, blocks)):
        yield from [""] if number else []
        yield from block


def _table(moment: DumpMoment) -> Iterator[str]:
    """For each type the pages, the shortest and the longest queue, and how many are empty or unknown."""
    rows = [_row(name, moment.queues[name], moment.total(name)) for name in DUMP_TYPES]
    heads = ["type", "pages", "shortest", "longest", "empty", NOT_KNOWN]
    if all(row[-1] in ("", "0") for row in rows):
        heads, rows = heads[:-1], [row[:-1] for row in rows]
    every = [heads, *rows]
    widths = [max(len(row[at]) for row in every) for at in range(len(heads))]
    for name, *cells in every:
        numbers = (cell.rjust(width) for cell, width in zip(cells, widths[1:], strict=True))
        yield f"{name.ljust(widths[0])}  {'  '.join(numbers)}".rstrip()


def _row(name: str, lengths: Array | None, total: int | None) -> list[str]:
    if lengths is None:
        return [name, NOT_KNOWN, "", "", "", ""]
    known = lengths[lengths != UNKNOWN]
    ends = [f"{int(known.min()):,}", f"{int(known.max()):,}"] if known.size else ["", ""]
    empty, unknown = int((known == 0).sum()), lengths.size - known.size
    return [name, NOT_KNOWN if total is None else f"{total:,}", *ends, f"{empty:,}", f"{unknown:,}"]


# --- the picture ------------------------------------------------------------------------------------------


def _picture(moment: DumpMoment) -> Iterator[str]:
    """The rows of the map, with a character for so many colours that 64 are enough."""
    if moment.colors is None:
        return
    rows = map_rows(moment, None, ("", 0))
    bucket = max(rows[0].counts.size // CELLS, 1)
    longest = "" if bucket == 1 else ", by their longest queue"
    legend = f"{LEVELS[0]} none, {LEVELS[-1]} the number at the end, {MARK} {NOT_KNOWN}"
    yield f"one character is {plural(bucket, 'colour')}{longest}: {legend}"
    room = max(map(len, DUMP_TYPES)) + 2
    for row in rows:
        yield f"{row.name.ljust(room)}{_drawn(row, bucket)}  {row.scale}".rstrip()
    if nodes := _nodes(rows[0].bands, rows[0].counts.size // bucket, bucket).rstrip():
        yield f"{' ' * room}{nodes}"


def _drawn(row: MapRow, bucket: int) -> str:
    """The queues of a type; a character with an unknown one is unknown, as on the map."""
    unknown = (row.counts == UNKNOWN).reshape(-1, bucket).any(axis=1).tolist()
    marks = levels(row.counts, row.full, row.counts.size // bucket).tolist()
    return "".join(MARK if lacks else LEVELS[level] for level, lacks in zip(marks, unknown, strict=True))


def _nodes(bands: Sequence[Band], width: int, bucket: int) -> str:
    """The nodes under their colours; "" if they are unknown, or have too few characters for a number."""
    room = width // max(len(bands), 1)
    if room < 3 or len(bands) < 2:
        return ""
    labels = [band.label if room > len(bands[-1].label) + 1 else band.label.split()[-1] for band in bands]
    starts = [band.first // bucket for band in bands]
    return axis([(start, f"|{label}") for start, label in zip(starts, labels, strict=True)], width)


# --- figures, changes, findings -----------------------------------------------------------------------------


def _figures(moment: DumpMoment) -> Iterator[str]:
    """The limits with the pages that they limit, one a line, and the other numbers."""
    _, *groups = figures_of(moment, None)
    width = max(len(row.name) for group in groups for row in group.rows)
    for group in groups:
        limited = next((row for row in group.rows if row.here), None)
        if limited is not None and any(row.forms for row in group.rows):
            yield f"{group.title}:"
            yield from (_rung(row, limited.name, width) for row in group.rows)
            continue
        known = [f"{row.name} {row.value:,}" for row in group.rows if row.value is not None]
        unknown = [row.name for row in group.rows if row.value is None]
        yield from _listed(group.title, known or [NOT_KNOWN])
        yield from _listed(f"  {NOT_KNOWN}", unknown if known else [])


def _rung(row: Figure, limited: str, width: int) -> str:
    """A limit, and where the pages are that it limits; or these pages, among the limits."""
    value = NOT_KNOWN if row.value is None else f"{row.value:,}"
    where = f"  {limited} is {row.forms[0]}" if row.forms else ""
    return f"{'>' if row.here else ' '} {row.name.ljust(width)}  {value.rjust(11)}{where}"


def _since(moments: Moments, at: int) -> list[str]:
    """What is known in both moments and differs."""
    before, after = moments[at - 1], moments[at]
    _, *groups = figures_of(after, before)
    parts = [*_changed_queues(before, after)]
    rows = (row for group in groups for row in group.rows if not row.here)
    parts += [f"{row.name} {row.change:+,}" for row in rows if row.change]
    return list(_listed(f"since moment {at:,}", parts or ["nothing that is known in both has changed"]))


def _changed_queues(before: DumpMoment, after: DumpMoment) -> Iterator[str]:
    if None not in (before.colors, after.colors) and before.colors != after.colors:
        yield f"{before.colors:,} colours became {after.colors:,}"
    for name, colors in changed_colors(before, after).items():
        if colors:
            one, other = before.total(name), after.total(name)
            pages = "" if one is None or other is None else f" {other - one:+,}"
            yield f"{name}{pages} ({plural(len(colors), 'colour')})"


def _points(title: str, sentences: Sequence[str]) -> list[str]:
    """A list of sentences under its title; nothing without a sentence."""
    lines = [f"{title}:"] if sentences else []
    for sentence in sentences:
        first, *rest = wrapped(sentence, WIDEST - 2)
        lines += [f"- {first}", *(f"  {line}" for line in rest)]
    return lines


def _listed(title: str, items: Sequence[str]) -> Iterator[str]:
    """Lines of a title and its items, none of which is broken; nothing without an item."""
    line = f"{title}:"
    for number, item in enumerate(items, 1):
        part = f" {item},"
        if len(line) + len(part) > WIDEST and number > 1:
            yield line
            line = "   "
        line += part if number < len(items) else part[:-1]
    yield from [line] if items else []


# --- JSON -------------------------------------------------------------------------------------------------


def json_parts(moments: Moments) -> Iterator[str]:
    """Yield one JSON object in parts, one for each moment: it can be long."""
    yield '{"format": 1, "moments": ['
    for at in range(len(moments)):
        yield (", " if at else "") + json.dumps(_facts(moments, at))
    yield "]}\n"


def _facts(moments: Moments, at: int) -> dict[str, Any]:
    moment = moments[at]
    changed = changed_colors(moments[at - 1], moment) if at else None
    return {
        "queues": {name: _known(moment.queues[name]) for name in QUEUES},
        "vmstats": {name: moment.vmstats[name] for name in VMSTATS_FIELDS},
        "findings": list(findings(moments, at)),
        "place": {"file": moment.file, "line": moment.line},
        "events": dict(moment.events),
        "grid": None if moment.grid is None else _grid(moment.grid),
        "physmem": moment.physmem,
        "changed": changed and {name: sorted(colors) for name, colors in changed.items()},
        "notes": list(moment.notes),
    }


def _known(lengths: Array | None) -> list[int | None] | None:
    """The lengths by colour, None for each that is unknown."""
    if lengths is None:
        return None
    return [None if pages == UNKNOWN else pages for pages in lengths.tolist()]


def _grid(grid: Grid) -> dict[str, int | None]:
    return {"sockets": grid.sockets, "cores": grid.cores, "threads": grid.threads}
