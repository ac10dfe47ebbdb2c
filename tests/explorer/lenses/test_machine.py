"""The machine: sockets, cores and cpus with their colours, and the arrows of the pages that they took."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from engine.constants import NULL, PQ_FREE, Cpu, Obj
from engine.debug.placements import WIDENED, causes, placements
from engine.kernel.color import stretch_of, vm_get_pg_color
from engine.scenario.loader import load, load_text
from explorer.lenses import numa
from explorer.lenses.kit.lens import Drawing
from explorer.lenses.machine import LENS, CpuCell, FlowRow, MachineRow, SocketRow, colors_text, draw
from explorer.session.session import Session
from explorer.views.ascii_twins import in_ascii
from explorer.views.spans import length, plain

OpenRun = Callable[..., Session]

SIZES: Final = ((38, 10), (78, 9), (74, 12), (112, 15), (130, 40))
HWLOC: Final = sorted((Path(__file__).parents[2] / "engine/inputs/machines").glob("*.xml"))
SPECS: Final = ("4MiB:1x1x1", "64MiB:2x4x2", "64MiB:1x64x1", "64MiB:3x5x2", "64MiB:8x8x2", "64MiB:2x1x1")

TAKER = """format = 1
title = "Takes pages"
[machine]
memory = "4 MiB"
{colors}
[[thread]]
name = "taker"
script = \"\"\"
for i in range(5):
    p = vm_page_alloc(NULL, i, VM_ALLOC_NORMAL)
\"\"\"
"""


def taken(machine: str, colors: int = 1024) -> Session:
    """A session at the end of a run on a machine, on which cpu 0 took five pages."""
    scenario = load_text(TAKER.format(colors=f"colors = {colors}"), machine=machine)
    history = scenario.start()
    scenario.run(history)
    return Session(history, scenario)


def lines(drawing: Drawing) -> list[str]:
    return [line.rstrip() for line in plain(drawing.lines).split("\n")]


HOME_39 = """\
socket 0 node 0 0–31 free 1,024        socket 1 node 1 32–63 free 1
  core 0  cpu 0 0–15 █ 512               core 0  cpu 2 32–47 · 0
  core 1  cpu 1 16–31 █ 512              core 1  cpu 3 48–63 ▁ 1
free is by colour; by address:  socket 0 896  socket 1 129
 node 1 ──→ cpu 2 of node 1  1 page, local  0x400
 node 0 ━━→ cpu 2 of node 1  1 page, remote: lastq  0xa2
 node 0 ━━→ cpu 2 of node 1  1 page, remote: widened  0x82
  lastq    lastq sent the search to another node's colours
  widened  the search widened into another node's colours"""


def test_each_arrow_is_a_flow_of_pages_with_its_cause(open_run: OpenRun) -> None:
    drawing = draw(LENS.look(open_run("home-is-used-up")), 78, 9)
    assert lines(drawing) == HOME_39.split("\n")
    verbs = {spot.verb for spot in drawing.spots}
    assert {"page 0x400", "page 0xa2", "page 0x82", "goto 65", "color FREE 48"} <= verbs


def test_the_step_that_takes_a_page_is_marked(open_run: OpenRun) -> None:
    session = open_run("home-is-used-up", "clear the page's flags, activity and valid bits")
    text = plain(draw(LENS.look(session), 112, 15).lines)
    assert "▸cpu 2 32–47" in text
    assert (
        "▸node 0 ━━→ cpu 2 of node 1  1 page, remote: the search widened into another node's colours" in text
    )


def test_the_newest_pages_of_a_flow_come_first(open_run: OpenRun) -> None:
    session = open_run("a-socket-with-little-memory")
    row: MachineRow = LENS.look(session)
    lent = row.flows[1]
    assert (lent.node, lent.cpu, lent.count, len(lent.pages)) == ("node 0", 2, 25, 8)
    placed = placements(session.history)
    assert list(lent.pages) == [session.vm.page_number(m) for m in placed.pages[-9:-1][::-1].tolist()]


def test_a_request_starts_in_the_stretch_of_its_cpu() -> None:
    for machine in SPECS:
        vm = taken(machine).vm
        for cpu in range(vm.ncpus):
            start, size = stretch_of(vm, Cpu(cpu))
            asked = {vm_get_pg_color(vm, Cpu(cpu), Obj(NULL), index) for index in range(2 * size + 1)}
            assert asked == {color & vm.color_mask for color in range(start, start + max(size, 1))}


@pytest.mark.parametrize("machine", ["64MiB:2x4x2", "64MiB:8x8x2", "64MiB:1x4x1"])
def test_the_free_pages_of_all_stretches_are_those_of_the_queues(machine: str) -> None:
    session = taken(machine)
    row: MachineRow = LENS.look(session)
    lengths = session.vm.memory.vector("queue.lcnt", PQ_FREE, session.vm.colors)
    assert sum(cell.free for socket in row.sockets for cell in socket.cpus) == lengths.sum()
    assert sum(socket.free for socket in row.sockets) == lengths.sum()
    for socket in row.sockets:
        for cell in socket.cpus:
            assert cell.free == lengths[cell.first : cell.last + 1].sum()


def test_the_flows_count_every_placement_once(open_run: OpenRun) -> None:
    for name in ("home-is-used-up", "a-page-for-another-processor", "a-socket-with-little-memory"):
        session = open_run(name)
        history, row = session.history, LENS.look(session)
        why = Counter(causes(history.vm, placements(history)).tolist())
        assert row.placed == why.total()
        assert Counter({one.cause: 0 for one in row.flows}).keys() == why.keys()
        for one in row.flows:
            assert sum(other.count for other in row.flows if other.cause == one.cause) == why[one.cause]


@pytest.mark.parametrize("rules", ["document", "source"])
def test_free_pages_by_address_are_those_that_numa_counts(rules: str) -> None:
    scenario = load("home-is-used-up", rules=rules)
    history = scenario.start()
    scenario.run(history)
    session = Session(history, scenario)
    row: MachineRow = LENS.look(session)
    by_node = [node.counts[0] for node in numa.look(session).nodes]
    assert [socket.here for socket in row.sockets] == by_node
    assert [socket.free for socket in row.sockets] != by_node
    assert "free is by colour; by address:  socket 0 896  socket 1 129" in plain(draw(row, 112, 15).lines)


# --- sizes ------------------------------------------------------------------------------------------------


def check(row: MachineRow, width: int, height: int) -> str:
    """Check that a drawing fits and that no line of its sockets is cut; return its text."""
    drawing = draw(row, width, height)
    assert 0 < len(drawing.lines) <= height
    assert all(length(line) <= width for line in drawing.lines)
    for line in lines(drawing):
        assert "→" in line or not line.endswith("…"), line
        assert len(in_ascii(line)) == len(line)
        assert in_ascii(line).isascii()
    return plain(drawing.lines)


@pytest.mark.parametrize("machine", SPECS)
def test_a_regular_machine_fits_all_panels(machine: str) -> None:
    for colors in (1024, 4):
        row = LENS.look(taken(machine, colors))
        for width, height in SIZES:
            text = check(row, width, height)
            assert "→ cpu 0" in text
            for socket in row.sockets:
                assert f"socket {socket.number}" in text or f"s{socket.number} {socket.free:,}" in text


@pytest.mark.parametrize("path", HWLOC, ids=lambda path: path.stem)
def test_a_machine_of_an_hwloc_file_fits_all_panels(path: Path) -> None:
    session = taken(str(path))
    row: MachineRow = LENS.look(session)
    named = {name for socket in row.sockets for name in socket.nodes.split(", ")} | set(row.others)
    nodes = {f"node {node.id}" for node in session.vm.config.hardware.nodes}
    assert nodes <= named <= nodes | {"no memory"}
    for width, height in SIZES:
        text = check(row, width, height)
        assert all(name in text for name in row.others)


def test_memory_without_cpus_is_named() -> None:
    cell = CpuCell(0, 0, 0, 0, 63, 10, 8)
    row = MachineRow((SocketRow(0, "node 0", "0–63", 10, (cell,), 10),), ("node 1",), (), 0, 0)
    assert lines(draw(row, 60, 8)) == [
        "socket 0 node 0  colours 0–63  free 10",
        "  core 0  cpu 0 0–63 █ 10",
        "without cpus: node 1",
        "no page allocated in this run yet",
    ]


def test_more_cpus_than_colours_share_a_colour() -> None:
    row: MachineRow = LENS.look(taken("64MiB:8x8x2", 4))
    assert {(cell.first, cell.last) for socket in row.sockets for cell in socket.cpus} == {(0, 0)}
    assert colors_text(3, 3) == "3"


def test_a_level_of_the_topology_of_zero_leaves_all_colours_to_each_cpu(open_run: OpenRun) -> None:
    session = open_run("home-is-used-up")
    session.vm.glob.cpu_topology_core_ids[0] = 0
    (first, *_) = LENS.look(session).sockets
    assert {(cell.first, cell.last) for cell in first.cpus} == {(0, 63)}


@pytest.mark.parametrize(("width", "said"), [(38, "widened"), (60, "remote: widened  0x40 …")])
def test_a_narrow_panel_has_the_whole_cause_and_counts_the_pages_without_a_name(
    width: int, said: str
) -> None:
    row = MachineRow((), (), (FlowRow("node 0", 2, "node 1", WIDENED, 2, 9, (0x40,)),), 2, 20)
    assert lines(draw(row, width, 4))[0].rstrip() == f" node 0 ━━→ cpu 2  2 pages, {said}"


def test_flows_that_do_not_fit_are_counted() -> None:
    cell = CpuCell(0, 0, 0, 0, 63, 10, 8)
    flows = tuple(FlowRow("node 0", 0, "node 0", n, 2, 9, (0x40,)) for n in range(5))
    row = MachineRow((SocketRow(0, "node 0", "0–63", 10, (cell,), 10),), (), flows, 12, 20)
    assert lines(draw(row, 60, 6))[2:] == [
        " node 0 ━━→ cpu 0  2 pages, remote: colour asked  0x40 …",
        " node 0 ━━→ cpu 0  2 pages, remote: lastq  0x40 …",
        " node 0 ━━→ cpu 0  2 pages, remote: widened  0x40 …",
        "… 6 more pages taken",
    ]


def test_a_few_lines_are_for_the_remote_pages() -> None:
    cell = CpuCell(0, 0, 0, 0, 63, 10, 8)
    flows = tuple(FlowRow("node 0", 0, "node 0", n, 2, 9, (0x40,)) for n in range(3))
    shown = draw(MachineRow((SocketRow(0, "node 0", "0–63", 10, (cell,), 10),), (), flows, 6, 20), 60, 4)
    assert [line[:12] for line in lines(shown)[2:]] == [" node 0 ──→ ", " node 0 ━━→ "]
    assert shown.is_cut


def test_the_lens_is_the_same_before_and_after_a_look_at_the_past() -> None:
    scenario = load("home-is-used-up")
    history = scenario.start()
    scenario.run(history)
    session = Session(history, scenario)
    end = LENS.look(session)
    history.seek(70)
    assert LENS.look(session).placed == 1
    history.seek(history.total)
    assert LENS.look(session) == end
