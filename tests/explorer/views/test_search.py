"""The search path of the last allocation, read from the journal."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.constants import NULL
from engine.run.history import History
from engine.scenario.loader import load
from explorer.session.session import Session
from explorer.views.search import SearchPath, Visit, search_path


@pytest.fixture(scope="module")
def history() -> History:
    """A run in which a colour has no free page; each test seeks the step that it needs."""
    history = load("empty-colour").start()
    while history.forward():
        pass
    return history


def step_labelled(history: History, label: str, nth: int = 0) -> int:
    steps = [step for step in range(1, history.total + 1) if history.journal.label(step) == label]
    return steps[nth]


def test_before_the_first_allocation_there_is_no_path(session: Session) -> None:
    assert search_path(session.history) == SearchPath()


def test_each_colour_of_the_growing_windows_is_visited(history: History) -> None:
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


def test_the_next_search_starts_at_lastq(history: History) -> None:
    history.seek(step_labelled(history, "leave the queue", 1))
    path = search_path(history)
    assert (path.asked, path.began, path.found_at) == (5, 32, ("FREE", 32))
    assert path.colors == (("FREE", 5), ("FREE", 32))


def test_a_search_in_progress_has_its_visits_so_far(history: History) -> None:
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


def test_a_refused_allocation_visits_no_queue(history: History) -> None:
    history.seek(history.total)
    path = search_path(history)
    assert (path.over, path.visits, path.found) == (True, (), NULL)


def test_of_two_concurrent_allocations_the_later_one_is_shown(session: Session) -> None:
    session.history.extend(100_000)
    history = session.history
    begun = [n for n in range(1, history.total + 1) if history.journal.label(n) == "choose the colour"]
    assert history.journal.thread(begun[0]) != history.journal.thread(begun[1])
    history.seek(history.total)
    path = search_path(history)
    assert path.thread == history.journal.thread(begun[-1])
    assert all(history.journal.thread(visit.step) == path.thread for visit in path.visits)


def test_a_cached_page_is_taken_and_freed_and_the_search_continues(cached: Session) -> None:
    path = search_path(cached.history)
    taken = [visit for visit in path.visits if visit.page != NULL]
    assert [visit.base for visit in taken] == ["CACHE", "FREE"]
    assert path.put_aside == (taken[0].page,)
    assert (path.found, path.found_at) == (taken[1].page, ("FREE", taken[1].color))


def test_a_search_that_succeeds_at_once_has_one_visit(life: Session) -> None:
    """app chooses the colour in step 3, looks in step 5 and takes its page in step 11."""
    history, m = life.history, life.vm.page_index(0xC03)
    history.extend(145)
    history.seek(10)
    looked = SearchPath(3, 0, 0, 0, (Visit(5, "FREE", 0, 1),))
    assert search_path(history) == looked
    history.seek(11)
    found = SearchPath(3, 0, 0, 0, (Visit(5, "FREE", 0, 1, m),), m, ("FREE", 0))
    assert search_path(history) == found
    assert (found.looked, found.window, found.colors) == (1, 1, (("FREE", 0),))
    history.seek(118)  # the page is free again; app's next allocation begins in step 121
    assert search_path(history) == replace(found, over=True)
    history.seek(121)
    assert search_path(history) == SearchPath(121, 0)
