"""The contiguous reserve: its bitmap, its free runs, its tree, and the last allocation."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from engine.kernel.alist import SPANS
from explorer.lenses.reserve import LENS, ReserveRow
from explorer.session.session import Session
from explorer.views.spans import plain

OpenRun = Callable[..., Session]
DrawText = Callable[..., str]

RUN = """format = 1
title = "Contiguous"
[machine]
memory = "64 MiB"
topology = "1x2x1"
[[object]]
name = "file"
type = "vnode"
size = 300
[[thread]]
name = "driver"
cpu = 0
script = \"\"\"
a = vm_page_alloc_contig(0, -1, 0, 0, 40000, 6)
b = vm_page_alloc_contig(0x200000, -1, 65536, 0, 65536, 6)
vm_page_free_contig(a, 40000)
c = vm_page_alloc_contig(0, 0x2000, 0, 0, 0x4000, 6)
\"\"\"
"""

USUAL = """\
998 of 1,024 blocks free  largest run 502  below 0x400000
kept for drivers 1,024 at most
     0x0 ▒███████████████▸███████████████  cell = 32 blocks
nodes 8,192 ▒  1 partly
nodes 512   ▒▒  2 partly
nodes 32    ▒███████████████▒███████████████  30 free, 2 partly
free runs  0xa–0x1ff (502)  0x210–0x3ff (496)
last taken ▸16 blocks 0x200–0x20f  by driver  step 6  … 1 more"""

SMALL = """\
998 of 1,024 blocks free  … 3 more
     0x0 ▒███████████████
0x200000 ▸███████████████
free runs  0xa–0x1ff (502)  … 1 more
last ▸16 blocks 0x200–0x20f  … 3 more"""

ROOMY = """\
998 of 1,024 blocks free  largest run 502  below 0x400000
kept for drivers 1,024 at most
     0x0 ··▒█████████████████████████████████████████████████████████████
0x100000 ████████████████████████████████████████████████████████████████
0x200000 ▸▸▸▸████████████████████████████████████████████████████████████
0x300000 ████████████████████████████████████████████████████████████████
nodes 8,192 ▒  1 partly
nodes 512   ▒▒  2 partly
nodes 32    ▒███████████████▒███████████████  30 free, 2 partly
free runs  0xa–0x1ff (502)  0x210–0x3ff (496)
last taken ▸16 blocks 0x200–0x20f  by driver  step 6  aligned to 512 blocks
█ free  ▒ partly  · taken, or no memory  ▸ by the last step
block numbers are page numbers"""


@pytest.mark.parametrize(("width", "height", "drawing"), [(67, 8, USUAL), (40, 6, SMALL), (80, 16, ROOMY)])
def test_what_a_driver_allocated_is_marked(
    width: int, height: int, drawing: str, open_run: OpenRun, draw_text: DrawText
) -> None:
    assert draw_text(LENS, open_run(RUN, "look for a free range", 2), width, height) == drawing


def test_the_last_allocation_stays_after_a_free_and_a_failed_allocation(
    open_run: OpenRun,
) -> None:
    session = open_run(RUN)
    shown: ReserveRow = LENS.look(session)
    assert shown.asked == 3
    assert shown.last is not None
    assert (shown.last.first, shown.last.count, shown.last.thread) == (0x200, 16, "driver")
    assert shown.runs == ((0, 0x200), (0x210, 0x400))
    assert shown.changed == frozenset()


def test_a_freed_run_is_marked_but_not_shown_as_allocated(open_run: OpenRun) -> None:
    session = open_run(RUN, "free the range")
    shown: ReserveRow = LENS.look(session)
    assert shown.changed == frozenset(range(10))
    text = plain(LENS.draw(shown, 80, 16).lines)
    assert "\n     0x0 ▸▸▸█" in text
    assert "▸16 blocks" not in text
    assert "last taken 16 blocks 0x200–0x20f" in text


def test_the_runs_and_the_tree_agree_with_the_bitmap(open_run: OpenRun) -> None:
    session = open_run(RUN)
    history, vm = session.history, session.vm
    for step in range(history.total + 1):
        history.seek(step)
        shown: ReserveRow = LENS.look(session)
        free = np.flatnonzero(vm.memory.vector("alist.free"))
        blocks = [block for begin, beyond in shown.runs for block in range(begin, beyond)]
        assert blocks == free.tolist()
        assert shown.total == free.size
        text = plain(LENS.draw(shown, 80, 16).lines)
        for span in SPANS:
            nodes = vm.memory.vector("alist.free")[: -(-1024 // span) * span].reshape(-1, span).sum(axis=1)
            whole, some = int((nodes == span).sum()), int(((nodes > 0) & (nodes < span)).sum())
            counts = [f"{whole} free"] * bool(whole) + [f"{some} partly"] * bool(some)
            line = next(line for line in text.split("\n") if line.startswith(f"nodes {span:,} "))
            assert line.endswith("  " + ", ".join(counts))


def test_a_run_without_an_allocation_says_so(open_run: OpenRun, draw_text: DrawText) -> None:
    assert "nothing yet" in draw_text(LENS, open_run("life-of-a-page"), 67, 8)
