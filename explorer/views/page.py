"""The inspector: the struct vm_page of a page, with the changes of the last step."""

from __future__ import annotations

from engine.constants import NULL, PQ_NONE, queue_name
from engine.machine.machine import Machine
from engine.run.history import History
from explorer.views.changes import writes
from explorer.views.labels import Labels
from explorer.views.queues import band_of
from explorer.views.rows import PAGE_FIELDS, PageRow


def page_row(history: History, labels: Labels, m: int, *, following: bool, field: str = "") -> PageRow | None:
    """The row of page `m`, with the inspector's cursor on `field`; None for NULL."""
    if m == NULL:
        return None
    vm = history.vm
    values = {name: getattr(vm.page, name)[m] for name in PAGE_FIELDS}
    old = _old_values(history, m)
    node, local = _node(vm, m)
    return PageRow(
        number=vm.page_number(m),
        address=vm.phys_addr(m),
        values=values,
        old=old,
        queue=_queue(vm, m, values["queue"]),
        old_queue=queue_name(old["queue"]) if "queue" in old else "",
        owner=labels.object(values["object"]),
        spin=labels.owner(values["spin"]),
        band=band_of(vm, values["pc"]),
        node=node,
        local=local,
        following=following,
        field=field,
    )


def _old_values(history: History, m: int) -> dict[str, int]:
    if history.step == 0:
        return {}
    return {
        place.name: old
        for place, index, old, _ in writes(history, history.step)
        if place.table == "page" and index == m and place.name in PAGE_FIELDS
    }


def _queue(vm: Machine, m: int, q: int) -> str:
    if q != PQ_NONE or vm.page.pat_mode[m]:
        return queue_name(q)
    return "none: kept by boot"


def _node(vm: Machine, m: int) -> tuple[str, bool | None]:
    """The name of the address's node, and whether the colour belongs to it (None if there is one node)."""
    node = vm.node_of(m)
    if node is None:
        return "no node", None
    topology = vm.topology
    if topology.phys_ids <= 1 or not topology.core_ids or vm.colors < topology.phys_ids:
        return f"node {node.id}", None
    band, socket = vm.page.pc[m] // (vm.colors // topology.phys_ids), node.phys_id
    return f"node {node.id}", socket is None or band == socket % topology.phys_ids
