"""The code panel's row: stack, source, marks, cursor, breakpoints, and words where there is no function."""

from __future__ import annotations

from collections.abc import Callable
from types import CodeType

import pytest

from engine.constants import Obj
from engine.debug.function_source import FunctionSource
from engine.scenario.loader import load, load_text
from engine.script.injected_call import compile_call
from explorer.session import code_place, stepping
from explorer.session import stops as stopping
from explorer.session.session import Session
from explorer.views import calls, code
from explorer.views.code import CALLS, DONE, NOW, CodeLine, CodeRow, action_under_cursor, code_row
from explorer.views.log import event_row
from tests.explorer.cursor_motions import run, step_called

MakeSession = Callable[..., Session]

READS_A_CELL = """
format = 1
title = "an argument that reads a cell"
[machine]
memory = "4 MiB"
topology = "1x1x1"
[[object]]
name = "heap"
[setup]
script = "m = vm_page_alloc(heap, 0, VM_ALLOC_NORMAL)"
[[thread]]
name = "app"
script = "vm_page_wakeup(object[heap].page[0])"
"""


def marks(lines: tuple[CodeLine, ...]) -> list[tuple[str, str]]:
    """The lines with a mark: the mark and the text without its indentation."""
    return [(line.mark, line.text.strip()) for line in lines if line.mark]


@pytest.fixture
def played(life: Session) -> Session:
    run(life)
    return life


def at(session: Session, step: int) -> CodeRow:
    session.history.seek(step)
    return code_row(session)


def test_the_current_action_is_the_one_that_the_step_performed(played: Session) -> None:
    for step in range(1, played.history.total + 1):
        row = at(played, step)
        if row.frame < 0:
            continue
        now = [line.text for line in row.outline if line.mark == NOW]
        assert now == [played.history.journal.label(step)]
        assert len([line for line in row.lines if line.mark == NOW]) == 1


def test_a_row_has_the_stack_the_heading_and_what_is_done(played: Session) -> None:
    row = at(played, 41)
    assert (row.step, row.thread, row.number, row.place) == (41, "app", 0, "app:6")
    assert row.script == "vm_page_activate(m)"
    assert row.crumbs == ("vm_page_activate", "_activate_locked", "_vm_page_add_queue_spinlocked")
    assert row.kernel == (True, False, True)
    assert (row.frame, row.function) == (2, "_vm_page_add_queue_spinlocked")
    assert row.summary == "Put page m, which is on no queue, on queue q, and leave the queue locked"
    assert row.locks == "the page's spinlock on entry; the page's and the queue's on return"
    assert marks(row.outline) == [(DONE, "take the queue's spinlock"), (NOW, "join the queue")]
    assert marks(row.lines) == [
        (DONE, "yield from vm_page_queues_spin_lock(vm, q)"),
        (NOW, 'yield "join the queue"'),
    ]
    assert row.sentence == "app puts page 0xc03 at the tail of ACTIVE[0]: length 0 to 1"
    assert not row.returned


def test_the_source_has_heads_comments_and_branches(played: Session) -> None:
    kinds = {line.kind: line.text.strip() for line in reversed(at(played, 4).lines)}
    assert kinds["head"] == "def _select_page(vm: Machine, index: int, page_req: int) -> Steps[MaybePage]:"
    assert kinds["comment"].startswith("# The counters promised a page")
    assert kinds["branch"] == "while True:"
    assert kinds["action"] == 'yield "compare the free count with the reserve"'


def test_an_announcement_that_is_a_name_in_the_source_is_written_after_it(played: Session) -> None:
    first = next(line for line in at(played, 3).lines if line.mark == NOW)
    assert first.text.strip() == "yield CHOOSE_COLOR  # choose the colour"
    asked = next(line for line in at(played, 5).lines if line.mark == NOW)
    assert asked.text.strip() == "yield ASK_FOR[asked]  # look at FREE[0], the colour asked for"
    coming = [
        line.text.strip() for line in at(played, 5).lines if line.text.strip().startswith("yield START")
    ]
    assert coming == ["yield START  # start where the last far search ended"]


def test_a_loop_ticks_what_it_has_done_and_lights_what_it_does_again(make_session: MakeSession) -> None:
    """An allocation looks at one queue after another until one has a page."""
    text = """
format = 1
title = "t"
[machine]
memory = "4 MiB"
topology = "1x1x1"
colors = 16
[[thread]]
name = "app"
script = '''
n = 0
while n < 60:
    m = vm_page_alloc(NULL, 0, VM_ALLOC_QUICK)
    n = n + 1
'''
"""
    scenario = load_text(text)
    session = Session(scenario.start(), scenario)
    session.history.extend(100_000)
    history = session.history
    twice = [
        step
        for step in range(2, history.total + 1)
        if at(session, step).function == "_search_window"
        and [line.mark for line in code_row(session).outline if line.action == 1] == [NOW]
        and session.frames[-1].line in session.frames[-1].done
    ]
    assert twice
    row = at(session, twice[0])
    assert row.outline[[line.action for line in row.outline].index(1)].text.startswith("look at FREE[")


def test_a_frame_can_be_chosen_and_shows_the_call_that_it_waits_for(played: Session) -> None:
    played.history.seek(41)
    code_place.choose_frame(played, 0)
    row = code_row(played)
    assert (row.frame, row.function, row.crumbs[2]) == (
        0,
        "vm_page_activate",
        "_vm_page_add_queue_spinlocked",
    )
    assert marks(row.outline) == [
        (DONE, "look at the queue, unlocked"),
        (DONE, "take the page's spinlock"),
        (CALLS, "_activate_locked()"),
    ]


def test_a_chosen_frame_stays_within_its_call_only(played: Session) -> None:
    played.history.seek(40)
    played.frame = 0
    assert at(played, 42).function == "vm_page_activate"
    assert at(played, 44).function == "vm_page_wakeup"
    assert played.frame is None


def test_the_cursor_and_breakpoints_are_on_their_actions(played: Session) -> None:
    played.history.seek(46)
    code_place.point(played, "_clear_locked", 1)
    stopping.add_break(played, "_clear_locked#2")
    stopping.add_break(played, "vm_page_alloc#1")
    row = code_row(played)
    assert [(line.action, line.cursor, line.stop) for line in row.outline if line.action] == [
        (1, True, False),
        (2, False, True),
    ]
    assert [line.action for line in row.lines if line.cursor or line.stop] == [1, 2]
    assert action_under_cursor(row) == ("_clear_locked", 1)
    stopping.disable(played, "1")
    assert not any(line.stop for line in code_row(played).outline)
    assert action_under_cursor(at(played, 47)) == ("wakeup", 1)


def test_step_0_shows_the_code_of_the_first_step(life: Session) -> None:
    row = code_row(life)
    assert (row.place, row.crumbs[-1], row.returned) == ("app:2", "vm_object_hold", False)
    assert row.sentence == "the machine after boot and setup; app takes the first step"
    (first,) = [line for line in row.outline if line.mark]
    assert (first.text, first.mark) == ("hold the object", CALLS)
    assert action_under_cursor(row) == ("vm_object_hold", 1)
    run(life)
    life.history.seek(0)
    assert code_row(life) == row


def test_a_stepped_boot_starts_at_power_on() -> None:
    row = code_row(Session(load("boot").start(), load("boot")))
    assert (row.sentence, row.words[0]) == ("the machine at power-on", "No thread has taken a step yet.")


def test_an_event_says_that_no_thread_ran(life: Session) -> None:
    life.history.extend(3)
    program, _ = compile_call("vm_page_wakeup(page[0x802])", life.names)
    life.history.inject(program)
    row = code_row(life)
    assert row.words[0].startswith(life.history.journal.label(4))
    assert (row.thread, row.number, row.frame, row.crumbs) == ("", -1, -1, ())


def test_a_script_line_without_a_call_says_the_line(played: Session) -> None:
    row = at(played, step_called(played, "test the condition"))
    assert (row.place, row.crumbs, row.frame) == ("pager:7", (), -1)
    assert row.words == (
        "if vm_page_busy_try(m, 1) == 0:",
        "This part of the script calls no kernel function.",
    )


def test_a_call_that_is_too_long_to_repeat_says_so(played: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "LIVE_STEPS", 10)
    row = at(played, 15)
    assert row.words[0] == "vm_page_alloc(heap, 0, VM_ALLOC_NORMAL)"
    assert row.words[1].startswith("This call is at: ")
    assert "more than 20,000 steps" in row.words[2]
    assert at(played, 5).function == "_vm_page_list_find2"


def test_an_exit_that_is_too_long_to_repeat_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    session = Session(load("swap-full").start(), load("swap-full"))
    session.history.extend(6_100)
    monkeypatch.setattr(calls, "LIVE_STEPS", 10)
    row = code_row(session)
    assert row.function == ""
    assert row.words[1].startswith("The thread's exit is at: ")
    session.history.seek(6_035)
    assert code_row(session).crumbs[:2] == ("exit1", "vmspace_exit")


def test_values_are_not_needed_to_show_a_long_call(played: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "LONGEST", 10)
    assert at(played, 15).function == "pagedaemon_wakeup"


def test_a_call_that_is_too_long_is_shown_while_it_is_stepped(
    life: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calls, "LIVE_STEPS", 3)
    life.history.extend(14)
    assert code_row(life).frame == -1
    stepping.step(life)
    stepping.step(life)
    assert code_row(life).function == "_prepare"


def test_without_a_source_the_panel_says_so(played: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    def none(_: CodeType) -> FunctionSource | None:
        return None

    monkeypatch.setattr(code, "source_of", none)
    row = at(played, 41)
    assert row.words == ("The source of _vm_page_add_queue_spinlocked is not available here.",)
    assert row.crumbs[-1] == "_vm_page_add_queue_spinlocked"


def test_the_last_step_of_a_call_says_that_it_returns(played: Session) -> None:
    assert [step for step in range(1, 56) if at(played, step).returned] == [24, 33, 43, 47, 55]


def test_a_row_does_not_depend_on_how_the_step_was_reached(life: Session, make_session: MakeSession) -> None:
    rows = []
    while stepping.step(life):
        rows.append(code_row(life))
    fresh = Session(life.history, life.scenario)
    assert [at(fresh, step) for step in range(1, life.history.total + 1)] == rows


def test_the_shown_frames_are_those_of_the_kernel_and_of_scripts(played: Session) -> None:
    played.history.seek(10)
    assert [frame.function for frame in played.frames][:2] == ["with_object_held", "vm_page_alloc"]
    stack = played.calls.stack(played.history, 10)
    assert {frame.function for frame in stack} - {frame.function for frame in played.frames} <= {
        "call",
        "begin",
    }


def test_the_argument_of_a_call_is_shown_as_the_line_of_the_script() -> None:
    loaded = load_text(READS_A_CELL)
    session = Session(loaded.start(), loaded)
    session.history.extend(1)
    row = at(session, 1)
    assert (row.place, row.script) == ("app:1", "vm_page_wakeup(object[heap].page[0])")
    page = session.labels.page(session.vm.find_page(Obj(0), 0))
    assert row.sentence == f"app evaluates object[heap].page[0]: {page}"
    assert event_row(session.history, session.labels, session.calls, 1).changes == ()


def test_a_boot_begins_without_a_function_to_show() -> None:
    loaded = load("boot")
    session = Session(loaded.start(), loaded)
    session.history.extend(1)
    row = at(session, 1)
    assert row.words == ("power on", "This call has no function of the kernel to show.")
    assert row.sentence == "boot starts on cpu 0, where the loader has put the kernel; no page is known yet"
