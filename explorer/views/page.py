"""The inspector: the struct vm_page of a page, with the changes of the last step."""

from __future__ import annotations

from engine.constants import NULL, PQ_NONE, queue_name, type_and_color
from engine.debug.end_condition import end_page
from engine.debug.failed_check import checked_cells
from engine.debug.placements import LOCAL, NO_NODE, causes, placement_of
from engine.machine.machine import Machine
from engine.run.history import History
from explorer.views.changes import net_writes
from explorer.views.labels import Labels
from explorer.views.lit import NOTHING, Lit
from explorer.views.queues import band_of
from explorer.views.remarks import zeroed_words
from explorer.views.row_writes import writes_to_page
from explorer.views.rows import PAGE_FIELDS, PageRow
from explorer.views.verdict import FunctionOf, verdict_of


def page_row(
    history: History,
    labels: Labels,
    m: int,
    *,
    following: bool,
    field: str = "",
    function: FunctionOf | None = None,
    lit: Lit = NOTHING,
) -> PageRow | None:
    """The row of page `m`, with the inspector's cursor on `field`; None for NULL.

    function: finds the kernel function of a step, for the verdict; without it there is no verdict.
    lit: what the lesson asks to look at.
    """
    if m == NULL:
        return None
    vm = history.vm
    values = {name: getattr(vm.page, name)[m] for name in PAGE_FIELDS}
    old = _old_values(history, m)
    taker, local = _taker(history, m)
    return PageRow(
        number=vm.page_number(m),
        name=labels.page_name(m),
        address=vm.phys_addr(m),
        values=values,
        old=old,
        queue=_queue(history, m, values["queue"]),
        old_queue=queue_name(old["queue"]) if "queue" in old else "",
        owner=labels.object(values["object"]),
        spin=labels.owner(values["spin"]),
        band=band_of(vm, values["pc"]),
        node=_node(vm, m),
        local=local,
        taker=taker,
        following=following,
        field=field,
        zeroed=zeroed_words(history.branch.remarks.of(history.step), m) if history.step else "",
        verdict=None if function is None else verdict_of(history, labels, m, function),
        checked=_checked(history, m),
        lit=lit.pages.get(m, frozenset()),
    )


def _checked(history: History, m: int) -> tuple[str, ...]:
    """The fields that the end at the cursor is about: what a failed check read, or what a sleep waits for."""
    if m != NULL and history.outcome != "panic" and m == end_page(history):
        return ("busy_count",)
    place_of = history.vm.memory.place_of
    return tuple(place_of(cell)[0].name for cell in checked_cells(history, m))


def _old_values(history: History, m: int) -> dict[str, int]:
    if history.step == 0:
        return {}
    places = history.vm.memory.places
    cells = {places[f"page.{name}"].base + m: name for name in PAGE_FIELDS}
    own = [write for write in history.journal.writes_of(history.step) if write[0] in cells]
    return {cells[cell]: old + places[f"page.{cells[cell]}"].spec.bias for cell, old, _ in net_writes(own)}


def _queue(history: History, m: int, q: int) -> str:
    if q == PQ_NONE and history.vm.is_fake(m):
        return "none: fictitious"
    if q != PQ_NONE or history.vm.page.pat_mode[m]:
        return queue_name(q)
    booting = history.booted is None or history.step < history.booted
    return "none: not added" if booting else "none: kept by boot"


def _node(vm: Machine, m: int) -> str:
    node = vm.node_of(m)
    return "no node" if node is None else f"node {node.id}"


def _taker(history: History, m: int) -> tuple[int, bool | None]:
    """The cpu that allocated the page, and whether its memory is local to it, as the lens `numa` counts.

    -1 and None if there is one node only, or the page is not allocated, or was not allocated in this run.
    """
    if history.vm.topology.phys_ids <= 1:
        return -1, None
    placed = placement_of(history, m)
    if not len(placed) or _freed(history, m, int(placed.steps[0])):
        return -1, None
    (cause,) = causes(history.vm, placed).tolist()
    return int(placed.cpus[0]), None if cause == NO_NODE else cause == LOCAL


def _freed(history: History, m: int, since: int) -> bool:
    """Whether a step after `since` put the page on a queue of FREE or CACHE."""
    writes, journal = writes_to_page(history, m), history.journal
    later = writes.number[(writes.step > since) & (writes.step <= history.step)]
    cell = history.vm.memory.address("page.queue", m)
    queues = journal.new.at(later[journal.address.at(later) == cell])
    return any(type_and_color(q)[0] in ("FREE", "CACHE") for q in queues.tolist())


def near(row: PageRow) -> str:
    """Say whether the page's memory is local to the cpu that took it; "" if that is not known."""
    if row.local is None:
        return ""
    return f"local to cpu {row.taker}" if row.local else f"remote to cpu {row.taker}"
