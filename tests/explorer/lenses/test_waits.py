"""Waits: wait cycles, sleepers, lost wakeups, and locks held and since when."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from engine.kernel.thresholds import nice_limit
from engine.machine.tables import SLEEPING
from engine.scenario.loader import load, load_text
from explorer.lenses.waits import WaitRow, WaitsRow, draw, look
from explorer.session.session import Session
from explorer.views.spans import plain
from explorer.views.threads import thread_rows
from tests.engine.run.waiting_for_memory import CYCLE, NAPS

MakeSession = Callable[..., Session]


def drawn(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.strip("\n").split("\n"))


CIRCLE = WaitsRow(
    (
        WaitRow(0, "P0", 0, "waits", "page 0x40", "P1", since=9, holds=(("queue FREE[5]", 8),)),
        WaitRow(1, "P1", 1, "waits", "queue FREE[5]", "P0", since=12, holds=(("page 0x40", 11),)),
        WaitRow(2, "idle", 2, "ended"),
    ),
    ("P0 waits for page 0x40 held by P1, P1 waits for queue FREE[5] held by P0: deadlock",),
    12,
    True,
)
SLEEP = WaitsRow(
    (
        WaitRow(0, "pager", 0, "sleeping", "page 0xc03", "app", True, True, 32, 0, let_go=("token of heap",)),
        WaitRow(1, "hog", 1, "sleeping", "free memory (v_free_count)", "", False, True, 30, 100),
        WaitRow(2, "app", 1, "runs", holds=(("page 0xc03", 0),)),
    ),
    (),
    40,
    True,
)


def test_a_wait_cycle_is_a_chain() -> None:
    drawing = draw(CIRCLE, 67, 10)
    assert plain(drawing.lines) == drawn("""
◆ P0 waits for page 0x40 held by P1, P1 waits for queue FREE[5]
  held by P0: deadlock
  P0 waits: P1 has page 0x40
    since step 9
    and holds queue FREE[5] (step 8)
▸ P1 waits: P0 has queue FREE[5]
    since step 12
    and holds page 0x40 (step 11)
  idle ended
""")
    assert {"goto 8", "goto 9", "goto 11", "thread P0", "thread P1"} <= {s.verb for s in drawing.spots}


def test_sleepers_have_a_channel_and_a_timeout() -> None:
    assert plain(draw(SLEEP, 67, 8).lines) == drawn("""
  pager sleeps: app has page 0xc03 busy
    since step 32; no timeout
    given up while asleep: token of heap
  hog sleeps: for free memory (v_free_count)
    since step 30; times out in 100 ticks
  app holds page 0xc03 (before)
""")


def test_a_small_panel_has_a_line_for_each_thread_and_fills_what_is_left() -> None:
    small, whole = draw(SLEEP, 40, 4), draw(SLEEP, 40, 8)
    assert (small.short, whole.short) == (True, False)
    assert plain(small.lines) == drawn("""
  pager sleeps: app has page 0xc03 busy
    since step 32; no timeout
  hog sleeps: for free memory (v_free_c…
  app holds page 0xc03 (before)
""")


def test_threads_that_do_not_fit_are_counted() -> None:
    many = tuple(WaitRow(n, f"t{n}", 0, "waits", "page 0x40", "t0", since=1) for n in range(1, 9))
    text = plain(draw(WaitsRow(many, (), 5, True), 40, 6).lines)
    assert text.split("\n")[-1] == "  … 3 more threads"
    assert "t5 waits" in text


# --- of real runs -------------------------------------------------------------------------------------------


def started(text: str) -> Session:
    scenario = load_text(text)
    return Session(scenario.start(), scenario)


def run(session: Session) -> Session:
    session.history.extend(100_000)
    return session


def test_a_deadlock_is_a_wait_cycle(deadlock_session: Session) -> None:
    row = look(run(deadlock_session))
    assert deadlock_session.history.outcome == "deadlock"
    chain = "app waits for token of file held by other, other waits for token of heap held by app: deadlock"
    assert row.circles == (chain,)
    assert [(thread.what, thread.holder) for thread in row.threads] == [
        ("token of file", "other"),
        ("token of heap", "app"),
    ]
    held = {thread.name: thread.holds for thread in row.threads}
    for thread, ((lock, since),) in held.items():
        assert lock == {"app": "token of heap", "other": "token of file"}[thread]
        owner = deadlock_session.history.record(since).thread
        assert deadlock_session.labels.thread(-1 if owner is None else owner) == thread


def test_the_end_of_a_leaking_run_names_what_was_kept_and_what_is_wired() -> None:
    script = "vm_page_wire(m)\\nvm_page_hold(m)\\nvm_page_wakeup(m)"
    session = started(f"""
format = 1
title = "Kept"
[machine]
memory = "4 MiB"
[[thread]]
name = "app"
script = "m = vm_page_alloc(NULL, 0, VM_ALLOC_NORMAL)\\n{script}"
""")
    row = look(run(session))
    ((text, step),) = row.findings
    assert text == "page 0x40, held by app:3,"
    assert row.wired == ("page 0x40 by app:2",)
    drawing = draw(row, 67, 8)
    assert plain(drawing.lines) == drawn(f"""
◆ page 0x40, held by app:3, step {step}
  still wired, as is usual: page 0x40 by app:2
no thread waits
  app ended
""")
    assert f"goto {step}" in {spot.verb for spot in drawing.spots}
    session.history.back()
    assert (look(session).findings, look(session).wired) == ((), ())


def test_a_release_in_the_wrong_order_is_named_with_its_line() -> None:
    session = started("""
format = 1
title = "Two tokens"
[machine]
memory = "4 MiB"
[[object]]
name = "a"
[[object]]
name = "b"
[[thread]]
name = "app"
script = "lwkt_gettoken(a)\\nlwkt_gettoken(b)\\nlwkt_reltoken(a)\\nlwkt_reltoken(b)"
""")
    ((text, step),) = look(run(session)).findings
    assert (text, step) == ("app:3 releases token of a before token of b,", 3)


def test_a_daemon_that_waits_for_a_thread_that_waits_for_memory_is_a_cycle() -> None:
    session = run(started(CYCLE))
    history = session.history
    assert history.outcome == "livelock"
    at_end = [text for text, _ in look(session).findings]
    assert at_end == [
        "again and again: fs waits for free memory (v_free_count), which pager frees "
        "(v_free_target: waits below 120, 40 are free), last at",
        "again and again: pager waits for token of file, held by fs",
    ]
    assert "again and again" in plain(draw(look(session), 90, 20).lines)
    while history.vm.thread.state[0] != SLEEPING:
        history.back()
    row = look(session)
    assert row.findings == ()
    assert row.circles == (
        "fs waits for free memory (v_free_count) freed by pager, "
        "pager waits for token of file held by fs: a cycle, which no thread can end",
    )
    text = plain(draw(row, 90, 20).lines)
    assert "fs sleeps: for free memory (v_free_count), freed by pager" in text
    assert "    v_free_target: waits below 120, 40 are free" in text
    assert "    no thread can end it; its timeout only lets it test again" in text


def test_a_nice_process_says_what_it_is_compared_with_and_who_could_free_memory() -> None:
    session, row = asleep("nice-waits-first", "background")
    said = "nice 10: waits below 103, 80 are free"
    assert (row.limits[0], nice_limit(session.history.vm, 10)) == ((said, True), 103)
    drawing = draw(look(session), 90, 30)
    text = plain(drawing.lines)
    assert f"    {said}" in text
    assert "normal, urgent, hog and 2 more could end it by freeing memory" in text
    assert "thread hog" in {spot.verb for spot in drawing.spots}
    classes = "NORMAL yes, from 41; SYSTEM yes, from 16; INTERRUPT yes, from 1"
    assert look(session).requests == (f"a free page for requests on cpu 0, which sees 80 free: {classes}",)
    session.history.seek(0)
    assert look(session).requests == ()


def test_the_owner_of_a_busy_page_could_end_the_wait_for_it() -> None:
    session, row = asleep("hard-and-soft-busy", "fault")
    assert (row.ends, row.how, row.endless) == (("writer",), "by unbusying the page", False)
    assert "writer could end it by unbusying the page" in plain(draw(look(session), 67, 20).lines)


def test_the_interrupt_thread_is_idle() -> None:
    session, _ = asleep("nice-waits-first", "background")
    (idle,) = (row for row in look(session).threads if row.name == "biodone")
    assert (idle.asleep, idle.ends, idle.endless) == (True, (), False)


def test_no_thread_waits_at_the_start(session: Session) -> None:
    assert plain(draw(look(session), 67, 8).lines).startswith("no thread waits")


def asleep(name: str, thread: str) -> tuple[Session, WaitRow]:
    """The session at the first step at which the thread sleeps."""
    scenario = load(name)
    session = Session(scenario.start(), scenario)
    while session.history.forward():
        row = next(row for row in look(session).threads if row.name == thread)
        if row.asleep:
            return session, row
    raise AssertionError(f"{thread} never sleeps")


def test_a_sleeper_has_released_its_token() -> None:
    session, row = asleep("hard-and-soft-busy", "fault")
    assert (row.holder, row.busy, row.holds, row.let_go) == ("writer", True, (), ("token of file",))
    assert row.since == session.history.step
    assert not row.lost


LOST = """
format = 1
title = "Lost"
[machine]
memory = "16 MiB"
topology = "1x2x1"
interlock = {interlock}
[setup]
script = \"\"\"
m = vm_page_alloc(NULL, 3, VM_ALLOC_NORMAL)
vm_page_wakeup(m)
\"\"\"
[[thread]]
name = "owner"
cpu = 0
script = \"\"\"
vm_page_busy_wait(setup.m, 0)
vm_page_wakeup(setup.m)
\"\"\"
[[thread]]
name = "waiter"
cpu = 1
script = \"\"\"
vm_page_busy_wait(setup.m, 0)
\"\"\"
[schedule]
items = "owner:op,waiter:3,owner:end"
"""


@pytest.mark.parametrize("interlock", [True, False])
def test_a_lost_wakeup_is_explained(interlock: bool) -> None:
    scenario = load_text(LOST.format(interlock=str(interlock).lower()))
    session = run(Session(scenario.start(), names=scenario.names))
    text = plain(draw(look(session), 67, 8).lines)
    assert ("lost wakeup: the page is no longer busy" in text) is not interlock


def test_in_a_long_call_lock_waits_are_not_known(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("explorer.lenses.waits.can_go_live", lambda _: False)
    assert "not known" in plain(draw(look(session), 80, 8).lines)


def test_the_token_of_memory_waits_is_called_vm_token_everywhere() -> None:
    session = started(CYCLE)
    history, held = session.history, ""
    while "vm_token" not in held:
        assert history.extend(1)
        held = plain(draw(look(session), 90, 20).lines)
        names = [lock for row in thread_rows(history, session.labels, None) for lock in row.holds]
    assert "fs holds token of file (step 4), ▸vm_token (step" in held
    assert names == ["token of file", "vm_token"]
    assert "token of vm_token" not in held


def test_a_narrow_panel_cuts_neither_a_limit_nor_who_could_end_a_wait() -> None:
    names = ("first_thread", "second_thread", "third_thread", "fourth")
    hungry = WaitRow(
        0, "hungry", 0, "sleeping", "free memory", asleep=True, since=3, ticks=9, memory=True,
        limits=(("nice 10: waits below 1,103, 1,080 are free or cached", True),),
        ends=names, how="by freeing memory",
    )  # fmt: skip
    stuck = WaitRow(1, "stuck", 0, "sleeping", "free memory", asleep=True, since=3, ticks=9, endless=True)
    assert plain(draw(WaitsRow((hungry, stuck), (), 9, True), 38, 20).lines) == drawn("""
  hungry sleeps: for free memory
    since step 3; times out in 9 ticks
    nice 10: waits below 1,103, 1,080
    are free or cached
    first_thread, second_thread,
    third_thread and 1 more could end
    it by freeing memory
  stuck sleeps: for free memory
    since step 3; times out in 9 ticks
    no thread can end it; its timeout
    only lets it test again
""")


def test_at_a_livelock_the_lens_does_not_say_that_no_thread_waits() -> None:
    session = run(started(NAPS))
    assert session.history.outcome == "livelock"
    text = plain(draw(look(session), 100, 20).lines)
    assert "again and again: hungry waits" in text
    assert "at this step, no thread waits" in text or "no thread waits" not in text
