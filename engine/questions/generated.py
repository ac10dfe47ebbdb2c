"""Questions about what comes next, made from the machine itself, each with its answer and the reason for it.

A question is about the call that the next thread is in, from the cursor to the call's end. It is asked before
anybody goes there; the answer is what the recorded or the extended run really does.
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
from engine.scenario.checks import Question

T = TypeVar("T")

MOST_CHOICES: Final = 4

MOST_KEYS: Final = 9
"""Choices that a scenario may offer: each is answered with its digit."""

NOBODY: Final = "nobody"
NO_LOCK: Final = "none"
SLEEPS: Final = ("no, it goes through", "yes, it sleeps", "it never gets to its end", "the kernel panics")
"""What can become of a call: the choices where the question is whether it sleeps."""

_TYPES: Final = tuple(f"PQ_{name}" for name in QUEUE_BASES)


@dataclass(frozen=True)
class Prediction:
    """A question about what comes next.

    topic: what it is about, one word of `TOPICS`, or `scenario` for one of the scenario's own.
    right: the index in `choices` of the answer.
    step:  the step that decides it.
    """

    topic: str
    ask: str
    choices: tuple[str, ...]
    right: int
    why: str
    step: int


def predictions(history: History) -> tuple[Prediction, ...]:
    """Every question that can be made at the cursor, always in the same order; the history stays as it is.

    Errors: InvariantViolation as Runner.take.
    """
    with looking_ahead(history) as ahead:
        if ahead is None:
            return ()
        made = (make(ahead) for make in TOPICS.values())
        return tuple(question for question in made if question is not None)


def asked_by_scenario(question: Question, history: History) -> Prediction | None:
    """A scenario's own question as one of these, when it is due at the cursor; else None."""
    if not question.is_due(history):
        return None
    choices = question.choices or _numbers_near(question.answer, question.expected.show(history.vm))
    if choices.index(question.answer) >= MOST_KEYS:
        choices = (*choices[: MOST_KEYS - 1], question.answer)
    choices, why = choices[:MOST_KEYS], " ".join(question.why.split())
    right = choices.index(question.answer)
    return Prediction("scenario", question.ask, choices, right, why, history.step)


def _numbers_near(answer: str, value: int | None) -> tuple[str, ...]:
    """Choices where a scenario gives none: its answer and some numbers near its value."""
    number = NULL if value is None else value
    near = sorted(_choose(number, (number + 1, number // 2, 2 * number + 3)))
    return tuple(answer if other == number else str(other) for other in near)


def _choose(right: T, others: Iterable[T]) -> list[T]:
    """The right choice and the first others, each once."""
    return list(dict.fromkeys([right, *others]))[:MOST_CHOICES]


def _question(topic: str, ask: str, choices: list[str], right: str, why: str, step: int) -> Prediction | None:
    """A question; None when there are too few choices to be one."""
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
    return _queue_question(ahead, "queue", f"{_who(ahead)} runs {_call(ahead)} to its end", m, ahead.last)


def _queue_question(ahead: Ahead, topic: str, what: str, m: int, step: int) -> Prediction | None:
    vm = ahead.history.vm
    before, after = (_type_at(ahead, m, at) for at in (ahead.begin, step))
    usual = ("PQ_NONE", "PQ_ACTIVE", "PQ_INACTIVE", "PQ_FREE")
    choices = sorted(_choose(after, (before, *usual)), key=_TYPES.index)
    ask = f"{what}. On which queue is page {vm.page_word(m)} then?"
    stays = f"nothing that happens until then moves the page: it stays on {after}"
    why = _because(ahead, "page.queue", m, step, queue_name) or stays
    return _question(topic, ask, choices, after, why, step)


def _type_at(ahead: Ahead, m: int, step: int) -> str:
    """The type of the queue that page `m` is on after `step`."""
    ahead.history.seek(step)
    queue = ahead.history.vm.page.queue[m]
    return f"PQ_{type_and_color(queue)[0]}"


# --- which colour -------------------------------------------------------------------------------------------


def _color_asked_for(ahead: Ahead) -> Prediction | None:
    history = ahead.history
    # What the next step is stands on the screen already, and names the colour.
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
        whence = f"cpu {cpu}'s stretch of the colours begins at {starts[cpu]}"
        whence += f", and the page's index and the object's colour lead {offset} further"
    else:
        whence = f"the call asks for another cpu than {cpu}, whose stretch begins at {starts[cpu]}"
    why = f"step {step} looks there first: {whence}"
    ask = f"{_who(ahead)} is in {_call(ahead)}. Which colour does it ask for?"
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
    right = " and ".join(dict.fromkeys(names[t] for _, t in woken)) or NOBODY
    alone = [names[t] for t in [*asleep, *range(len(names))] if t != vm.biothread]
    together = " and ".join(names[t] for t in asleep)
    choices = sorted(_choose(right, (NOBODY, *alone[:1], together or NOBODY, *alone)))
    if woken:
        why = f"{_step_in(ahead, woken[0][0])}: that makes {right} runnable again"
    else:
        why = "no step of it wakes anybody"
    happens = f"The event `{ahead.call}` comes"
    if ahead.thread is not None:
        happens = f"{_who(ahead)} runs {_call(ahead)} to its end"
    return _question("wakes", f"{happens}. Whom does it wake?", choices, right, why, ahead.last)


def _sleeping(ahead: Ahead) -> Prediction | None:
    instant = ahead.done and len(ahead.steps) == 1
    found = None if ahead.thread is None or instant else _becomes(ahead)
    if found is None:
        return None
    right, why, step = found
    ask = f"{_who(ahead)} is in {_call(ahead)}. Does it sleep before that is done?"
    return _question("sleeps", ask, list(SLEEPS), right, why, step)


def _becomes(ahead: Ahead) -> tuple[str, str, int] | None:
    """Which of SLEEPS becomes of the call, why, and at which step; None when that is not known."""
    history, t = ahead.history, ahead.thread
    for step, other, _, state in ahead.writes("thread.state"):
        if other == t and state == SLEEPING:
            return SLEEPS[1], f"{_step_in(ahead, step)}, on {_channel(history, t, step)}", step
        if other == t and state == PANICKED:
            return SLEEPS[3], f"step {step}: {history.branch.finding}", step
    if ahead.done:
        own = f"{len(ahead.steps)} more steps of its own and is done with step {ahead.last}"
        return SLEEPS[0], f"it takes {own}; none of them sleeps", ahead.last
    if ahead.outcome in ("deadlock", "livelock", "blocked"):
        return SLEEPS[2], f"the run ends before: {history.branch.finding or ahead.outcome}", ahead.last
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
        step, right, why = ahead.last, NO_LOCK, "it takes none up to its end"
    choices = sorted(_choose(right, _other_locks(ahead)))
    ask = f"{_who(ahead)} is in {_call(ahead)}. Which lock does it take next, before that is done?"
    return _question("lock", ask, choices, right, why, step)


def _lock(vm: Machine, column: str, index: int) -> str:
    """A lock's name, by its cell."""
    return lock_name(vm, lock_at(vm, vm.memory.address(column, index)))


def _other_locks(ahead: Ahead) -> list[str]:
    """Locks that the call might take, too: those of the page it works on, of its queue, of an object."""
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
    stays = "nothing that happens until then leaves it changed"
    why = _because(ahead, "page.busy_count", m, ahead.last, busy_text) or stays
    ask = f"{_who(ahead)} runs {_call(ahead)} to its end. "
    ask += f"What is in busy_count of page {history.vm.page_word(m)} then?"
    return _question("busy", ask, choices, busy_text(right), why, ahead.last)


def busy_text(busy: int) -> str:
    """busy_count as an expression of its constants: `PBUSY_LOCKED | 2`, `0`."""
    words = [name for name, bit in PBUSY_NAMES.items() if busy & bit]
    soft = busy & PBUSY_MASK
    return " | ".join([*words, *([str(soft)] if soft or not words else [])])


# --- in words -----------------------------------------------------------------------------------------------


def _who(ahead: Ahead) -> str:
    return "the event" if ahead.thread is None else ahead.history.programs[ahead.thread].name


def _call(ahead: Ahead) -> str:
    """The call; a daemon's never ends, but is made of parts that do."""
    t = ahead.thread
    part = t is not None and ahead.history.programs[t].daemon
    return f"{'this part of ' * bool(part)}`{ahead.call}`"


def _page_writes(ahead: Ahead, column: str) -> list[tuple[int, int, int, int]]:
    """The call's own writes to a column of pages, without those of scan markers."""
    return [write for write in ahead.writes(column) if write[1] < ahead.history.vm.marker_base]


def _page_of(ahead: Ahead, *columns: str) -> int:
    """The page that the call works on: the first whose cell in the first such column it writes, or NULL."""
    return next((write[1] for column in columns for write in _page_writes(ahead, column)), NULL)


def _step_in(ahead: Ahead, step: int) -> str:
    """A step in words: its number, its function and its action."""
    action = ahead.history.journal.label(step)
    function = kernel_function(frames(ahead.history, step))
    return f"step {step}{f', in {function}()' if function else ''}: {action}"


def _because(ahead: Ahead, column: str, m: int, step: int, words: Callable[[int], str]) -> str:
    """The write behind a page's cell after `step`, and what it followed from; "" when it is older."""
    history, vm = ahead.history, ahead.history.vm
    cause = cause_of(history, vm.memory.address(column, m), step)
    if cause is None or cause.step <= ahead.begin:
        return ""
    bias = vm.memory.places[column].spec.bias
    text = f"{_step_in(ahead, cause.step)}; {column.partition('.')[2]} goes from "
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
"""What questions are about, in the order in which they are asked."""
