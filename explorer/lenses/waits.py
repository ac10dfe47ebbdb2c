"""Waits: which thread waits for which, what each sleeper waits for, and what each thread holds."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from engine.constants import NULL, Cpu
from engine.debug.wait_ends import Ends, ends
from engine.debug.waits import Waiting, cycles, holding, last_step_of, let_go, waiting
from engine.kernel.pressure_limits import CLASSES, Limits, class_limit
from engine.kernel.sleep import CHAN_PAGE, CHAN_PIP, CHANNEL_MEANINGS
from engine.machine.machine import Machine
from engine.machine.tables import SLEEPING
from engine.run.endings import LEAK, UNLOCK_ORDER, Leak, Run, UnlockOrder
from engine.run.history import History
from engine.run.livelock import Livelock, sentence
from engine.run.memory_limits import compared, sleeps_for_memory
from engine.run.threads import COMPLETED
from engine.words import plural
from explorer.lenses.kit.drawing import MARK, Part, Piece, Sheet, flow, row
from explorer.lenses.kit.lens import Drawing, Lens
from explorer.session.session import Session
from explorer.views.labels import Labels
from explorer.views.spans import wrapped
from explorer.views.threads import can_go_live, thread_rows

_WIRED: Final = 4
"""How many wired pages are named; the rest is counted."""


_NAMED: Final = 3
"""How many of the threads that could end a wait are named; the rest is counted."""


@dataclass(frozen=True)
class WaitRow:
    """A thread, what it holds and, if it cannot run, what it waits for.

    what:   what it waits for, or "". holder: the thread that holds that, or "". busy: it is a busy page.
    memory: it is free memory, and the holder is the daemon that frees it.
    since:  its last step. ticks: ticks left until its sleep times out; 0 for no timeout.
    lost:   why no thread will wake it, or "".
    holds:  locks and tokens, each with the step at which it was taken (0: before the run).
    let_go: tokens that its sleep released; it takes them again before it continues.
    limits: what memory is compared with before it sleeps again: in words, and whether memory is below it.
    ends:   the threads that could end the wait; how: what they have to do; clock: its timeout ends it.
    endless: whether no thread can end it, nor the clock.
    """

    number: int
    name: str
    cpu: int
    state: str
    what: str = ""
    holder: str = ""
    busy: bool = False
    asleep: bool = False
    since: int = 0
    ticks: int = 0
    lost: str = ""
    holds: tuple[tuple[str, int], ...] = ()
    let_go: tuple[str, ...] = ()
    memory: bool = False
    limits: tuple[tuple[str, bool], ...] = ()
    ends: tuple[str, ...] = ()
    how: str = ""
    clock: bool = False
    endless: bool = False


@dataclass(frozen=True)
class WaitsRow:
    """All threads, and the wait cycles as sentences; `live` is false if lock waits are not known.

    findings: at the end of a run, what was not given back, or was released too early, and its step.
    wired:    at the end of a run, the pages that its threads left wired, each with its place.
    requests: while a thread sleeps for memory, which classes of requests get a free page on its cpu.
    again:    whether the run has ended because threads wait again and again; none may wait at this step.
    """

    threads: tuple[WaitRow, ...]
    circles: tuple[str, ...]
    step: int
    live: bool
    findings: tuple[tuple[str, int], ...] = ()
    wired: tuple[str, ...] = ()
    requests: tuple[str, ...] = ()
    again: bool = False


def look(session: Session) -> WaitsRow:
    """The waits at the cursor."""
    history, labels = session.history, session.labels
    live = can_go_live(history)
    states = {row.number: row.state for row in thread_rows(history, labels, session.chosen)}
    waits = waiting(history) if live else _sleepers(history)
    rows = [
        _holder(history, WaitRow(t, program.name, program.cpu, states[t]))
        for t, program in enumerate(history.programs)
    ]
    could = ends(history, waits) if live else {}
    for wait in waits:
        row = _waiting(history, labels, rows[wait.thread], wait)
        rows[wait.thread] = _ended(labels, row, could[wait.thread]) if wait.thread in could else row
    circles = tuple(_circles(rows, waits))
    short = sorted({program.cpu for program, row in zip(history.programs, rows, strict=True) if row.limits})
    requests = tuple(_requests(history.vm, Cpu(cpu)) for cpu in short)
    findings, wired = _findings(history), _wired(history)
    return WaitsRow(
        tuple(rows),
        circles,
        history.step,
        live,
        findings,
        wired,
        requests,
        _again(history) and bool(findings),
    )


def _again(history: History) -> bool:
    """Whether the run has ended here in a livelock."""
    return history.outcome is not None and isinstance(history.branch.finding, Livelock)


def _requests(vm: Machine, cpu: Cpu) -> str:
    """Which classes of requests get a page of FREE on a cpu, and from how many free pages on."""
    limits = [class_limit(vm, cpu, request) for request in CLASSES]
    said = [f"{one.name} {'no' if one.short else 'yes'}, from {one.limit:,}" for one in limits]
    return f"a free page for requests on cpu {cpu}, which sees {limits[0].found:,} free: {'; '.join(said)}"


def _findings(history: History) -> tuple[tuple[str, int], ...]:
    """The findings about locks, pages and waits at the end of the run, and a step of each, or 0."""
    finding = history.branch.finding if history.outcome else None
    if isinstance(finding, Leak):
        return tuple((f"{kept.what}, {kept.how} by {kept.place},", kept.step) for kept in finding.kept)
    if isinstance(finding, Livelock):
        names = [program.name for program in history.programs]
        waits = finding.waits
        texts = (f"again and again: {sentence(wait, names)}" for wait in waits)
        return tuple(
            (f"{text}, last at" if wait.step else text, wait.step)
            for wait, text in zip(waits, texts, strict=True)
        )
    if isinstance(finding, UnlockOrder):
        early = finding.early
        return tuple((f"{one.place} releases {one.what} before {one.held},", one.step) for one in early)
    return ()


def _wired(history: History) -> tuple[str, ...]:
    if history.outcome not in (COMPLETED, LEAK, UNLOCK_ORDER):
        return ()
    wired = Run(history.vm, history.journal, history.programs, history.booted or 0).wired()
    return tuple(f"{kept.what} by {kept.place}" for kept in wired)


def _sleepers(history: History) -> list[Waiting]:
    """The sleeping threads: the only waits known without making the suspended calls again."""
    threads = range(len(history.programs))
    asleep = (t for t in threads if history.vm.thread.state[t] == SLEEPING)
    return [Waiting(t, "", NULL, last_step_of(history, t), True, False) for t in asleep]


def _holder(history: History, row: WaitRow) -> WaitRow:
    """The row with the locks and tokens that its thread holds."""
    return replace(row, holds=tuple(holding(history, row.number)), let_go=tuple(let_go(history, row.number)))


def _waiting(history: History, labels: Labels, row: WaitRow, wait: Waiting) -> WaitRow:
    vm, t = history.vm, wait.thread
    timo, passed = vm.thread.timo[t], (vm.glob.ticks[0] - vm.thread.slept_at[t]) & 0xFFFFFFFF
    return replace(
        row,
        what=_sought(labels, vm.thread.chan[t]) if wait.asleep else _lock(history, labels, t),
        holder="" if wait.holder == NULL else labels.thread(wait.holder),
        memory=wait.memory,
        busy=wait.asleep and CHAN_PAGE <= vm.thread.chan[t] < CHAN_PIP,
        asleep=wait.asleep,
        since=wait.since,
        ticks=max(timo - passed, 1) if wait.asleep and timo else 0,
        lost=_lost(history, t) if wait.forgotten else "",
        limits=tuple((str(limit), limit.short) for limit in _compared(history, wait)),
    )


def _compared(history: History, wait: Waiting) -> Limits:
    """What a thread that sleeps for memory compares; () if that is not known here."""
    if history.live_at != history.step or not sleeps_for_memory(history.vm, wait.thread):
        return ()
    return compared(history.vm, history.runner.live[wait.thread])


def _ended(labels: Labels, row: WaitRow, could: Ends) -> WaitRow:
    """The row with what could end its wait."""
    names = tuple(labels.thread(t) for t in could.threads)
    return replace(row, ends=names, how=could.how, clock=could.clock, endless=could.none)


def _lock(history: History, labels: Labels, t: int) -> str:
    """The lock that a thread is about to take."""
    lock = history.runner.live[t].lock
    return "" if lock is None else labels.lock(lock)


def _sought(labels: Labels, chan: int) -> str:
    """Describe what a sleeper waits for."""
    return CHANNEL_MEANINGS.get(chan) or labels.channel(chan)


def _lost(history: History, t: int) -> str:
    busy = history.vm.page.busy_count[history.vm.thread.chan[t] - CHAN_PAGE]
    return "WANTED is clear: no wakeup" if busy else "the page is no longer busy"


def _circles(rows: list[WaitRow], waits: list[Waiting]) -> list[str]:
    """Each wait cycle as a sentence; each thread waits for the next one, the last for the first."""
    found = []
    for circle in cycles(waits):
        holders = [*circle[1:], circle[0]]
        links = [
            f"{rows[t].name} waits for {rows[t].what} {_by(rows[t])} {rows[holder].name}"
            for t, holder in zip(circle, holders, strict=True)
        ]
        found.append(f"{', '.join(links)}: {_kind([rows[t] for t in circle])}")
    return found


def _kind(circle: list[WaitRow]) -> str:
    """Name a cycle: one of locks alone is a deadlock; in one through memory, another thread may free some."""
    if not any(row.memory for row in circle):
        return "deadlock"
    return "a cycle, which no thread can end" if all(row.endless for row in circle) else "a cycle"


def _by(row: WaitRow) -> str:
    return "freed by" if row.memory else "held by"


# --- drawing ------------------------------------------------------------------------------------------------


def draw(row: WaitsRow, width: int, height: int) -> Drawing:
    """Draw the wait cycles, then the waiting threads, then other lock holders, then the rest."""
    sheet = Sheet(width, height)
    for circle in row.circles:
        for n, line in enumerate(wrapped(circle, width - 2)):
            sheet.add(("  " if n else "◆ ", "bad"), (line, "bad"))
    if not row.live:
        sheet.add(("a long call is in progress: waits for locks are not known", "warn"))
    _add_findings(sheet, row)
    waits = [thread for thread in row.threads if thread.what]
    holders = [thread for thread in row.threads if thread.holds and not thread.what]
    others = [thread for thread in row.threads if not thread.what and not thread.holds]
    if not waits:
        sheet.add(("at this step, no thread waits", "dim") if row.again else ("no thread waits", "good"))
    blocks = [_wait_block(row, thread, width) for thread in waits]
    blocks += [[_hold_line(row, thread, thread.name)] for thread in holders]
    _add_blocks(sheet, blocks, len(others) > 0)
    for text in row.requests:
        _add_wrapped(sheet, text, sheet.room - bool(others))
    text = ", ".join(f"{thread.name} {_word(thread)}" for thread in others)
    _add_wrapped(sheet, text, sheet.room)
    return sheet.drawing()


def _add_findings(sheet: Sheet, row: WaitsRow) -> None:
    """Add what is wrong at the end of the run, a line each, and the wired pages, which are ordinary."""
    for text, step in row.findings:
        when = [Piece(f"step {step:,}", "key", f"goto {step}")] if step else []
        sheet.add(("◆ ", "bad"), (f"{text} ", "bad"), *when)
    if row.wired:
        more = f", and {len(row.wired) - _WIRED:,} more" if len(row.wired) > _WIRED else ""
        text = f"still wired, as is usual: {', '.join(row.wired[:_WIRED])}{more}"
        _add_wrapped(sheet, text, sheet.room)


def _add_wrapped(sheet: Sheet, text: str, room: int) -> None:
    """Add a text in as few lines as possible, at most `room`; the last one ends with what does not fit."""
    lines = wrapped(text, sheet.width - 2) if text else []
    if len(lines) > room:
        sheet.short = True
        kept = max(room - 1, 0)
        lines = [*lines[:kept], " ".join(lines[kept:])][:room]
    for line in lines:
        sheet.add("  ", (line, "dim"))


def _add_blocks(sheet: Sheet, blocks: list[list[list[Part]]], more: bool) -> None:
    """Add the lines of the threads; if they do not all fit, shorten each and count the rest."""
    room = sheet.room - more
    if sum(map(len, blocks)) > room:
        sheet.short = True
        blocks = _shortened(blocks, room)
    while blocks and (sum(map(len, blocks)) <= room or len(blocks[0]) < room):
        for pieces in blocks[0]:
            sheet.add(*pieces)
        room -= len(blocks.pop(0))
    if blocks:
        sheet.add(f"  … {plural(len(blocks), 'more thread')}")


def _shortened(blocks: list[list[list[Part]]], room: int) -> list[list[list[Part]]]:
    """The first lines of each block, as many as fill the room; what one does not need is left to others."""
    kept = [1] * len(blocks)
    while sum(kept) < room and (longer := [n for n, block in enumerate(blocks) if kept[n] < len(block)]):
        kept[min(longer, key=lambda n: kept[n])] += 1
    return [block[:lines] for block, lines in zip(blocks, kept, strict=True)]


def _wait_block(row: WaitsRow, thread: WaitRow, width: int) -> list[list[Part]]:
    """The lines of a waiting thread: what it waits for and the holder, since when, and what it holds."""
    new = thread.since == row.step > 0
    lines: list[list[Part]] = [[
        (f"{MARK} " if new else "  ", "now"),
        Piece(thread.name, "new" if new else "now", f"thread {thread.name}"),
        (" sleeps: " if thread.asleep else " waits: ", "warn"), *_why(thread),
    ]]  # fmt: skip
    if thread.lost:
        lines.append(["    ", ("lost wakeup: ", "bad"), (thread.lost, "bad")])
    lines.append(_since(thread))
    for text, short in thread.limits:
        lines += _indented(text, "warn" if short else "dim", width)
    lines += _ending(thread, width)
    if thread.holds:
        lines.append(_hold_line(row, thread, "  and"))
    if thread.let_go:
        names = ", ".join(thread.let_go)
        lines.append(["    ", ("given up while asleep: ", "label"), names])
    return lines


def _why(thread: WaitRow) -> list[Part]:
    """What a thread waits for: `app has page 0xc03 busy`, `B has token of heap`, `for free memory`."""
    if thread.memory and thread.holder:
        freeing = Piece(thread.holder, "now", f"thread {thread.holder}")
        return [("for ", "label"), thread.what, (", freed by ", "label"), freeing]
    if thread.holder:
        busy = " busy" if thread.busy else ""
        return [Piece(thread.holder, "now", f"thread {thread.holder}"), (" has ", "label"), thread.what, busy]
    if thread.busy:
        return [thread.what, (" was found busy", "label")]
    return [("for ", "label"), thread.what]


def _since(thread: WaitRow) -> list[Part]:
    pieces: list[Part] = ["    ", ("since ", "label")]
    pieces += [Piece(f"step {thread.since:,}", "key", f"goto {thread.since}")]
    if not thread.asleep:
        return pieces
    if thread.ticks:
        return [*pieces, (f"; times out in {plural(thread.ticks, 'tick')}", "dim")]
    return [*pieces, ("; no timeout", "dim")]


def _indented(text: str, style: str, width: int) -> list[list[Part]]:
    """A text in as many lines as it needs."""
    return [["    ", (line, style)] for line in wrapped(text, max(width - 4, 1))]


def _ending(thread: WaitRow, width: int) -> list[list[Part]]:
    """Which threads could end the wait: `app could end it by unbusying the page`, `no thread can end it`."""
    if thread.endless:
        tests = "; its timeout only lets it test again" if thread.ticks else ""
        return _indented(f"no thread can end it{tests}", "bad", width)
    if not thread.ends:
        return [["    ", ("only its timeout ends it", "label")]] if thread.clock else []
    left = len(thread.ends) - _NAMED
    named = [Piece(name, "now", f"thread {name}") for name in thread.ends[:_NAMED]]
    parts = [row(name, "," if name is not named[-1] else "") for name in named]
    more = f"and {left:,} more " if left > 0 else ""
    parts += [row((word, "label")) for word in f"{more}could end it {thread.how}".split()]
    return [["    ", *line] for line in flow(parts, max(width - 4, 1), gap=1)]


def _hold_line(row: WaitsRow, thread: WaitRow, who: str) -> list[Part]:
    """The locks and tokens that a thread holds, each with the step at which it was taken."""
    pieces: list[Part] = ["  ", (who, "now" if who == thread.name else "label"), (" holds ", "label")]
    for n, (lock, since) in enumerate(thread.holds):
        new = since == row.step > 0
        taken = Piece(f"step {since:,}", "key", f"goto {since}") if since else ("before", "dim")
        pieces += [
            ", " if n else "",
            (f"{MARK if new else ''}{lock}", "new" if new else ""),
            " (",
            taken,
            ")",
        ]
    return pieces


def _word(thread: WaitRow) -> str:
    return {"in queue": "waits for its cpu"}.get(thread.state, thread.state)


PLACE = 130
LENS = Lens("waits", "waits and locks held", "wait cycles, sleepers, and what each thread holds", look, draw)
