"""The ddb lens: DDB's numbers as DDB prints them, and additions marked as such."""

from __future__ import annotations

import re
from collections.abc import Callable

from engine.machine.sysctl import show_sysctl
from engine.reports.ddb import show_page, show_pageq
from explorer.lenses.ddb import Counter, DdbRow, QueueLine, draw, look
from explorer.session.session import Session
from explorer.views.spans import plain

MakeSession = Callable[..., Session]


def drawn(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.strip("\n").split("\n"))


ROW = DdbRow(
    (
        Counter("vmstats.v_free_count", 3711),
        Counter("vmstats.v_cache_count", 0, changed=True),
        Counter("vmstats.v_free_min", 84),
        Counter("vmstats.v_free_target", 385),
    ),
    (
        QueueLine("PQ_FREE", (3,) * 128, 1024, 3710, ((517, 2),)),
        QueueLine("PQ_CACHE", (0, 1) + (0,) * 126, 1024, 1, ((1, 1),)),
        QueueLine("PQ_HOLD", (0,) * 128, 1024, 0, ddb=False),
    ),
    (Counter("vm.v_free_min", 84), Counter("vm.dma_reserved", 4194304)),
)


def test_a_small_panel_has_counters_and_queues_side_by_side() -> None:
    drawing = draw(ROW, 67, 8)
    assert plain(drawing.lines) == drawn("""
  v_free_count: 3711               v_free_min: 84
▸ v_cache_count: 0                 v_free_target: 385
▸ PQ_FREE: 3 … ▸[517] 2 = 3,710  ▸ PQ_CACHE: 0 ▸1 0 0 0 0 0 … = 1
  PQ_HOLD (not DDB): 0 0 0 … = 0
""")


def test_a_narrow_panel_counts_what_it_omits() -> None:
    text = plain(draw(ROW, 40, 4).lines)
    assert text == drawn("""
▸ v_cache_count: 0
  … 3 more values
▸ PQ_FREE: 3 3 3 3 3 … ▸[517] 2 = 3,710
  … 2 more queue types
""")


def test_a_large_panel_has_the_three_commands() -> None:
    assert plain(draw(ROW, 80, 20).lines) == drawn("""
db> show page
  vmstats.v_free_count: 3711
▸ vmstats.v_cache_count: 0
  vmstats.v_free_min: 84
  vmstats.v_free_target: 385
db> show pageq  (DDB omits the = totals and PQ_HOLD)
▸ PQ_FREE: 3 3 3 3 3 3 3 3 3 3 3 3 3 3 3 3 3 3 3 3 3 3 3 3 3 … ▸[517] 2 = 3,710
▸ PQ_CACHE: 0 ▸1 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 … = 1
  PQ_HOLD (not DDB): 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 … = 0
# sysctl
  vm.v_free_min: 84                       vm.dma_reserved: 4194304
""")


def test_the_numbers_are_those_that_ddb_prints(session: Session) -> None:
    session.history.extend(100_000)
    history = session.history
    for step in range(0, history.total + 1, 9):
        history.seek(step)
        row = look(session)
        assert "".join(f"{entry.name}: {entry.value}\n" for entry in row.counters) == show_page(session.vm)
        for line, text in zip(row.queues, show_pageq(session.vm).splitlines(), strict=False):
            label, _, lengths = text.partition(": ")
            assert (label, lengths.split()[:128]) == (line.label, list(map(str, line.lengths)))
            assert sum(map(int, lengths.split())) == line.total
        printed = re.findall(r"^(\S+): (\d+)$", show_sysctl(session.vm), re.MULTILINE)
        assert [(entry.name, str(entry.value)) for entry in row.sysctls] == printed


def test_only_the_four_types_of_show_pageq_are_ddbs(session: Session) -> None:
    lines = look(session).queues
    assert [(line.label, line.ddb) for line in lines if not line.ddb] == [("PQ_HOLD", False)]
    assert len(lines) == 5


def test_the_queue_that_the_last_step_changed_is_marked(session: Session) -> None:
    session.history.extend(100_000)
    history = session.history
    marked = {}
    for step in range(1, history.total + 1):
        history.seek(step)
        marked[history.journal.label(step)] = [line.label for line in look(session).queues if line.changed]
    assert marked["take the page's spinlock"] == []
    assert marked["leave the queue"]
    history.seek(0)
    assert not any(line.changed for line in look(session).queues)


def test_a_machine_of_few_colours_has_all_of_them(make_session: MakeSession) -> None:
    session = make_session(colors=4)
    first = look(session).queues[0]
    assert len(first.lengths) == 4
    assert "…" not in plain(draw(look(session), 80, 20).lines).split("PQ_FREE:")[1].split("\n")[0]
