"""The lenses of the whole memory in sentences: frames, nodes, the machine and the DMA reserve."""

from __future__ import annotations

import numpy as np

from engine.constants import NULL, PAGE_SHIFT
from engine.debug.placements import CAUSES, LOCAL, NO_NODE
from engine.kernel.alist import SPANS
from engine.words import plural
from explorer.lenses.frames import FramesRow
from explorer.lenses.kit.page_states import WORDS
from explorer.lenses.machine import CpuCell, FlowRow, MachineRow, colors_text
from explorer.lenses.numa import KINDS, SHORT_CAUSES, NumaRow
from explorer.lenses.reserve import ReserveRow
from explorer.text.listing import MOST, comma_list, listed, number_range, runs_of


def frames_lines(row: FramesRow) -> list[str]:
    """The number of frames of each use, then each run of frames with one use, by page number."""
    counts = [f"{WORDS[state]} {count:,}" for state, count in enumerate(row.counts) if count]
    runs = [
        f"Pages {number_range(first, last, hexadecimal=True)}: {WORDS[state]}, {last - first + 1:,} pages."
        if last > first
        else f"Page {first:#x}: {WORDS[state]}."
        for state, first, last in runs_of(row.states.tolist(), row.first)
    ]
    lines = [f"Frames by use: {comma_list(counts)}.", *listed(runs, "runs of frames")]
    if row.page != NULL:
        lines.append(f"The inspected page {row.first + row.page:#x} is {WORDS[row.states[row.page]]}.")
    for m, was, now in row.changed[:MOST]:
        lines.append(f"The last step changed page {row.first + m:#x} from {WORDS[was]} to {WORDS[now]}.")
    return lines


def numa_lines(row: NumaRow) -> list[str]:
    """The pages of each node by use, the placements of each cpu, and the last remote ones."""
    lines = []
    for node in row.nodes:
        parts = [f"{kind} {count:,}" for (kind, _), count in zip(KINDS, node.counts, strict=True) if count]
        strange = f"; {node.foreign:,} have the colour of another node" if node.foreign else ""
        lines.append(f"{node.name.capitalize()}: {comma_list(parts) or 'no pages'}{strange}.")
    if not row.cpus:
        lines.append("No page was allocated in this run yet.")
    for cpu in row.cpus:
        why = [f"{cpu.causes[c]:,} remote ({name})" for c, name in SHORT_CAUSES.items() if cpu.causes[c]]
        local = f"{cpu.causes[LOCAL]:,} local"
        placed = plural(cpu.placed, "page")
        lines.append(f"Cpu {cpu.cpu} of {cpu.node} allocated {placed}: {comma_list([local, *why])}.")
    remote = (
        f"Step {placed.step:,}: cpu {placed.cpu} took page {placed.page:#x} of {placed.node}, "
        f"because: {CAUSES[placed.cause]}."
        for placed in row.remote
    )
    return [*lines, *listed(remote, "remote placements")]


def machine_lines(row: MachineRow) -> list[str]:
    """The sockets with their cpus, and the flows of pages from nodes to cpus."""
    lines = []
    for socket in row.sockets:
        free = plural(socket.free, "free page")
        if socket.here != socket.free:
            free += f" by colour, {socket.here:,} by address"
        lines.append(f"Socket {socket.number}, {socket.nodes}: colours {socket.colors}, {free}.")
        lines += listed((_cpu_sentence(cell) for cell in socket.cpus), "cpus")
    if row.others:
        lines.append(f"Without cpus: {comma_list(row.others)}.")
    if not row.flows:
        lines.append("No page was allocated in this run yet.")
    return [*lines, *listed(map(_flow_sentence, row.flows), "flows of pages")]


def _cpu_sentence(cell: CpuCell) -> str:
    place = f"Cpu {cell.cpu}, core {cell.core}, thread {cell.thread}"
    return f"{place}, asks for colours {colors_text(cell.first, cell.last)}: {cell.free:,} free."


def _flow_sentence(one: FlowRow) -> str:
    why = CAUSES[one.cause] if one.cause <= NO_NODE else f"remote, because: {CAUSES[one.cause]}"
    more = ", …" if one.count > len(one.pages) else ""
    pages = f"; newest first {', '.join(f'{page:#x}' for page in one.pages)}{more}" if one.pages else ""
    took = f"Cpu {one.cpu} of {one.home} took {plural(one.count, 'page')} of {one.node}, {why}"
    return f"{took}{pages}; the last at step {one.step:,}."


def reserve_lines(row: ReserveRow) -> list[str]:
    """The free blocks, the runs of them, the tree as counts, and the last allocation."""
    if not row.free.size:
        return [f"{row.nothing[:1].upper()}{row.nothing[1:]}."]
    largest = max((beyond - begin for begin, beyond in row.runs), default=0)
    runs = [
        f"{number_range(begin, beyond - 1, hexadecimal=True)} ({beyond - begin:,})"
        for begin, beyond in row.runs
    ]
    lines = [
        f"{row.total:,} of {plural(row.free.size, 'block')} are free; the largest run has {largest:,}. "
        f"At most {row.kept:,} are kept for drivers; the reserve ends below {row.limit << PAGE_SHIFT:#x}.",
        f"Free blocks, by page number: {comma_list(runs) or 'none'}.",
    ]
    free = np.concatenate([np.zeros(row.first, np.bool_), row.free])
    for span in SPANS:
        sums = np.add.reduceat(free.astype(np.int64), np.arange(0, free.size, span))
        full, none = int((sums == span).sum()), int((sums == 0).sum())
        rest = sums.size - full - none
        lines.append(
            f"Nodes of {span:,} blocks: {full:,} free, {rest:,} partly free, {none:,} taken or empty."
        )
    last = row.last
    if last is None:
        lines.append(
            "No contiguous pages were found." if row.asked else "No contiguous pages were asked for."
        )
    else:
        blocks = number_range(last.first, last.first + last.count - 1, hexadecimal=True)
        lines.append(
            f"Last taken: {plural(last.count, 'block')} {blocks}, by {last.thread} at step {last.step:,}."
        )
    return lines
