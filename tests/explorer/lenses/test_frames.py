"""The physical view: where each kind of page lies, and that the states kept agree with the machine."""

from __future__ import annotations

import random
from collections.abc import Callable

import numpy as np
import pytest

from engine.constants import PG_FICTITIOUS, PQ_NONE, queue_name
from engine.kernel.boot.sequence import boot
from engine.machine.machine import Machine, MachineConfig
from engine.machine.topology import Hardware, Node, Topology
from engine.run.history import History
from explorer.lenses.frames import LENS
from explorer.lenses.kit.page_states import (
    HOLE,
    KEPT,
    RESERVE,
    TAKEN,
    USED,
    WIRED,
    WORDS,
    PageStates,
    page_states,
    states_changed,
)
from explorer.session.session import Session
from explorer.views.spans import plain

OpenRun = Callable[..., Session]
DrawText = Callable[..., str]


USUAL = """\
      0x0 n0┌rrrrrrrrrrr·····················  cell 96 frames
 0xc00000   │································  u in use 1
0x1800000   │······················            r reserve 1,024
0x2000000 n1┌································  · free 14,846
0x2c00000   │································  # kept by boot 513
0x3800000   │···@············######
0x3940000   »·····@··························
@ page 0x3945 ▸ free→in use"""

SMALL = """\
      0x0 n0┌rr······  cell 512 frames
0x1000000   │········  u in use
0x2000000 n1┌········  r reserve · free
0x3000000   │····@··#  # kept by boot
0x3940000   »·····@··
@ page 0x3945 ▸ free→in use"""

ROOMY = """\
     0x0 ┌ddrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrr
 0x40000 │wc@h····························································
 0x80000 │································································
 0xc0000 │································································
0x100000 │································································
0x140000 │································································
0x180000 │································································
0x1c0000 │································································
0x200000 │································································
0x240000 │································································
0x280000 │································································
0x2c0000 │································································
0x300000 │································································
0x340000 │································································
0x380000 │································································
0x3c0000 │·······························#################################
cell 1 frame  w wired 1  h hold 1  a active 1  c cache 1  d driver's 2
r reserve 62  · free 923  # kept by boot 33  @ inspected
▸ written by the last step
@ page 0x42 active ▸ written"""


def test_a_page_that_left_its_queue_is_marked(open_run: OpenRun, draw_text: DrawText) -> None:
    session = open_run("colour-and-home", "leave the queue")
    assert draw_text(LENS, session, 67, 8) == USUAL


def test_a_small_panel_has_fewer_cells_and_no_room_for_counts(open_run: OpenRun, draw_text: DrawText) -> None:
    session = open_run("colour-and-home", "leave the queue")
    assert draw_text(LENS, session, 40, 6) == SMALL


def test_with_room_there_is_a_cell_a_frame_and_everything_is_explained(
    open_run: OpenRun, draw_text: DrawText, every_kind: str
) -> None:
    assert draw_text(LENS, open_run(every_kind), 80, 20) == ROOMY


def test_the_marks_are_styled_too(open_run: OpenRun) -> None:
    session = open_run("colour-and-home", "leave the queue")
    session.pin_number("0x3940")
    drawing = LENS.draw(LENS.look(session), 67, 8)
    new = [text for spans in drawing.lines for text, style in spans if style == "new"]
    assert new == ["@", "▸", "in use"]
    assert "@····▸" in plain(drawing.lines)
    assert "page 0x3945 ▸ free→in use" in plain(drawing.lines)


def test_a_click_on_a_cell_pins_the_page_that_matters_most_in_it(open_run: OpenRun) -> None:
    session = open_run("colour-and-home", "release the object token", 2)
    session.pin_number("0x10")
    drawing = LENS.draw(LENS.look(session), 67, 8)
    line = next(y for y, spans in enumerate(drawing.lines) if plain([spans]).startswith("0x3800000"))
    cells = plain([drawing.lines[line]])
    spot = next(spot for spot in drawing.spots if spot.y == line and cells[spot.first] == "u")
    session.pin_number(spot.verb.removeprefix("page "))
    assert spot.beyond == spot.first + 1
    assert session.page in (session.vm.variable.value[slot] for slot in range(8))


def with_hole() -> Machine:
    """2 MiB at 0, nothing up to 6 MiB, 2 MiB again: two nodes."""
    spans = ((0, 2 << 20), (6 << 20, 8 << 20))
    nodes = tuple(Node(n, n, (span,)) for n, span in enumerate(spans))
    return boot(MachineConfig(Hardware("hole", Topology.grid(2, 2, 1), spans, nodes=nodes), colors=64))


def test_a_hole_is_one_line_that_says_so() -> None:
    vm = with_hole()
    session = Session(History(vm, []))
    text = plain(LENS.draw(LENS.look(session), 80, 12).lines)
    assert "0x200000   ┌no memory: 1,024 frames" in text
    assert [line[9:12] for line in text.split("\n") if "┌" in line] == ["n0┌", "  ┌", "n1┌"]
    counts = page_states(session.history).counts
    assert counts[-1, HOLE] == 1024
    assert counts[:, KEPT].sum() == vm.vm_page_array_size - 1024 - vm.vmstats.count[0]


def test_more_stretches_than_lines_are_said_to_be_left_out() -> None:
    session = Session(History(with_hole(), []))
    lines = plain(LENS.draw(LENS.look(session), 80, 3).lines).split("\n")
    assert "… 2 more lines of cells" in lines[1]


def state_by_hand(vm: Machine, m: int) -> str:
    """What `WORDS` should call page `m`, field by field."""
    page = vm.page
    if page.queue[m] != PQ_NONE:
        return queue_name(page.queue[m]).split("[")[0].lower()
    if page.flags[m] & PG_FICTITIOUS:
        return WORDS[RESERVE] if vm.alist.free[vm.first_page + m] else WORDS[TAKEN]
    if not page.pat_mode[m]:
        return WORDS[KEPT]
    return WORDS[WIRED] if page.wire_count[m] else WORDS[USED]


def test_every_frame_has_the_state_that_its_fields_say(open_run: OpenRun, every_kind: str) -> None:
    session = open_run(every_kind)
    history, vm = session.history, session.vm
    seen = set()
    for step in range(0, history.total + 1, 5):
        history.seek(step)
        words = [WORDS[state] for state in page_states(history).states.tolist()]
        assert words == [state_by_hand(vm, m) for m in range(vm.vm_page_array_size)]
        seen |= set(words)
    assert seen == set(WORDS) - {WORDS[HOLE]}


@pytest.mark.parametrize("seed", range(3))
def test_states_followed_from_step_to_step_are_those_looked_up_afresh(
    seed: int, open_run: OpenRun, every_kind: str
) -> None:
    session = open_run(every_kind)
    history, chance = session.history, random.Random(seed)
    followed = page_states(history)
    for _ in range(30):
        history.seek(chance.randrange(history.total + 1))
        followed.bring_to(history)
        fresh = PageStates(session.vm)
        fresh.bring_to(history)
        assert np.array_equal(followed.states, fresh.states)
        assert np.array_equal(followed.counts, fresh.counts)


def test_states_are_right_on_each_branch_however_one_goes_between_them(make_session: OpenRun) -> None:
    history = make_session().history
    history.extend(60)
    history.seek(20)
    history.fork()
    for _ in range(45):
        history.step_thread(1)
    assert history.total > 45
    for branch, step in ((0, 60), (1, 45), (0, 44), (1, 21), (0, 20), (1, 46), (0, 60)):
        history.switch(branch)
        history.seek(step)
        fresh = PageStates(history.vm)
        fresh.bring_to(history)
        assert np.array_equal(page_states(history).states, fresh.states), f"branch {branch}, step {step}"
        assert np.array_equal(page_states(history).counts, fresh.counts)


def test_the_states_changed_by_a_step_are_the_difference_to_the_step_before(
    open_run: OpenRun, every_kind: str
) -> None:
    history = open_run(every_kind).history
    found = 0
    for step in range(1, history.total + 1):
        history.seek(step - 1)
        before = page_states(history).states.copy()
        history.seek(step)
        states = page_states(history)
        differ = np.flatnonzero(before != states.states).tolist()
        changed = states_changed(history, states)
        assert changed == {m: (int(before[m]), int(states.states[m])) for m in differ}
        found += len(changed)
    assert found > 8
