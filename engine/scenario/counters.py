"""The key `counters` of [machine]: what a real machine printed, and the queue lengths that follow from it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from engine.constants import PQ_L2_SIZE, VMSTATS_FIELDS
from engine.errors import BadInput
from engine.inputs.dumps.moment import COUNTERS, QUEUES, DumpMoment
from engine.machine.counters import UNKNOWN, Counters, Lengths
from engine.machine.topology import MAX_PAGES
from engine.scenario.named_file import state_of
from engine.scenario.settings import is_counters_file
from engine.words import plural

THE_PAGES: Final = "counters"
"""The name of the object that has the pages of the queues."""

LARGEST_LIMIT: Final = 1 << 32
_RIGHT: Final = "give the path of a dump, or the dump itself"
_NOTES: Final = 5
"""How many notes on the text of a dump are warnings."""

Moments = tuple[DumpMoment, ...]
"""What a dump says, one or more moments of a machine; a run begins with the last."""


@dataclass(frozen=True)
class CountersForm:
    """The value of `counters`: the path of a dump relative to the scenario's folder, or the dump itself.

    error: returns a BadInput at the key, to be raised.
    """

    value: str
    error: Callable[[str], BadInput]

    @property
    def is_file(self) -> bool:
        """Whether the value names a file."""
        return is_counters_file(self.value)


def read_counters(form: CountersForm, folder: Path) -> Moments:
    """Return the moments of a dump.

    folder: the scenario's.
    Errors: BadInput, with the line of the file that cannot be read, else with that of the key.
    """
    if form.is_file:
        state = state_of(form.value, folder, form.error, _RIGHT)
        return _read(str(folder / form.value), state)
    # Imported here, as below, so that a start without counters does not load the reader.
    from engine.inputs.dumps.reader import read_dumps  # noqa: PLC0415

    try:
        # A text of one line in a scenario has no line end, but it is not cut.
        return read_dumps(f"{form.value}\n", "counters")
    except BadInput as error:
        where = "" if error.line is None else f"line {error.line}: "
        raise form.error(f"counters: {where}{error.message}") from None


@lru_cache(maxsize=4)
def _read(path: str, state: tuple[int, ...]) -> Moments:
    """Read a dump once; state: of its file, so that one that has changed is read again."""
    from engine.inputs.dumps.reader import read_dump_file  # noqa: PLC0415

    return read_dump_file(path)


def source_of(form: CountersForm, moment: DumpMoment) -> str:
    """Return where the counters of a run are from, in words."""
    name = form.value if form.is_file else "the scenario's own text"
    return f"{name}, line {moment.line}"


# --- queue lengths ----------------------------------------------------------------------------------------


def colors_of(form: CountersForm, moment: DumpMoment) -> int | None:
    """Return the number of colours of a dump; None if it has no queue lengths.

    Errors: BadInput at the key if no machine of the model has so many.
    """
    colors = moment.colors
    if colors is not None and (not 1 <= colors <= PQ_L2_SIZE or colors & (colors - 1)):
        raise form.error(
            f"the dump has {plural(colors, 'colour')}; a machine of the model has a power of two, "
            f"at most {PQ_L2_SIZE:,}: give the complete lines"
        )
    return colors


def counters_of(form: CountersForm, moment: DumpMoment, colors: int) -> Counters:
    """Return the queue lengths with which a machine of so many colours begins.

    A dump without queue lengths gives totals, which are spread evenly; the lowest colours have the remainder.
    What is not known is 0, and for FREE UNKNOWN.
    Errors: BadInput at the key for more pages than the model holds, and if nothing is known.
    """
    known = {name: _lengths(moment, name, colors) for name in QUEUES}
    if max(map(max, known.values())) < 0:
        raise form.error("the dump has neither queue lengths nor totals; add the output of `show pageq`")
    total = sum(length for lengths in known.values() for length in lengths if length > 0)
    if total > MAX_PAGES:
        raise form.error(
            f"the queues of the dump have {total:,} pages; the model holds {MAX_PAGES:,} (64 GiB): "
            "use the dump of a smaller machine"
        )
    rest = {
        name.lower(): tuple(max(length, 0) for length in known[name]) for name in QUEUES if name != "FREE"
    }
    free = tuple(max(length, UNKNOWN) for length in known["FREE"])
    return Counters(free=free, **rest, source=source_of(form, moment))


def _lengths(moment: DumpMoment, queue: str, colors: int) -> Lengths:
    if moment.colors is None:
        total = moment.vmstats.get(COUNTERS.get(queue, ""))
        if total is None or total < 0:
            return (UNKNOWN,) * colors
        each, more = divmod(total, colors)
        return tuple(each + (color < more) for color in range(colors))
    lengths = moment.queues[queue]
    return (UNKNOWN,) * colors if lengths is None else tuple(lengths.tolist())


def limits_of(form: CountersForm, moment: DumpMoment, names: Sequence[str]) -> tuple[tuple[str, int], ...]:
    """Return the limits that a dump gives, of `names`, in pages.

    Errors: BadInput at the key for one that no machine has.
    """
    found = [(name, value) for name in names if (value := moment.vmstats.get(name)) is not None]
    for name, value in found:
        if not 0 <= value <= LARGEST_LIMIT:
            raise form.error(f"{name} is {value} in the dump, out of range; use 0 to {LARGEST_LIMIT}")
    return tuple(found)


def page_count_of(moment: DumpMoment, counters: Counters) -> int | None:
    """Return how many pages the machine of a dump has; None if that is not known."""
    pages, wired = moment.vmstats.get("v_page_count"), moment.vmstats.get("v_wire_count")
    if pages is None and wired is not None and min(counters.free) >= 0:
        return wired + sum(counters.needed)
    return pages


def grid_of(moment: DumpMoment) -> str | None:
    """Return the topology of a dump as `SxCxT`; None if it says nothing of it.

    The kernel's number of cores and threads is 0 where it has not detected them.
    """
    grid = moment.grid
    if grid is None:
        return None
    return "x".join(str(max(part or 1, 1)) for part in (grid.sockets, grid.cores, grid.threads))


def text_of(moments: Moments) -> str:
    """Return what a run needs of a dump as a dump of its own; without events, which do not matter."""
    from engine.inputs.dumps.reader import dump_text  # noqa: PLC0415

    return dump_text(replace(moments[-1], events={}, physmem=None))


def content(moments: Moments) -> dict[str, Any]:
    """Return what a run depends on in a dump."""
    moment = moments[-1]
    queues = {name: None if row is None else row.tolist() for name, row in moment.queues.items()}
    return {
        "queues": queues,
        "vmstats": {name: moment.vmstats.get(name) for name in VMSTATS_FIELDS},
        "grid": grid_of(moment),
    }


# --- warnings ---------------------------------------------------------------------------------------------


def dump_warnings(moments: Moments, counters: Counters, page_count: int) -> tuple[str, ...]:
    """Return what may surprise the user of a dump about the run, one sentence each.

    page_count: the machine's v_page_count.
    """
    moment = moments[-1]
    found = list(moment.notes[:_NOTES])
    if len(moment.notes) > _NOTES:
        found.append(f"{len(moment.notes) - _NOTES} more notes on the dump")
    if len(moments) > 1:
        found.append(f"the dump has {len(moments)} moments; the last counts, at line {moment.line}")
    if moment.colors is None:
        found.append(
            f"the dump has no queue lengths; each total is spread over {plural(counters.colors, 'colour')}"
        )
    if differs := list(_differences(moment, counters, page_count)):
        found.append(
            f"the queues of the dump and the size of the machine count, and give other counters: "
            f"{', '.join(differs)}"
        )
    return tuple(f"{counters.source}: {one}" for one in found)


def _differences(moment: DumpMoment, counters: Counters, page_count: int) -> list[str]:
    """Each counter whose value in the dump is not that of the machine."""
    active, held = sum(counters.active), sum(counters.hold)
    has = {
        "v_page_count": page_count,
        "v_cache_count": sum(counters.cache),
        "v_inactive_count": sum(counters.inactive),
        "v_active_count": active + held,
    }
    if min(counters.free) >= 0:
        wired = max(page_count - sum(counters.needed), 0)
        has |= {"v_free_count": sum(counters.free), "v_wire_count": wired}
    said = {name: moment.vmstats.get(name) for name in has}
    return [
        f"{name} is {value:,} in the dump and {has[name]:,} here"
        for name, value in said.items()
        if value is not None and value != has[name]
    ]
