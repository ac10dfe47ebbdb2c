"""Questions about what happens next, generated from the machine, each with its answer and the reason.

A question is about the current call of the thread that steps next, from the cursor to the end of the call.
The answer is what the recorded or the extended run does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final, TypeVar

from engine.constants import (
    NULL,
    PBUSY_LOCKED,
    PBUSY_MASK,
    PBUSY_NAMES,
    PBUSY_WANTED,
    PQ_CACHE,
    PQ_FREE,
    PQ_NONE,
    QUEUE_BASES,
    Obj,
    queue_name,
    type_and_color,
)
from engine.debug.call_stack import frames
from engine.debug.why import cause_of
from engine.kernel.color import vm_get_pg_color
from engine.kernel.locks import lock_at, lock_name
from engine.kernel.search import LOOKS
from engine.kernel.sleep import describe_channel
from engine.kernel.tokens import EXCLUSIVE, token_lock
from engine.language.naming import name_of
from engine.machine.bookkeeping import SPINLOCKS, TOKENS
from engine.machine.machine import Machine
from engine.machine.tables import NO_OBJECT, PANICKED, SLEEPING
from engine.questions.ahead import Ahead, looking_ahead
from engine.run.history import History
from engine.run.suspended import kernel_function
from engine.words import plural

T = TypeVar("T")

MOST_CHOICES: Final = 4

NONE_WOKEN: Final = "no thread"
NO_LOCK: Final = "none"
SLEEPS: Final = ("no, it completes", "yes, it sleeps", "it never completes", "the kernel panics")
"""The choices of the question whether a call sleeps."""

_TYPES: Final = tuple(f"PQ_{name}" for name in QUEUE_BASES)


@dataclass(frozen=True)
class Prediction:
    """A question about what happens next.

    topic: its subject, a key of `TOPICS`; or `scenario` for a question of the scenario.
    right: the index of the right answer in `choices`.
    step:  the step that decides it.
    number: of a question of the scenario: its number in the file, from 1; else 0.
    id:     of a question of the scenario: its id; else "".
    """

    topic: str
    ask: str
    choices: tuple[str, ...]
    right: int
    why: str
    step: int
    number: int = 0
    id: str = ""


def predictions(history: History) -> tuple[Prediction, ...]:
    """Return all questions that can be asked at the cursor, in the order of TOPICS; the history is unchanged.

    Errors: InvariantViolation as Runner.take.
    """
    with looking_ahead(history) as ahead:
        if ahead is None:
            return ()
        made = (make(ahead) for make in TOPICS.values())
        return tuple(question for question in made if question is not None)


def _choose(right: T, others: Iterable[T]) -> list[T]:
    """Return the right choice and the first of the others, without duplicates."""
    return list(dict.fromkeys([right, *others]))[:MOST_CHOICES]


def _question(topic: str, ask: str, choices: list[str], right: str, why: str, step: int) -> Prediction | None:
    """Return a question; None if there are too few choices."""
    if len(choices) < 3:
        return None
    return Prediction(topic, ask, tuple(choices), choices.index(right), f"{why[:1].upper()}{why[1:]}.", step)


# --- which queue --------------------------------------------------------------------------------------------


def _queue_after_step(ahead: Ahead) -> Prediction | None:
    step = ahead.begin + 1
    moved = [write for write in _page_writes(ahead, "page.queue") if write[0] == step]
    if not moved or step == ahead.last:
        return None
    ask = f"{_who(ahead)} takes the step `{ahead.history.journal.label(step)}`"
    return _queue_question(ahead, "queue-step", ask, moved[0][1], step)


def _queue_after_call(ahead: Ahead) -> Prediction | None:
    m = _page_of(ahead, "page.queue", "page.busy_count")
    if not ahead.done or m == NULL:
        return None
    return _queue_question(ahead, "queue", _happens(ahead), m, ahead.last)


def _queue_question(ahead: Ahead, topic: str, what: str, m: int, step: int) -> Prediction | None:
    vm = ahead.history.vm
    before, after = (_type_at(ahead, m, at) for at in (ahead.begin, step))
    usual = ("PQ_NONE", "PQ_ACTIVE", "PQ_INACTIVE", "PQ_FREE")
    choices = sorted(_choose(after, (before, *usual)), key=_TYPES.index)
    ask = f"{what}. Which queue is page {vm.page_word(m)} on afterwards?"
    stays = f"no step until then moves the page, so it stays on {after}"
    why = _because(ahead, "page.queue", m, step, queue_name) or stays
    return _question(topic, ask, choices, after, why, step)


def _type_at(ahead: Ahead, m: int, step: int) -> str:
    """Return the type of the queue that page `m` is on after `step`."""
    ahead.history.seek(step)
    queue = ahead.history.vm.page.queue[m]
    return f"PQ_{type_and_color(queue)[0]}"


# --- which colour -------------------------------------------------------------------------------------------


def _color_asked_for(ahead: Ahead) -> Prediction | None:
    history = ahead.history
    # The screen already shows the next step, which names the colour, so that step is left out.
    looks = ((step, LOOKS.get(history.journal.label(step))) for step in ahead.steps[1:])
    step, queue = next(((step, look[0]) for step, look in looks if look and look[1]), (0, PQ_NONE))
    if not step or ahead.thread is None:
        return None
    vm, cpu, (_, color) = history.vm, history.programs[ahead.thread].cpu, type_and_color(queue)
    starts = [vm_get_pg_color(vm, other, NO_OBJECT, 0) for other in vm.cpus]
    offset = color - starts[cpu]
    elsewhere = [start + offset & vm.color_mask for start in starts]
    near = [starts[cpu], color + 1 & vm.color_mask, color - 1 & vm.color_mask, color ^ vm.colors >> 1]
    choices = [str(choice) for choice in sorted(_choose(color, [*elsewhere[:2], *near]))]
    if starts[cpu] == max(start for start in starts if start <= color):
        reason = f"the colours of cpu {cpu} start at {starts[cpu]}"
        reason += f", and the page index and the object's colour add {offset}"
    else:
        reason = f"the call requests the colours of another cpu; those of cpu {cpu} start at {starts[cpu]}"
    why = f"step {step} searches it first: {reason}"
    ask = f"{_who(ahead)} is running {_call(ahead)}. Which colour does it search first?"
    return _question("color", ask, choices, str(color), why, step)


# --- who wakes, who sleeps ----------------------------------------------------------------------------------


def _woken(ahead: Ahead) -> Prediction | None:
    history, vm = ahead.history, ahead.history.vm
    names = [program.name for program in history.programs]
    history.seek(ahead.begin)
    asleep = [t for t in range(len(names)) if vm.thread.state[t] == SLEEPING and t != vm.biothread]
    woken = [
        (step, t) for step, t, old, _ in ahead.writes("thread.state") if old == SLEEPING and t != ahead.thread
    ]
    if not ahead.done or not (asleep or woken):
        return None
    right = " and ".join(dict.fromkeys(names[t] for _, t in woken)) or NONE_WOKEN
    alone = [names[t] for t in [*asleep, *range(len(names))] if t != vm.biothread]
    together = " and ".join(names[t] for t in asleep)
    choices = sorted(_choose(right, (NONE_WOKEN, *alone[:1], together or NONE_WOKEN, *alone)))
    none = "none of its steps wakes a thread"
    why = f"{_step_in(ahead, woken[0][0])}; this wakes {right}" if woken else none
    ask = f"{_happens(ahead)}. Which threads does it wake?"
    return _question("wakes", ask, choices, right, why, ahead.last)


def _sleeping(ahead: Ahead) -> Prediction | None:
    instant = ahead.done and len(ahead.steps) == 1
    found = None if ahead.thread is None or instant else _becomes(ahead)
    if found is None:
        return None
    right, why, step = found
    ask = f"{_who(ahead)} is running {_call(ahead)}. Does it sleep before {_unit(ahead)} completes?"
    return _question("sleeps", ask, list(SLEEPS), right, why, step)


def _becomes(ahead: Ahead) -> tuple[str, str, int] | None:
    """Return the right one of SLEEPS for the call, the reason and the deciding step; None if unknown."""
    history, t = ahead.history, ahead.thread
    for step, other, _, state in ahead.writes("thread.state"):
        if other == t and state == SLEEPING:
            return SLEEPS[1], f"{_step_in(ahead, step)}; it sleeps on {_channel(history, t, step)}", step
        if other == t and state == PANICKED:
            return SLEEPS[3], f"step {step}: {history.branch.finding}", step
    if ahead.done:
        own = plural(len(ahead.steps), "more step")
        return SLEEPS[0], f"it takes {own} without sleeping and completes at step {ahead.last}", ahead.last
    if ahead.outcome in ("deadlock", "livelock", "blocked"):
        return SLEEPS[2], f"the run ends first: {history.branch.finding or ahead.outcome}", ahead.last
    return None


def _channel(history: History, t: int, step: int) -> str:
    history.seek(step)
    name, number = describe_channel(history.vm, history.vm.thread.chan[t])
    return name if number is None else f"{name} {number:#x}"


# --- which lock, which busy count ---------------------------------------------------------------------------


def _lock_taken(ahead: Ahead) -> Prediction | None:
    if ahead.thread is None or len(ahead.steps) < 2:
        return None
    taken = sorted(
        (step, column, index)
        for column in SPINLOCKS | TOKENS
        for step, index, old, new in ahead.writes(column)
        if (old < new if column == "object.token_shared" else old == 0)
    )
    if not taken and not ahead.done:
        return None
    vm = ahead.history.vm
    if taken:
        step, right = taken[0][0], _lock(vm, *taken[0][1:])
        why = _step_in(ahead, step)
    else:
        step, right, why = ahead.last, NO_LOCK, "it completes without taking another lock"
    choices = sorted(_choose(right, _other_locks(ahead)))
    ask = f"{_who(ahead)} is running {_call(ahead)}. "
    ask += f"Which lock does it take next, before {_unit(ahead)} completes?"
    return _question("lock", ask, choices, right, why, step)


def _lock(vm: Machine, column: str, index: int) -> str:
    """Return the name of the lock in a cell."""
    return lock_name(vm, lock_at(vm, vm.memory.address(column, index)))


def _other_locks(ahead: Ahead) -> list[str]:
    """Return other locks that the call might take: of the page it works on, of its queue, of an object."""
    vm, m = ahead.history.vm, _page_of(ahead, "page.queue", "page.busy_count", "page.spin")
    ahead.history.seek(ahead.begin)
    found, color = [NO_LOCK], 0
    if m != NULL:
        found, color = [_lock(vm, "page.spin", m), NO_LOCK], vm.page.pc[m]
        if vm.page.queue[m] != PQ_NONE:
            found.append(_lock(vm, "queue.spin", vm.page.queue[m]))
    if vm.object_names:
        found.append(lock_name(vm, token_lock(Obj(0), EXCLUSIVE)))
    found += [_lock(vm, "queue.spin", base + color) for base in (PQ_FREE, PQ_CACHE)]
    return [*found, lock_name(vm, vm.contig_spin_at)]


def _busy_after_call(ahead: Ahead) -> Prediction | None:
    m = _page_of(ahead, "page.busy_count")
    if not ahead.done or m == NULL:
        return None
    history, busy = ahead.history, ahead.history.vm.page.busy_count
    history.seek(ahead.begin)
    before = busy[m]
    history.seek(ahead.last)
    right = busy[m]
    others = (before, 0, PBUSY_LOCKED, PBUSY_LOCKED | PBUSY_WANTED, before & PBUSY_MASK, 1)
    choices = [busy_text(value) for value in sorted(_choose(right, others))]
    stays = "no step until then changes it"
    why = _because(ahead, "page.busy_count", m, ahead.last, busy_text) or stays
    ask = f"{_happens(ahead)}. What is the busy_count of page {history.vm.page_word(m)} afterwards?"
    return _question("busy", ask, choices, busy_text(right), why, ahead.last)


def busy_text(busy: int) -> str:
    """Return a busy_count as an expression of its constants: `PBUSY_LOCKED | 2`, `0`."""
    words = [name for name, bit in PBUSY_NAMES.items() if busy & bit]
    soft = busy & PBUSY_MASK
    return " | ".join([*words, *([str(soft)] if soft or not words else [])])


# --- sentences ----------------------------------------------------------------------------------------------


def _happens(ahead: Ahead) -> str:
    if ahead.thread is None:
        return f"The event `{ahead.call}` happens"
    return f"{_who(ahead)} runs {_call(ahead)} to completion"


def _who(ahead: Ahead) -> str:
    return "the event" if ahead.thread is None else ahead.history.programs[ahead.thread].name


def _call(ahead: Ahead) -> str:
    """Return the call as text; a daemon's call never ends, but it consists of parts that do."""
    return f"{'this part of ' * _is_daemon(ahead)}`{ahead.call}`"


def _unit(ahead: Ahead) -> str:
    return "this part" if _is_daemon(ahead) else "the call"


def _is_daemon(ahead: Ahead) -> bool:
    t = ahead.thread
    return t is not None and bool(ahead.history.programs[t].daemon)


def _page_writes(ahead: Ahead, column: str) -> list[tuple[int, int, int, int]]:
    """Return the call's own writes to a column of pages, except those to scan markers."""
    return [write for write in ahead.writes(column) if write[1] < ahead.history.vm.marker_base]


def _page_of(ahead: Ahead, *columns: str) -> int:
    """Return the page that the call works on: the first it writes in the first of `columns`; or NULL."""
    return next((write[1] for column in columns for write in _page_writes(ahead, column)), NULL)


def _step_in(ahead: Ahead, step: int) -> str:
    """Describe a step: its number, its kernel function and its action."""
    action = ahead.history.journal.label(step)
    function = kernel_function(frames(ahead.history, step))
    return f"step {step}{f', in {function}()' if function else ''}: {action}"


def _because(ahead: Ahead, column: str, m: int, step: int, words: Callable[[int], str]) -> str:
    """Describe the last write to a page's cell between the cursor and `step`; "" if there is none."""
    history, vm = ahead.history, ahead.history.vm
    cause = cause_of(history, vm.memory.address(column, m), step)
    if cause is None or cause.step <= ahead.begin:
        return ""
    bias = vm.memory.places[column].spec.bias
    text = f"{_step_in(ahead, cause.step)}; this changes {column.partition('.')[2]} from "
    text += f"{words(cause.old + bias)} to {words(cause.new + bias)}"
    reads = [
        name_of(vm, read.address)
        for read in cause.reads
        if vm.memory.place_of(read.address)[0].table == "page"
    ]
    return f"{text}, after reading {' and '.join(reads[:2])}" if reads else text


TOPICS: Final[dict[str, Callable[[Ahead], Prediction | None]]] = {
    "color": _color_asked_for,
    "queue-step": _queue_after_step,
    "queue": _queue_after_call,
    "wakes": _woken,
    "sleeps": _sleeping,
    "lock": _lock_taken,
    "busy": _busy_after_call,
}
"""The subjects of questions, in the order in which they are asked."""
