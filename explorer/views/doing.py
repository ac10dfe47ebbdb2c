"""A step as the reasons of its sentence see it: the machine before the step, the call, and its variables."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from engine.constants import PBUSY_LOCKED, VMSTATS_SIZE, Cpu, Obj, Page, Queue, Thread, queue_name
from engine.debug.call_stack import in_place
from engine.debug.decisions import decision_after
from engine.debug.journal_search import steps_of_thread
from engine.machine.machine import Machine
from engine.memory.block import EVENT
from engine.run.history import History
from engine.run.suspended import Frame
from explorer.views.labels import Labels, busy_words

LOOKED_BACK: Final = 64
"""Number of writes of a busy_count among which the one that locked the page is searched."""


@dataclass(frozen=True)
class Doing:
    """A step that thread `t` is about to take: while it is used, the memory is as before the step.

    values: the local variables of the innermost call; frame: the call, None for a script's instruction.
    """

    history: History
    labels: Labels
    step: int
    t: int
    values: Mapping[str, int]
    frame: Frame | None = None

    @property
    def vm(self) -> Machine:
        """The machine before the step."""
        return self.history.vm

    @property
    def cpu(self) -> int:
        """The thread's cpu."""
        return self.history.programs[self.t].cpu

    @property
    def action(self) -> str:
        """The announcement of the step."""
        return self.history.journal.label(self.step)

    def decides(self) -> bool | None:
        """Whether the condition that the step's action decides holds; None if that is not known."""
        code = None if self.frame is None else self.frame.code
        found = None if code is None or self.frame is None else decision_after(code, self.frame.line)
        return None if found is None else found.holds(self.vm, self.values)

    def __getitem__(self, name: str) -> int:
        """The value of a local variable of the innermost call.

        Errors: KeyError if the call has no such integer.
        """
        return self.values[name]

    @property
    def m(self) -> Page:
        """The page in the local variable `m`."""
        return Page(self["m"])

    @property
    def q(self) -> Queue:
        """The queue in the local variable `q`."""
        return Queue(self["q"])

    @property
    def obj(self) -> Obj:
        """The object in the local variable `obj`."""
        return Obj(self["obj"])

    def page(self, name: str = "m") -> str:
        """The page in a local variable: `page 0xc03`."""
        return self.page_called(self[name])

    def page_called(self, m: int) -> str:
        """A page as the sentence calls it."""
        return self.labels.page_called(m)

    def view(self, field: int) -> int:
        """A counter of vmstats as the thread's cpu sees it."""
        return self.vm.gd_vmstats.view[self.cpu * VMSTATS_SIZE + field]

    def after(self, column: str, index: int) -> int:
        """The value of a cell after the step."""
        place = self.vm.memory.places[column]
        for cell, _, new in reversed(self.history.journal.writes_of(self.step)):
            if cell == place.base + index:
                return new + place.spec.bias
        return self.vm.memory.cells[place.base + index] + place.spec.bias

    def since(self, column: str, index: int = 0) -> str:
        """Who wrote a cell last, and when: `, by app in step 10`; "" for boot and setup."""
        writer = self.history.writer(self.vm.memory.address(column, index), self.step - 1)
        return "" if writer is None else f", by {self.who(writer)} in step {writer:,}"

    def locked_since(self, m: int) -> str:
        """Who hard-busied a page, and when: `locked by app since step 10`."""
        step = self.since_busy(m, lambda old, new: bool(new & PBUSY_LOCKED and not old & PBUSY_LOCKED))
        return "locked before the run" if step is None else f"locked by {self.who(step)} since step {step:,}"

    def since_busy(self, m: int, wanted: Callable[[int, int], bool]) -> int | None:
        """The last step that changed busy_count of a page from `old` to `new` as wanted; None without any."""
        address, at = self.vm.memory.address("page.busy_count", m), self.step - 1
        for _ in range(LOOKED_BACK):
            writer = self.history.writer(address, at)
            if writer is None:
                break
            writes = [write for write in self.history.journal.writes_of(writer) if write[0] == address]
            if any(wanted(old, new) for _, old, new in writes):
                return writer
            at = writer - 1
        return None

    def acted_since(self, step: int) -> bool:
        """Whether the thread of a step has taken another one since."""
        t = self.history.journal.thread(step)
        return t == EVENT or bool(steps_of_thread(self.history, t, step, self.step - 1).size)

    def busy(self, m: int) -> str:
        """What makes a page busy: the holder of LOCKED, or the bits of busy_count."""
        busy = self.vm.page.busy_count[m]
        return self.locked_since(m) if busy & PBUSY_LOCKED else busy_words(busy)

    def queue(self, m: int) -> str:
        """The queue that a page is on: `ACTIVE[0]`, or `no queue`."""
        q = self.vm.page.queue[m]
        return queue_name(q) if q else "no queue"

    def who(self, step: int) -> str:
        """The thread that took a step, or `an event`."""
        t = self.history.journal.thread(step)
        return "an event" if t == EVENT else self.labels.thread(t)


Reason = Callable[[Doing], str]
"""What a step does and because of what, without the thread's name: `finds page 0xc03 busy: locked by ...`."""


@contextmanager
def about_to(
    history: History, labels: Labels, step: int, values: Mapping[str, int], frame: Frame | None = None
) -> Iterator[Doing]:
    """Context manager that gives a step, in the memory before it, with its thread as the current one."""
    vm, t = history.vm, history.journal.thread(step)
    kept = vm.curthread, vm.mycpu
    with in_place(history):
        history.timeline.seek(step - 1)
        vm.curthread, vm.mycpu = Thread(t), Cpu(history.programs[t].cpu)
        try:
            yield Doing(history, labels, step, t, values, frame)
        finally:
            vm.curthread, vm.mycpu = kept
