"""The search path of the last allocation: which queues it looked at, in which order, and the outcome."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.constants import NULL
from engine.run.history import History
from engine.scenario.loader import load, load_text
from explorer.lenses.search import SearchRow, draw, look, sentence
from explorer.session.session import Session
from explorer.views.search import SearchPath, Visit, search_path
from explorer.views.spans import plain


def drawn(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.strip("\n").split("\n"))


NEAR = SearchRow(
    SearchPath(9, 0, 517, 517, (Visit(9, "FREE", 517, 1, 0x205),), 0x205, ("FREE", 517)),
    "app", "node 1", "0x205", (), 1024, 30,
)  # fmt: skip
WIDE = SearchRow(
    SearchPath(
        9, 0, 5, 5,
        (
            Visit(9, "FREE", 5, 1), Visit(11, "FREE", 5, 16), Visit(12, "FREE", 6, 16),
            Visit(13, "FREE", 20, 32), Visit(14, "CACHE", 5, 16, 7),
        ),
        7, ("CACHE", 5), (), True,
    ),
    "app", "node 0", "0x407", (), 1024, 14,
)  # fmt: skip


@pytest.mark.parametrize(
    ("row", "text"),
    [
        pytest.param(
            NEAR,
            "app asked for colour 517 of node 1: looked at 1 queue, found page 0x205 there",
            id="at once",
        ),
        pytest.param(
            WIDE,
            "app asked for colour 5 of node 0: widened to 32 colours, looked at 4 queues, "
            "found page 0x407 at CACHE[5]",
            id="widened",
        ),
        pytest.param(
            replace(WIDE, path=replace(WIDE.path, found=NULL, found_at=None), page=""),
            "app asked for colour 5 of node 0: widened to 32 colours, looked at 4 queues, found none",
            id="in vain",
        ),
        pytest.param(
            replace(NEAR, path=replace(NEAR.path, began=32)),
            "app asked for colour 517 of node 1: began at colour 32, where lastq says that a far search "
            "ended; looked at 1 queue, found page 0x205 there",
            id="by lastq",
        ),
        pytest.param(
            replace(NEAR, aside=("0x300",)),
            "app asked for colour 517 of node 1: looked at 1 queue, found page 0x205 there "
            "(before that: 0x300, not usable as it was)",
            id="another one first",
        ),
        pytest.param(
            replace(NEAR, path=SearchPath()), "nothing was allocated in this run yet", id="nothing yet"
        ),
        pytest.param(
            replace(NEAR, path=SearchPath(3, 0, over=True)),
            "app asked for a page and got none: memory is so short that no queue may be looked at",
            id="refused",
        ),
    ],
)
def test_a_search_in_a_sentence(row: SearchRow, text: str) -> None:
    assert sentence(row) == text


def test_the_strip_has_the_order_of_the_visits() -> None:
    drawing = draw(WIDE, 67, 8)
    assert plain(drawing.lines) == drawn("""
▸ app asked for colour 5 of node 0: widened to 32 colours, looked
  at 4 queues, found page 0x407 at CACHE[5]
colour    0    ▼  8       16      24
FREE      ·····13·············4···········
CACHE     ·····■··························
  … 3 visits before
     4 step 13      FREE[20], window of 32 colours
▸    5 step 14      CACHE[5], window of 16 colours: took page 0x407
""")
    assert "color FREE 20" in [spot.verb for spot in drawing.spots]


def test_a_narrow_strip_has_several_colours_a_cell() -> None:
    assert plain(draw(WIDE, 30, 9).lines) == drawn("""
▸ app asked for colour 5 of
  node 0: widened to 32
  colours, looked at 4 queues,
  found page 0x407 at CACHE[5]
colour    0 ▼     16
FREE      ··13······4·····
CACHE     ··■·············
          a cell is 2 colours…
  … 5 visits before
""")


# --- of real runs -------------------------------------------------------------------------------------------


def run(name: str) -> History:
    history = load(name).start()
    history.seek(0)
    while history.forward():
        pass
    return history


def step_labelled(history: History, label: str, nth: int = 0) -> int:
    steps = [step for step in range(1, history.total + 1) if history.journal.label(step) == label]
    return steps[nth]


def test_before_the_first_allocation_there_is_no_path(session: Session) -> None:
    assert search_path(session.history) == SearchPath()


def test_each_colour_of_ever_wider_windows_is_looked_at() -> None:
    history = run("empty-colour")
    history.seek(step_labelled(history, "leave the queue"))
    path = search_path(history)
    assert path.asked == path.began == 5
    assert path.found_at == ("FREE", 32)
    first = [5, *range(5, 16), *range(5), *range(16, 33)]
    assert path.colors == tuple(("FREE", color) for color in first)
    assert [visit.window for visit in path.visits] == [1, *[16] * 16, *[32] * 16, 64]
    assert path.remembered == 32
    assert path.looked == 33
    m = path.found
    assert history.vm.page.pc[m] == 32


def test_the_next_search_begins_where_lastq_says() -> None:
    history = run("empty-colour")
    history.seek(step_labelled(history, "leave the queue", 1))
    path = search_path(history)
    assert (path.asked, path.began, path.found_at) == (5, 32, ("FREE", 32))
    assert path.colors == (("FREE", 5), ("FREE", 32))


def test_a_search_under_way_has_what_it_looked_at_so_far() -> None:
    history = run("empty-colour")
    begin = step_labelled(history, "choose the colour", 1)
    end = step_labelled(history, "leave the queue")
    seen = 0
    for step in range(begin, end):
        history.seek(step)
        path = search_path(history)
        assert path.step == begin
        assert len(path.visits) in (seen, seen + 1)
        assert path.found == NULL
        seen = len(path.visits)
    assert seen == 34


def test_a_refused_allocation_looked_at_no_queue() -> None:
    history = run("empty-colour")
    history.seek(history.total)
    path = search_path(history)
    assert (path.over, path.visits, path.found) == (True, (), NULL)


def test_of_two_allocations_at_once_the_later_ones_is_told(session: Session) -> None:
    session.history.extend(100_000)
    history = session.history
    begun = [n for n in range(1, history.total + 1) if history.journal.label(n) == "choose the colour"]
    assert history.journal.thread(begun[0]) != history.journal.thread(begun[1])
    history.seek(history.total)
    path = search_path(history)
    assert path.thread == history.journal.thread(begun[-1])
    assert all(history.journal.thread(visit.step) == path.thread for visit in path.visits)
    row = look(session)
    assert f"found page {row.page} there" in sentence(row)


CACHED = """
format = 1
title = "Only cached pages"
[machine]
memory = "16 MiB"
topology = "1x1x1"
[machine.thresholds]
v_free_reserved = 3711
v_interrupt_free_min = 1
[[object]]
name = "heap"
[[thread]]
name = "app"
cpu = 0
script = \"\"\"
m = vm_page_alloc(NULL, 5, VM_ALLOC_NORMAL)
vm_page_set_valid(m, 0, PAGE_SIZE)
vm_page_cache(m)
p = vm_page_alloc(NULL, 9, VM_ALLOC_NORMAL)
\"\"\"
"""


def test_a_cached_page_is_taken_freed_and_looked_for_again() -> None:
    scenario = load_text(CACHED)
    session = Session(scenario.start(), names=scenario.names)
    session.history.extend(100_000)
    path = search_path(session.history)
    assert next(visit.base for visit in path.visits if visit.page != NULL) == "CACHE"
    assert path.put_aside
    assert path.found_at is not None
    assert path.found_at[0] == "FREE"
    assert "not usable as it was" in sentence(look(session))
