"""Legal calls: the claims of threads on pages and objects, and arguments drawn from them.

busy_count has no owner, a hold no holder: that a thread wakes, unwires and frees only what is its own is a
rule for the kernel's callers. A scene keeps these claims, and its selectors offer what a caller that keeps
the rules may pass. While it is `rough` they offer anything that has the right type. Pages of the drivers'
reserve are offered only to the contiguous allocator, as in the kernel.
"""

# Every selector is called in the same way, with a thread, even where the result does not depend on it.
# ruff: noqa: ARG002, ARG005

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Final, Protocol, TypeVar

from engine.constants import (
    NULL,
    PBUSY_LOCKED,
    PBUSY_MASK,
    PG_FICTITIOUS,
    PG_MAPPED,
    PG_UNQUEUED,
    PG_WRITEABLE,
    PQ_FREE,
    Obj,
    Thread,
)
from engine.kernel.locks import holds_spinlock
from engine.kernel.tokens import EXCLUSIVE, SHARED, held_tokens
from tests.engine.kernel.checked_crew import Crew, queue_of

T = TypeVar("T")

OBJECTS: Final = 4
PLACES: Final = 6
"""Few enough objects and indices that threads meet."""

FAKES: Final = 3


class Missing(Exception):
    """A call cannot be made by its rules now; `call` brings it nearer."""

    def __init__(self, call: str) -> None:
        super().__init__(call)
        self.call = call


class Chooser(Protocol):
    """The source of a scene's choices: Hypothesis, or a seeded generator."""

    def pick(self, options: Sequence[T]) -> T:
        """One of them."""
        ...

    def number(self, low: int, high: int) -> int:
        """A number from `low` to `high`."""
        ...


class Scene:
    """A crew, what its threads claim, and the choices for their next calls.

    busied:  page -> the thread that has it hard-busied.
    soft, held, wired, object_held, tokens: (thread, page or object) -> how often.
    ranges:  contiguous stretches that were taken: (first page, bytes).
    known:   pages that some call gave out, in order: threads come back to them.
    rough:   whether the arguments may break the rules.
    broken:  whether a call so far was given arguments without regard to the rules.
    """

    def __init__(self, crew: Crew, chooser: Chooser) -> None:
        self.crew, self.vm, self.chooser = crew, crew.vm, chooser
        self.busied: dict[int, int] = {}
        self.soft: Counter[tuple[int, int]] = Counter()
        self.held: Counter[tuple[int, int]] = Counter()
        self.wired: Counter[tuple[int, int]] = Counter()
        self.object_held: Counter[tuple[int, int]] = Counter()
        self.tokens: Counter[tuple[int, int]] = Counter()
        self.ranges: list[tuple[int, int]] = []
        self.known: dict[int, None] = {}
        self.rough = False
        self.broken = False

    def pick(self, options: Sequence[T], otherwise: str) -> T:
        """One of the options; when there is none, the call `otherwise` has to come first."""
        if not options:
            raise Missing(otherwise)
        return self.chooser.pick(options)

    # --- pages --------------------------------------------------------------------------------------------

    def any_page(self, t: int) -> int:
        """A page that was used before, or a free one."""
        free = self.vm.queue.head[PQ_FREE + self.chooser.number(0, self.vm.colors - 1)]
        return self.pick([*self.known, *([] if free == NULL else [free])], "vm_page_alloc")

    def _owned(self, t: int, suits: Callable[[int], bool], otherwise: str = "vm_page_alloc") -> int:
        if self.rough:
            return self.any_page(t)
        return self.pick([m for m, owner in self.busied.items() if owner == t and suits(m)], otherwise)

    def _is_on(self, m: int, *queues: str) -> bool:
        return queue_of(self.vm, m) in queues

    def owned(self, t: int) -> int:
        """A page that the thread has hard-busied, on any queue."""
        return self._owned(t, lambda m: True, "vm_page_busy_try")

    def own(self, t: int) -> int:
        """One that is in use: not on FREE or HOLD."""
        return self._owned(t, self._in_use)

    def _in_use(self, m: int) -> bool:
        return not self._is_on(m, "FREE", "HOLD")

    def own_uncached(self, t: int) -> int:
        """One in use that may be mapped and dirtied: not on CACHE either."""
        return self._owned(t, lambda m: not self._is_on(m, "FREE", "HOLD", "CACHE"))

    def own_managed(self, t: int) -> int:
        """One in use that is ordinary memory."""
        plain = PG_FICTITIOUS | PG_UNQUEUED
        return self._owned(
            t, lambda m: not self.vm.page.flags[m] & plain and not self._is_on(m, "FREE", "HOLD")
        )

    def own_in_object(self, t: int) -> int:
        """One in use that belongs to an object."""
        return self._owned(t, lambda m: self.vm.page.object[m] != NULL, "vm_page_grab")

    def own_wired(self, t: int) -> int:
        """One that the thread has wired."""
        return self._owned(t, lambda m: self.wired[t, m] > 0, "vm_page_wire")

    def own_soft(self, t: int) -> int:
        """A page that the thread has busied either way."""
        if self.rough:
            return self.any_page(t)
        return self.pick(sorted({*self._claimed(self.soft, t), *self._mine(t)}), "vm_page_sbusy_try")

    def _mine(self, t: int) -> list[int]:
        return [m for m, owner in self.busied.items() if owner == t]

    def _claimed(self, claims: Counter[tuple[int, int]], t: int) -> list[int]:
        return [m for (owner, m), count in claims.items() if owner == t and count > 0]

    def freeable(self, t: int) -> int:
        """A page that the thread may free now, its object's token within reach."""

        def suits(m: int) -> bool:
            page = self.vm.page
            busy = page.busy_count[m] & PBUSY_MASK or page.flags[m] & (PG_MAPPED | PG_WRITEABLE)
            wired = page.wire_count[m] and not page.flags[m] & PG_FICTITIOUS
            return not busy and not wired and not self._is_on(m, "FREE") and self._reaches(t, page.object[m])

        return self._owned(t, suits)

    def removable(self, t: int) -> int:
        """A busied page whose object's token is within reach."""
        return self._owned(t, lambda m: self._reaches(t, self.vm.page.object[m]))

    def tryable(self, t: int) -> int:
        """Any page that is not the thread's and whose object's token is within reach."""
        if self.rough:
            return self.any_page(t)
        mine = set(self._mine(t))
        pages = [m for m in self.known if m not in mine and self._reaches(t, self.vm.page.object[m])]
        return self.pick(pages, "vm_page_wakeup")

    def waitable(self, t: int) -> int:
        """Any page but those that the thread itself has busied."""
        if self.rough:
            return self.any_page(t)
        mine = {*self._mine(t), *self._claimed(self.soft, t)}
        return self.pick([m for m in self.known if m not in mine], "vm_page_alloc")

    def in_use(self, t: int) -> int:
        """A page that cannot be freed meanwhile, because the thread has busied or wired it."""
        if self.rough:
            return self.any_page(t)
        found = {*self._claimed(self.soft, t), *self._claimed(self.wired, t), *self._mine(t)}
        return self.pick(sorted(m for m in found if not self._is_on(m, "FREE", "HOLD")), "vm_page_alloc")

    def holdable(self, t: int) -> int:
        """One of these, or one that the thread holds already."""
        if self.rough:
            return self.any_page(t)
        held = [m for m in self._claimed(self.held, t) if not self._is_on(m, "FREE")]
        return self.pick(held, "vm_page_alloc") if held else self.in_use(t)

    def _claim(self, claims: Counter[tuple[int, int]], t: int, otherwise: str) -> int:
        return self.any_page(t) if self.rough else self.pick(self._claimed(claims, t), otherwise)

    def soft_page(self, t: int) -> int:
        """A page that the thread has soft-busied."""
        return self._claim(self.soft, t, "vm_page_sbusy_try")

    def held_page(self, t: int) -> int:
        """A page that the thread holds."""
        return self._claim(self.held, t, "vm_page_hold")

    def wired_page(self, t: int) -> int:
        """A page that the thread has wired."""
        return self._claim(self.wired, t, "vm_page_wire")

    def wired_alone(self, t: int) -> int:
        """A page without an object that only this thread has wired, and that it has not busied."""
        if self.rough:
            return self.any_page(t)
        mine = set(self._mine(t))
        found = [m for m in self._claimed(self.wired, t) if self._freed_by_unwiring(t, m) and m not in mine]
        return self.pick(found, "vm_page_alloczwq")

    def _freed_by_unwiring(self, t: int, m: int) -> bool:
        page = self.vm.page
        mapped = page.flags[m] & (PG_MAPPED | PG_WRITEABLE | PG_FICTITIOUS)
        once = page.wire_count[m] == 1 and not page.busy_count[m] & PBUSY_MASK and m not in self.busied
        return once and not mapped and page.object[m] == NULL

    def fake(self, t: int) -> int:
        """A page outside the page array."""
        return self.vm.fake_base + self.chooser.number(0, FAKES - 1)

    # --- objects and places in them -----------------------------------------------------------------------

    def modes(self, t: int) -> dict[int, int]:
        """object -> the mode in which the thread has its token: SHARED as soon as it shares it once."""
        modes: dict[int, int] = {}
        for obj, mode in held_tokens(self.vm, Thread(t)):
            modes[obj] = modes.get(obj, mode)
        return modes

    def _reaches(self, t: int, obj: int) -> bool:
        """Whether the thread may wait for this token: in order, and not while it shares it itself."""
        modes = self.modes(t)
        if obj == NULL or modes.get(obj) == EXCLUSIVE:
            return True
        return all(other < obj for other in modes)

    def takeable(self, t: int) -> int:
        """An object whose token the thread may wait for."""
        few = len(held_tokens(self.vm, Thread(t))) < 4
        found = [obj for obj in range(OBJECTS) if few and self._reaches(t, obj)]
        return self.pick(found, self._release(t))

    def _release(self, t: int) -> str:
        return "vm_object_drop" if self._claimed(self.object_held, t) else "lwkt_reltoken"

    def any_object(self, t: int) -> int:
        """Any object."""
        return self.chooser.number(0, OBJECTS - 1)

    def triable(self, t: int) -> int:
        """An object whose token the thread may try for."""
        few = len(held_tokens(self.vm, Thread(t))) < 4
        return self.pick(list(range(OBJECTS)) if few else [], self._release(t))

    def dropped(self, t: int) -> int:
        """An object that the thread holds."""
        return self.pick(self._claimed(self.object_held, t), "vm_object_hold")

    def released(self, t: int) -> int:
        """An object whose bare token the thread has."""
        return self.pick(self._claimed(self.tokens, t), "lwkt_gettoken")

    def _changeable(self, t: int, mode: int) -> list[int]:
        held = held_tokens(self.vm, Thread(t))
        return [obj for obj, _ in held[-1:] if held == [*held[:-1], (obj, mode)] and self._once(held, obj)]

    def _once(self, held: list[tuple[Obj, int]], obj: int) -> bool:
        return sum(other == obj for other, _ in held) == 1 and all(other <= obj for other, _ in held)

    def upgradable(self, t: int) -> int:
        """An object whose token the thread shares, taken last and once."""
        return self.pick(self._changeable(t, SHARED), "vm_object_hold_shared")

    def downgradable(self, t: int) -> int:
        """An object whose token the thread has exclusively, taken last and once."""
        return self.pick(self._changeable(t, EXCLUSIVE), "vm_object_hold")

    def looked_into(self, t: int) -> int:
        """An object whose token the thread has in any mode."""
        if self.rough:
            return self.any_object(t)
        return self.pick(sorted(self.modes(t)), "vm_object_hold_shared")

    def filled(self, t: int) -> int:
        """An object whose token the thread has exclusively."""
        if self.rough:
            return self.any_object(t)
        return self.pick([obj for obj, mode in self.modes(t).items() if mode == EXCLUSIVE], "vm_object_hold")

    def place(self, t: int) -> int:
        """A pindex."""
        return self.chooser.number(0, PLACES - 1)

    def empty_place(self, t: int, obj: int) -> int:
        """A pindex of `obj` at which no page is."""
        if self.rough:
            return self.place(t)
        return self.pick(
            [p for p in range(PLACES) if self.vm.find_page(obj, p) == NULL], "vm_page_lookup_busy_try"
        )

    # --- numbers ------------------------------------------------------------------------------------------

    def span(self, t: int) -> tuple[int, int]:
        """A byte range of a page."""
        base = self.chooser.pick([0, 100, 511, 512, 600, 3584, 4095, 4096])
        size = self.chooser.pick([0, 1, 100, 412, 512, 1000, 4096])
        return (base, size) if self.rough else (base, min(size, 4096 - base))

    def holds_spinlock(self, t: int) -> bool:
        """Whether the thread has any spinlock."""
        return holds_spinlock(self.vm, Thread(t))

    def is_locked(self, m: int) -> bool:
        """Whether the page is hard-busied."""
        return bool(self.vm.page.busy_count[m] & PBUSY_LOCKED)
