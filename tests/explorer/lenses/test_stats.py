"""The statistics as drawn: global counters beside a cpu's view, and memory pressure."""

from __future__ import annotations

from collections.abc import Callable

from engine.constants import V_FREE_COUNT, VMSTATS_FIELDS, VMSTATS_SIZE
from explorer.lenses.kit.stats_row import StatsRow
from explorer.lenses.stats import LENS
from explorer.session.session import Session
from tests.explorer.lenses.kit.two_cpus import TWO

OpenRun = Callable[..., Session]
DrawText = Callable[..., str]

USUAL = """\
pages     global  cpu 0 sees  pending cpu 0   needed 0
free       3,711     ▸3,710≠            ▸-1   waiting 0
cache          0          0               0   deficit 0
inactive       0          0               0
… 2 more counters
cpu 0 sees 3,710 free, 0 cached  cpu 1 sees 3,711 free, 0 cached
│██srm████████████████t███p████████████████a█████▶ 3,710 free+cache
severe no  min no  target no  paging_needed no"""

SMALL = """\
pages  global  cpu 0 sees  pending cpu 0
free      927          2≠           -925
… 4 more counters
│··srmp················ta·│ 2 free+cache
severe YES  min YES  target YES
paging_needed YES  needed 1  deficit ▸1"""

SHORT = """\
pages     global  cpu 0 sees  pending cpu 0   needed 1
free         927          2≠           -925   waiting 0
cache          0          0               0   deficit ▸1
inactive       0          0               0
active         0          0               0
wired         64         64               0
│····sr····mp··································ta····│ 2 free+cache
severe YES  min YES  target YES  paging_needed YES"""

ROOMY = """\
pages     global  cpu 0 sees  pending cpu 0
free       3,711     ▸3,710≠            ▸-1
cache          0          0               0
inactive       0          0               0
active         0          0               0
wired        256        256               0
cpu 0 sees 3,710 free, 0 cached  cpu 1 sees 3,711 free, 0 cached
│██sr█m█████████████████████t█████p████████████████████a██████▶ 3,710 free+cache
s severe 42  r reserved 49  m min 84  t target 385  p paging needed below 469
a daemon's target 770 (reached)
severe no  min no  target no  paging_needed no
vm_pages_needed          0  the daemon is idle
vm_pages_waiting         0  threads registered as waiting for memory
vm_pageout_deficit       0  allocations that failed
vm_pageout_pages_needed  0  a daemon waits for memory"""

APART = """\
pages  global  cpu 2 sees  pending cpu 2  cpu 5   needed 0
free      927        926≠             -1     -1   waiting 0
wired      64         64               0     +1   deficit 0
… 3 more counters
cpus 0-1, 3-4, 6-7 see 927 free, 0 cached
cpus 2, 5 see 926 free, 0 cached
│████sr███mp█████████████████████████████████ta████▶ 926 free+cache
severe no  min no  target no  paging_needed no"""

TICKED = """\
pages  global  cpu 2 sees  pending cpu 2  cpu 5   needed 0
free     ▸925        926≠             ▸0     ▸0   waiting 0
wired     ▸65         64≠              0     ▸0   deficit 0
… 3 more counters
cpus 0-1 see 927 free, 0 cached  cpus 2-4 see 926 free, 0 cached
cpus 5-7 see 925 free, 0 cached
│████sr███mp█████████████████████████████████ta████▶ 926 free+cache
severe no  min no  target no  paging_needed no"""


def test_a_queue_move_changes_only_the_view_and_the_pending_amount(
    open_run: OpenRun, draw_text: DrawText
) -> None:
    session = open_run("life-of-a-page", "leave the queue")
    assert draw_text(LENS, session, 67, 8) == USUAL
    drawing = LENS.draw(LENS.look(session), 67, 8)
    assert [text for spans in drawing.lines for text, style in spans if style == "new"] == ["▸3,710≠", "▸-1"]


def test_with_room_every_threshold_and_variable_is_explained(open_run: OpenRun, draw_text: DrawText) -> None:
    assert draw_text(LENS, open_run("life-of-a-page", "leave the queue"), 80, 17) == ROOMY


def test_short_memory_is_shown_in_words(open_run: OpenRun, draw_text: DrawText) -> None:
    session = open_run("empty-colour", "count the page deficit")
    assert draw_text(LENS, session, 67, 8) == SHORT
    assert draw_text(LENS, session, 40, 6) == SMALL


def test_two_cpus_disagree_until_the_clock_ticks(open_run: OpenRun, draw_text: DrawText) -> None:
    session = open_run(TWO, "clear the page's flags, activity and valid bits", 2)
    assert draw_text(LENS, session, 67, 8) == APART
    history = session.history
    ticked = next(s for s in range(1, history.total + 1) if history.journal.label(s) == "tick")
    history.seek(ticked)
    assert draw_text(LENS, session, 67, 8) == TICKED
    shown: StatsRow = LENS.look(session)
    assert {count.true - count.total for count in shown.counts} == {0}


def test_every_cpus_view_is_shown_also_where_all_are_equal(open_run: OpenRun, draw_text: DrawText) -> None:
    session = open_run(TWO)
    session.history.seek(0)
    assert "\ncpus 0-7 see 927 free, 0 cached\n" in draw_text(LENS, session, 80, 24)
    assert "see 927 free" not in draw_text(LENS, session, 67, 8)
    for step in range(session.history.total + 1):
        session.history.seek(step)
        shown: StatsRow = LENS.look(session)
        views = {cpu: seen.free for seen in shown.views for cpu in seen.cpus}
        at = range(V_FREE_COUNT, 8 * VMSTATS_SIZE, VMSTATS_SIZE)
        assert [views[cpu] for cpu in range(8)] == [session.vm.gd_vmstats.view[n] for n in at]


def test_all_fields_of_vmstats_are_shown_where_they_fit(open_run: OpenRun, draw_text: DrawText) -> None:
    text = draw_text(LENS, open_run("life-of-a-page"), 120, 40)
    shorter = {name: name.removeprefix("v_").removesuffix("_count") for name in VMSTATS_FIELDS}
    shorter["v_wire_count"] = "wired"
    lines = [line.split()[0] for line in text.split("\n") if line]
    assert set(shorter.values()) <= set(lines)
