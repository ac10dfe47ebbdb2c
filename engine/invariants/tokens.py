"""Object tokens: the owners in the object's cells against the tokens in the threads' cells.

A thread's tokens are rows in the order in which they were taken. Sleeping releases the tokens but keeps the
rows; afterwards they are retaken in order, one per step. `thread.tokens_released` is the number of the last
ones that the thread has not retaken yet (kernel/tokens.py).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import numpy as np

from engine.constants import NULL
from engine.invariants.violation import Violation
from engine.kernel.tokens import EXCLUSIVE, SHARED
from engine.language.naming import object_text, thread_text
from engine.machine.machine import TOKENS_PER_THREAD, Machine
from engine.words import plural

Held = dict[int, list[tuple[int, int]]]
"""Object -> the (thread, mode) of each token of it that a thread holds."""


def token_violations(vm: Machine) -> Iterator[Violation]:
    """Find tokens whose object and threads disagree about their owners, mode or depth."""
    rows = np.flatnonzero(vm.memory.vector("token.object")).tolist()
    lacking = np.flatnonzero(vm.memory.vector("thread.tokens_released")).tolist()
    yield from _gaps(vm, rows, lacking)
    held = _held(vm, rows)
    cells = [vm.memory.vector(f"object.token_{name}") for name in ("owner", "depth", "shared")]
    claimed = np.flatnonzero(cells[0] | cells[1] | cells[2]).tolist()
    for obj in sorted({*held, *claimed}):
        yield from _object(vm, obj, held.get(obj, []))


def _gaps(vm: Machine, rows: list[int], lacking: list[int]) -> Iterator[Violation]:
    """Find used rows after empty ones, and threads that have released more tokens than they have rows."""
    used = [0] * vm.thread.length
    for row in rows:
        t, slot = divmod(row, TOKENS_PER_THREAD)
        if slot != used[t]:
            name = thread_text(vm, t)
            yield Violation("tokens", NULL, f"{name}.token[{slot}] is in use", f"token[{used[t]}] is empty")
        used[t] += 1
    for t in lacking:
        if vm.thread.tokens_released[t] > used[t]:
            says = f"{thread_text(vm, t)}.tokens_released is {vm.thread.tokens_released[t]}"
            yield Violation("tokens", NULL, says, f"it records {plural(used[t], 'token')}")


def _held(vm: Machine, rows: list[int]) -> Held:
    remembered = [0] * vm.thread.length
    for row in rows:
        remembered[row // TOKENS_PER_THREAD] += 1
    held: Held = defaultdict(list)
    for row in rows:
        t, slot = divmod(row, TOKENS_PER_THREAD)
        if slot < remembered[t] - vm.thread.tokens_released[t]:
            held[vm.token.object[row]].append((t, vm.token.mode[row]))
    return held


def _object(vm: Machine, obj: int, held: list[tuple[int, int]]) -> Iterator[Violation]:
    """Check the three token cells of an object against the tokens that threads hold."""
    if not 0 <= obj < vm.object.length:
        yield Violation("tokens", NULL, _threads_say(vm, held), f"there is no object {obj}")
        return
    exclusive = any(mode == EXCLUSIVE for _, mode in held)
    owner = held[0][0] + 1 if exclusive else 0
    right = (owner, len(held), 0) if exclusive else (0, 0, len(held))
    cells = vm.object.token_owner[obj], vm.object.token_depth[obj], vm.object.token_shared[obj]
    alone = not exclusive or all(t == owner - 1 for t, _ in held)
    known = all(mode in (EXCLUSIVE, SHARED) for _, mode in held)
    if cells != right or not alone or not known:
        names = "token_owner {}, token_depth {}, token_shared {}".format(*cells)
        yield Violation("tokens", NULL, f"{object_text(vm, obj)} has {names}", _threads_say(vm, held))


def _threads_say(vm: Machine, held: list[tuple[int, int]]) -> str:
    words = {EXCLUSIVE: "exclusively", SHARED: "shared"}
    texts = [f"{thread_text(vm, t)} holds it {words.get(mode, f'in mode {mode}')}" for t, mode in held]
    return " and ".join(texts) or "no thread holds it"
