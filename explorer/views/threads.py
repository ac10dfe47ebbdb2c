"""The threads: the position, next action, locks and wait of each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from engine.constants import NULL, PBUSY_LOCKED, Thread
from engine.debug.stops import AtLine, Stop
from engine.debug.waits import busy_owner
from engine.kernel.locks import can_take, held_locks, lock_owner
from engine.kernel.sleep import CHAN_PAGE, CHAN_PIP
from engine.machine.tables import EMPTY, ENDED, PANICKED, READY, SLEEPING, THREAD_STATES
from engine.memory.block import EVENT
from engine.run.events import Choice
from engine.run.history import History
from engine.run.memory_limits import compared, limits_text
from engine.run.reference_string import LOAD, STORE
from engine.run.suspended import Live, kernel_calls
from explorer.views.labels import Labels
from explorer.views.rows import SourceRow, ThreadRow


def last_thread(history: History) -> int:
    """The thread that took the last step; NULL at step 0 and after an event."""
    if history.step == 0:
        return NULL
    t = history.journal.thread(history.step)
    return NULL if t == EVENT else t


def can_go_live(history: History) -> bool:
    """Whether repeating the suspended calls is cheap enough for drawing."""
    return history.live_at == history.step or history.is_near()


def next_choice(history: History) -> Choice | None:
    """What takes the next step; None if that is unknown or too expensive to find out."""
    recorded = history.step < history.total or history.branch.outcome is not None
    return history.next_choice() if recorded or can_go_live(history) else None


def thread_rows(history: History, labels: Labels, chosen: int | None) -> tuple[ThreadRow, ...]:
    """The row of every thread; `chosen` is the thread that the user steps, or None."""
    coming = chosen if chosen is not None else next_choice(history)
    live = can_go_live(history)
    if live:
        history.go_live()
    ran = last_thread(history)
    return tuple(
        _thread_row(history, labels, t, live=live, ran=t == ran, coming=t == coming, chosen=t == chosen)
        for t in range(len(history.programs))
    )


def _thread_row(
    history: History, labels: Labels, t: int, *, live: bool, ran: bool, coming: bool, chosen: bool
) -> ThreadRow:
    program = history.programs[t]
    calls, action = _position(history, t) if live else ((), "")
    state = _state(history, t, live=live)
    return ThreadRow(
        number=t,
        name=program.name,
        cpu=program.cpu,
        state=state,
        calls=calls,
        action=action,
        holds=_holds(history, labels, t),
        waits=_waits(history, labels, t, live=live),
        ran=ran,
        next=coming and state in ("runs", "in queue"),
        chosen=chosen,
    )


def _position(history: History, t: int) -> tuple[tuple[str, ...], str]:
    if history.vm.thread.state[t] == PANICKED:
        return kernel_calls(history.branch.finding_stack), ""
    if history.vm.thread.state[t] in (EMPTY, ENDED):
        return (), ""  # a signal would wake it, but none has come
    live, string = history.runner.live[t], history.programs[t].string
    action = live.action
    if string is not None and action in (LOAD, STORE):
        action = string.words(string.position(history.vm))
    return kernel_calls(live.stack()), action


def _state(history: History, t: int, *, live: bool) -> str:
    vm = history.vm
    state = THREAD_STATES[vm.thread.state[t]]
    if vm.thread.state[t] == EMPTY:
        return "ended" if history.programs[t].boot else "not started"
    if vm.thread.state[t] != READY:
        return state
    if live and _blocked(history, history.runner.live[t]):
        return "waits"
    cpu = vm.thread.cpu[t]
    return "runs" if vm.cpu.current[cpu] == t else "in queue"


def _blocked(history: History, live: Live) -> bool:
    return live.lock is not None and not can_take(history.vm, live.thread, live.lock)


def _holds(history: History, labels: Labels, t: int) -> tuple[str, ...]:
    return tuple(labels.lock(lock) for lock in held_locks(history.vm, Thread(t)))


def _waits(history: History, labels: Labels, t: int, *, live: bool) -> str:
    vm = history.vm
    if vm.thread.state[t] == SLEEPING:
        compared_with = limits_text(compared(vm, history.runner.live[t])) if live else ""
        limit = f"; {compared_with}" if compared_with else ""
        return (
            f"{labels.channel(vm.thread.chan[t])}{_busied(history, labels, t)}{_timeout(history, t)}{limit}"
        )
    if not live or vm.thread.state[t] != READY or not _blocked(history, history.runner.live[t]):
        return ""
    lock = history.runner.live[t].lock or 0
    owner = lock_owner(vm, lock)
    return f"{labels.lock(lock)}, held by {labels.thread(owner)}"


def _busied(history: History, labels: Labels, t: int) -> str:
    """Which thread has the page hard-busied that a thread sleeps on."""
    m = history.vm.thread.chan[t] - CHAN_PAGE
    if not 0 <= m < CHAN_PIP - CHAN_PAGE or not history.vm.page.busy_count[m] & PBUSY_LOCKED:
        return ""
    owner = busy_owner(history, m)
    return "" if owner in (NULL, t) else f", busied by {labels.thread(owner)}"


def _timeout(history: History, t: int) -> str:
    timo = history.vm.thread.timo[t]
    return f", at most {timo} ticks" if timo else ""


def without_next(rows: Iterable[ThreadRow]) -> tuple[ThreadRow, ...]:
    """The rows without which thread comes next, and what each will do."""
    return tuple(replace(row, action="", next=False) for row in rows)


def script_lines(history: History, rows: tuple[ThreadRow, ...]) -> dict[int, int]:
    """The current line of each thread with a script, by thread number; 0 for one that has ended."""
    return {script.number: script.line for script in source_rows(history, rows)}


def source_rows(
    history: History,
    rows: tuple[ThreadRow, ...],
    cursor: tuple[int, int] | None = None,
    stops: Sequence[Stop] = (),
) -> tuple[SourceRow, ...]:
    """Each thread's script with its current line; `rows` are the threads at the same step.

    cursor: the thread and line of the source cursor; stops: those at lines are shown.
    """
    lines = [stop.kind for stop in stops if stop.enabled and isinstance(stop.kind, AtLine)]
    found = []
    for row in rows:
        program = history.programs[row.number]
        if program.interrupt or (program.boot and row.state == "ended"):
            continue  # its one line says nothing, or no longer matters
        line = program.line_at(history.vm.thread.pc[row.number])
        done = row.state in ("ended", "panicked")
        pointed = cursor[1] if cursor is not None and cursor[0] == row.number else 0
        breaks = frozenset(kind.line for kind in lines if kind.t == row.number)
        found.append(
            SourceRow(
                row.number,
                row.name,
                row.cpu,
                program.lines,
                line,
                row.ran,
                row.next,
                done,
                pointed,
                breaks,
                "ended" if done else "power-on" if program.boot else "exits",
            )
        )
    return tuple(found)
