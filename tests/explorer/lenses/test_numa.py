"""The NUMA matrix: pages by node, and placements by cpu with the causes of remote ones."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from engine.constants import PQ_FREE
from engine.debug.placements import FINALIZED
from explorer.lenses.numa import KINDS, LENS, SHORT_KINDS, NodeRow, NumaRow
from explorer.session.session import Session
from explorer.views.spans import length, plain

OpenRun = Callable[..., Session]
DrawText = Callable[..., str]

RUN = """format = 1
title = "Memory of another node"
[machine]
memory = "8 MiB"
topology = "2x2x2"
colors = 64
[[object]]
name = "heap"
pg_color = 0
[[thread]]
name = "near"
cpu = 3
script = \"\"\"
for i in range(30):
    p = vm_page_alloc(NULL, 1, VM_ALLOC_NORMAL)
\"\"\"
[[thread]]
name = "asker"
cpu = 4
script = \"\"\"
for i in range(6):
    p = vm_page_alloc(heap, i, VM_ALLOC_NORMAL | VM_ALLOC_CPU(0))
\"\"\"
[[thread]]
name = "hungry"
cpu = 7
script = \"\"\"
for i in range(900):
    p = vm_page_alloc(NULL, 3, VM_ALLOC_NORMAL)
\"\"\"
"""

MOVED = """\
pages    free inactive active cache hold in use wired reserve
node 0  7,168        0      0     0    0      0     0   1,024
node 1 ▸7,678        0      0     0    0     ▸1     0       0
no page allocated in this run yet"""

PLACED = """\
pages   free inactive active cache hold in use wired reserve
node 0 7,168        0      0     0    0      0     0   1,024
node 1 7,678        0      0     0    0      1     0       0
placed by  of      pages  local  none remote
▸cpu 13    node 1      1      1"""

USUAL = """\
pages   free  inactive  active  cache  hold  in use  wired  reserve
node 0   803         0       0      0     0      93      0      128
node 1   116         0       0      0     0     843      0        0
by     pages local remote mainly
 cpu 3    30    26      4 finalize
 cpu 4     6     0      6 colour asked
 cpu 7   900   839     61 lastq"""

SMALL = """\
pages   free  in use  reserve  … 5 empty
node 0   803      93      128
node 1   116     843        0
by     pages local remote mainly
 cpu 7   900   839     61 lastq
… 2 more cpus"""

ROOMY = """\
pages   free  inactive  active  cache  hold  in use  wired  reserve  colour of another node
node 0   803         0       0      0     0      93      0      128                       0
node 1   116         0       0      0     0     843      0        0                     128
placed by  of      pages  local  colour asked  lastq  widened  finalize  ← remote, why
 cpu 3     node 0     30     26             0      0        0         4
 cpu 4     node 1      6      0             6      0        0         0
 cpu 7     node 1    900    839             0     60        1         0

  step  cpu   page  of      why remote
18,945    7  0x184  node 0  lastq sent the search to another node's colours
18,926    7  0x1a4  node 0  lastq sent the search to another node's colours
18,907    7  0x1c5  node 0  lastq sent the search to another node's colours
18,888    7  0x1e5  node 0  lastq sent the search to another node's colours
… 67 more remote placements"""


def test_a_page_that_leaves_its_queue_is_marked_in_both_columns(
    open_run: OpenRun, draw_text: DrawText
) -> None:
    session = open_run("colour-and-home", "leave the queue")
    assert draw_text(LENS, session, 67, 8) == MOVED
    drawing = LENS.draw(LENS.look(session), 67, 8)
    assert [text for spans in drawing.lines for text, style in spans if style == "new"] == ["▸7,678", "▸1"]


def test_the_step_that_commits_to_a_page_marks_its_cpu(open_run: OpenRun, draw_text: DrawText) -> None:
    session = open_run("colour-and-home", "clear the page's flags, activity and valid bits")
    assert draw_text(LENS, session, 67, 8) == PLACED


def test_remote_pages_are_counted_by_cause(open_run: OpenRun, draw_text: DrawText) -> None:
    assert draw_text(LENS, open_run(RUN), 67, 8) == USUAL


def test_a_small_panel_names_the_main_cause_of_the_worst_cpu(open_run: OpenRun, draw_text: DrawText) -> None:
    assert draw_text(LENS, open_run(RUN), 40, 6) == SMALL


def test_a_large_panel_lists_the_last_remote_placements(open_run: OpenRun, draw_text: DrawText) -> None:
    assert draw_text(LENS, open_run(RUN), 100, 14) == ROOMY


def test_a_remote_placement_leads_to_its_step_and_its_page(open_run: OpenRun) -> None:
    session = open_run(RUN)
    drawing = LENS.draw(LENS.look(session), 100, 14)
    goto, page = (spot.verb for spot in drawing.spots[:2])
    session.history.seek(int(goto.removeprefix("goto ")))
    session.pin_number(page.removeprefix("page "))
    shown: NumaRow = LENS.look(session)
    assert shown.now == session.history.step
    assert shown.remote[0].page == session.vm.page_number(session.page)


def test_the_matrix_has_the_queues_own_lengths(open_run: OpenRun) -> None:
    session = open_run("life-of-a-page")
    history, vm = session.history, session.vm
    lcnt = vm.memory.vector("queue.lcnt")
    for step in range(0, history.total + 1, 6):
        history.seek(step)
        shown: NumaRow = LENS.look(session)
        for number, (name, _) in enumerate(KINDS[:5]):
            first = PQ_FREE + ("free", "inactive", "active", "cache", "hold").index(name) * 1024
            assert sum(node.counts[number] for node in shown.nodes) == lcnt[first : first + 1024].sum()


def test_what_a_step_changed_is_the_difference_from_the_step_before(open_run: OpenRun) -> None:
    session = open_run("life-of-a-page")
    before = None
    for step in range(session.history.total + 1):
        session.history.seek(step)
        now = np.array([node.counts for node in LENS.look(session).nodes])
        deltas = np.array([node.deltas for node in LENS.look(session).nodes])
        assert before is None or np.array_equal(now - before, deltas)
        before = now


def test_causes_of_one_moment_do_not_depend_on_later_looks(open_run: OpenRun) -> None:
    session, fresh = open_run(RUN), open_run(RUN)
    at_end: NumaRow = LENS.look(session)
    assert {cpu.cpu: cpu.causes[FINALIZED] for cpu in at_end.cpus} == {3: 4, 4: 0, 7: 0}
    for one in (session, fresh):
        one.history.seek(400)
    early: NumaRow = LENS.look(session)
    assert early == LENS.look(fresh)
    assert 0 < sum(cpu.placed for cpu in early.cpus) < 30
    for one in (session, fresh):
        one.history.seek(one.history.total)
    assert at_end == LENS.look(session) == LENS.look(fresh)


def test_another_branch_has_its_own_causes(open_run: OpenRun) -> None:
    def forked(session: Session) -> None:
        session.history.seek(100)
        session.history.fork()
        for _ in range(700):
            session.history.step_thread(1)

    session, fresh = open_run(RUN), open_run(RUN)
    session.history.seek(800)
    main = LENS.look(session)
    forked(session)
    forked(fresh)
    branch = LENS.look(session)
    assert branch == LENS.look(fresh) != main
    session.history.switch(0)
    session.history.seek(800)
    assert LENS.look(session) == main


def test_a_narrow_matrix_of_all_kinds_has_short_names() -> None:
    node = NodeRow("node 0", (3174, 201, 113, 44, 1, 25, 12, 256), (0,) * 8, 0)
    lines = LENS.draw(NumaRow((node,), (), None, (), shared=True), 48, 6).lines
    assert plain(lines[:1]).split() == ["pages", *SHORT_KINDS]
    assert len(SHORT_KINDS) == len(KINDS)
    assert plain(lines[1:2]).endswith("256")
    assert length(lines[1]) <= 48
