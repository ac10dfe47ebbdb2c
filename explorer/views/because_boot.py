"""What the steps of a stepped boot do: each handles many pages, so a sentence names their range and lists."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from engine.constants import PAGE_SHIFT, PQ_FREE, PQ_NONE, VMSTATS_FIELDS
from engine.kernel.alist import alist_free_info
from engine.memory.cells import Array
from engine.words import plural
from explorer.views.changes import column_writes
from explorer.views.doing import Doing, Reason


def _written(doing: Doing, column: str) -> tuple[Array, Array, Array]:
    """The rows of a column that the step changes, ascending, with their first old and last new values."""
    history, place = doing.history, doing.vm.memory.places[column]
    return column_writes(place, *history.journal.written(doing.step - 1, doing.step))


def _pages(doing: Doing) -> str:
    """The pages of the step's chunk: `256 pages, 0x100 to 0x1ff`."""
    begin, end = _chunk(doing)
    low = doing.vm.first_page
    count = plural(end - begin, "page")
    return f"{count}, {low + begin:#x} to {low + end - 1:#x}" if end - begin > 1 else f"page {low + begin:#x}"


def _chunk(doing: Doing) -> tuple[int, int]:
    return doing["begin" if "begin" in doing.values else "start"], doing["end"]


def _lists(queues: Array) -> str:
    """Free lists by their colours: `FREE[5]`, or `FREE[0..255]`."""
    low, high = int(queues.min()) - PQ_FREE, int(queues.max()) - PQ_FREE
    return f"FREE[{low}]" if low == high else f"FREE[{low}..{high}]"


def _add_pages(doing: Doing) -> str:
    """Say which pages go to the reserve and which to free lists."""
    begin, end = _chunk(doing)
    _, _, queues = _written(doing, "page.queue")
    reserved = end - begin - queues.size
    said = f"adds {_pages(doing)}"
    if not queues.size:
        return f"{said}, to the DMA reserve"
    there = f"to the heads of {_lists(queues)}"
    return f"{said}: {reserved:,} to the DMA reserve, the rest {there}" if reserved else f"{said}, {there}"


def _move_pages(doing: Doing) -> str:
    """Say which colours the pages of a socket's memory get."""
    _, _, queues = _written(doing, "page.queue")
    start, modulus = doing["start"], doing["modulus"]
    own = f"socket {doing['physid']} has colours {start} to {start + modulus - 1}"
    begin, end = _chunk(doing)
    queued = int((doing.vm.memory.vector("page.queue", begin, end - begin) != PQ_NONE).sum())
    if queues.size:
        some = "" if queued == end - begin else f"{queued:,} of "
        return f"moves {some}{_pages(doing)}, to {_lists(queues)}: {own}"
    lists = "" if queued else ", which are on no list"
    if _written(doing, "page.pc")[0].size:
        return f"gives {_pages(doing)}{lists}, colours of their socket: {own}"
    return f"leaves {_pages(doing)}{lists}, with their colours: {own}"


def _fill_lists(doing: Doing) -> str:
    """Say which lists get pages, and from where."""
    pages, before, after = _written(doing, "page.queue")
    if not pages.size:
        return "finds no list to take a page from"
    low, high = doing["low"], doing["high"]
    return (
        f"moves {plural(int(pages.size), 'page')} from {_lists(before)} to {_lists(after)}, "
        f"which had fewer than {low:,} pages; lists of at least {high:,} give"
    )


def _shrink_reserve(doing: Doing) -> str:
    """Say whether the reserve is larger than what is kept for drivers."""
    free = alist_free_info(doing.vm)[0]
    kept = doing.vm.glob.vm_dma_reserved[0] >> PAGE_SHIFT
    blocks, _, _ = _written(doing, "alist.free")
    if blocks.size:
        block = f"{plural(int(blocks.size), 'page')} from {int(blocks.min()):#x} on"
        return f"takes {block} out of the DMA reserve: it has {free:,} free, and {kept:,} are enough"
    return f"leaves the DMA reserve as it is: it has {plural(free, 'free page')}, and {kept:,} are enough"


def _release_pages(doing: Doing) -> str:
    """Say which pages of the reserve become ordinary free pages."""
    _, _, queues = _written(doing, "page.queue")
    return f"frees {_pages(doing)}, of the reserve, to the heads of {_lists(queues)}"


def _roll_up(doing: Doing) -> str:
    """Say by how much a global counter changes."""
    rows, before, after = _written(doing, "vmstats.count")
    if not rows.size:
        return "adds a cpu's pending adjustment to the global counter, which stays as it is"
    name = VMSTATS_FIELDS[int(rows[0])]
    return f"adds cpu {doing['cpu']}'s pending adjustment to {name}: {int(before[0]):,} to {int(after[0]):,}"


def _settle(doing: Doing) -> str:
    return f"lets every cpu see the counters and limits: {plural(doing.vm.ncpus, 'cpu')}"


REASONS: Final[Mapping[str, Reason]] = {
    "vm_page_startup#3": _add_pages,
    "vm_numa_organize#2": _move_pages,
    "vm_numa_organize_finalize#2": _fill_lists,
    "vm_page_startup_finish#2": _shrink_reserve,
    "vm_page_startup_finish#3": _release_pages,
    "vmstats_rollup_cpu#3": _roll_up,
    "settle_views#2": _settle,
}
"""The reason of each action that handles many pages or counters, by function and number of the action."""
