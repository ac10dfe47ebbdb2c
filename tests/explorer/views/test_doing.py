"""A step as its reasons see it: the memory before it, its writes, and who wrote a cell before."""

from __future__ import annotations

import pytest

from engine.constants import NULL, PBUSY_LOCKED
from explorer.session.session import Session
from explorer.views.doing import about_to
from tests.explorer.cursor_motions import run, step_called


@pytest.fixture
def played(life: Session) -> Session:
    """The life of a page, run to its end, at the start."""
    run(life)
    life.history.seek(0)
    return life


def test_the_memory_is_as_before_the_step_and_comes_back(played: Session) -> None:
    history = played.history
    history.seek(60)
    digest = history.vm.memory.digest()
    m = history.vm.page_index(0xC03)
    with about_to(history, played.labels, 10, {"m": m}) as doing:
        assert history.step == 9
        assert doing.vm.page.busy_count[doing.m] == 0
        assert doing.after("page.busy_count", m) == PBUSY_LOCKED
        assert doing.after("page.wire_count", m) == 0
        assert doing.after("page.object", m) == NULL
        assert (doing.t, doing.cpu, doing.vm.curthread, doing.vm.mycpu) == (0, 0, 0, 0)
        assert doing.page() == "page 0xc03"
    assert (history.step, history.vm.memory.digest()) == (60, digest)


def test_the_current_thread_is_that_of_the_step_only_meanwhile(played: Session) -> None:
    vm = played.vm
    kept = vm.curthread, vm.mycpu
    with about_to(played.history, played.labels, 28, {}) as doing:
        assert (doing.vm.curthread, doing.vm.mycpu) == (1, 1)
    assert (vm.curthread, vm.mycpu) == kept


def test_the_last_writer_and_the_locker_are_named(played: Session) -> None:
    m = played.vm.page_index(0xC03)
    with about_to(played.history, played.labels, 32, {"m": m}) as doing:
        # WANTED was set since, but app locked the page.
        assert doing.since("page.busy_count", m) == ", by pager in step 30"
        assert doing.locked_since(m) == "locked by app since step 10"
        assert doing.busy(m) == "locked by app since step 10"
        assert doing.since("page.wire_count", m) == ""
    with about_to(played.history, played.labels, 5, {}) as doing:
        assert doing.busy(m) == "0"
        assert doing.locked_since(m) == "locked before the run"


def test_queues_and_variables_have_names(played: Session) -> None:
    step = step_called(played, "clear valid and dirty")
    m = played.vm.page_index(0xC03)
    with about_to(played.history, played.labels, step, {"m": m, "obj": 0, "q": 7}) as doing:
        assert (doing.queue(m), int(doing.obj), int(doing.q)) == ("no queue", 0, 7)
        with pytest.raises(KeyError):
            doing["n"]
    with about_to(played.history, played.labels, 5, {}) as doing:
        assert doing.queue(m) == "FREE[0]"
        assert doing.page_called(doing.vm.marker_base) == "marker of app"
        assert doing.page_called(NULL) == "no page"
