"""What the user has selected in a run: a page, a colour on the map, a thread, a line and a frame.

A selection belongs to the branch in which it was made: where a branch does not have the selected thread or
call, there is none.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

from engine.constants import NULL, PG_FICTITIOUS, QUEUE_BASES
from engine.debug.active_calls import Stack
from engine.debug.end_condition import end_page
from engine.debug.in_play import Freed
from engine.errors import BadInput
from engine.language.symbols import Names
from engine.machine.machine import Machine
from engine.run.branches import programs_at
from engine.run.history import History
from engine.run.program import Program
from engine.words import plural
from explorer.session.typed_number import number_of
from explorer.views.calls import Calls
from explorer.views.changes import touched_page
from explorer.views.code import frames_at
from explorer.views.labels import Labels, queue_type
from explorer.views.queues import Unqueued, band_of, pages_at
from explorer.views.rows import TYPES
from explorer.views.threads import next_choice

_Chosen = tuple[int, Program]
"""A thread that the user chose: its number and its program."""

_CallKey = tuple[str, int]
"""A call of the code panel: its function and its first step."""


class Selection(ABC):
    """What is selected at the cursor of a history.

    given:  the names at its first step.
    chosen: the thread that `step` steps, or None to follow the schedule.
    cursor: the queue type and colour that the user selected on the map, or None to follow the page.
    pinned: the page pinned in the inspector, or None to follow the last step's page.
    called: by branch, the names defined by a call at the console.
    line:   the thread and line under the source's cursor, or None.
    """

    def __init__(self, history: History, given: Names) -> None:
        self.history = history
        self.given = given
        self.unqueued = Unqueued(history.vm)
        self.calls = Calls()
        self._chosen: _Chosen | None = None
        self.cursor: tuple[str, int] | None = None
        self.pinned: int | None = None
        self.called: dict[int, Names] = {}
        self._line: tuple[_Chosen, int] | None = None
        self._frame: tuple[int, _CallKey] | None = None
        self._pointed: tuple[int, _CallKey] | None = None

    @abstractmethod
    def say(self, text: str, kind: str = "say") -> None:
        """Show a message to the user."""

    @property
    def vm(self) -> Machine:
        """The machine at the cursor."""
        return self.history.vm

    @property
    def names(self) -> Names:
        """The names defined by the scenario, and by console calls in this branch and its parents."""
        number: int | None = self.history.current
        while number is not None and number not in self.called:
            number = self.history.branches[number].parent
        return self.given if number is None else self.called[number]

    @property
    def labels(self) -> Labels:
        """The names to show in this branch."""
        return Labels(self.history.vm, self.history.programs, self.names, Freed(self.history))

    @property
    def programs(self) -> tuple[Program, ...]:
        """The programs of the threads that exist at the cursor: not those of calls that come later."""
        return programs_at(self.history.branches, self.history.current, self.history.step)

    # --- the code panel -----------------------------------------------------------------------------------

    @property
    def frames(self) -> Stack:
        """The frames that the code panel shows at the cursor, outermost first; () if there are none."""
        return frames_at(self.history, self.calls)

    @property
    def frame(self) -> int | None:
        """The frame that the user chose in the code panel; None for the innermost.

        None again as soon as the step at the cursor is not part of the chosen call.
        """
        if self._frame is None:
            return None
        at, key = self._frame
        keys = _call_keys(self.frames)
        return at if at < len(keys) and keys[at] == key else None

    @frame.setter
    def frame(self, at: int | None) -> None:
        keys = _call_keys(self.frames)
        self._frame = (at, keys[at]) if at is not None and 0 <= at < len(keys) - 1 else None

    @property
    def pointed(self) -> tuple[str, int] | None:
        """The function and the number of the action under the code panel's cursor.

        None if the user did not move it in this call of the function.
        """
        if self._pointed is None:
            return None
        number, key = self._pointed
        return (key[0], number) if key in _call_keys(self.frames) else None

    @pointed.setter
    def pointed(self, place: tuple[str, int] | None) -> None:
        calls = [key for key in _call_keys(self.frames) if place is not None and key[0] == place[0]]
        self._pointed = (place[1], calls[-1]) if place is not None and calls else None

    # --- the page in the inspector ------------------------------------------------------------------------

    @property
    def page(self) -> int:
        """The page that the inspector shows; NULL if there is none yet.

        That is the pinned page, else the page that the end at the cursor is about, else the last step's page.
        """
        if self.pinned is not None:
            return self.pinned
        ended = end_page(self.history)
        return ended if ended != NULL else touched_page(self.history, self.history.step)

    def pin(self, m: int) -> None:
        """Pin page `m` in the inspector, and let the map's cursor follow it."""
        self.pinned, self.cursor = m, None

    def pin_number(self, text: str) -> None:
        """Pin the page with the physical page number `text` (decimal or 0x...).

        Errors: BadInput if it is not a number, or not a page of this machine.
        """
        number = number_of(text, "a page number")
        m = self.vm.page_index(number)
        if m == NULL or (number < 0 and not self.vm.page.flags[m] & PG_FICTITIOUS):
            first = self.vm.first_page
            last = first + self.vm.vm_page_array_size - 1
            raise BadInput(f"there is no page {number:#x}; this machine has pages {first:#x} to {last:#x}")
        self.pin(m)
        self.say(f"page {number:#x} is pinned; Esc follows the steps again")

    def open_color(self, motion: int = 1) -> None:
        """Pin the first page at the cursor's colour, or the next one if one of them is pinned already."""
        base, color = self.place
        pages = self.pages_here()
        if not pages:
            self.say(f"{base}[{color}] has no pages")
            return
        at = pages.index(self.pinned) + motion if self.pinned in pages else 0
        m = pages[at % len(pages)]
        self.pinned = m
        again = "; Enter shows the next" if len(pages) > 1 else ""
        where = f"{at % len(pages) + 1} of {len(pages)} on {base}[{color}]"
        self.say(f"page {self.labels.page(m)}, {where}{again}")

    # --- the map's cursor ---------------------------------------------------------------------------------

    @property
    def place(self) -> tuple[str, int]:
        """The queue type and colour under the map's cursor: the page's, unless the user moved the cursor."""
        if self.cursor is not None:
            return self.cursor
        m = self.page
        if m == NULL or m >= self.vm.vm_page_array_size:
            return TYPES[0], 0
        return queue_type(self.vm.page.queue[m]), self.vm.page.pc[m]

    def queue_index(self, base: str, color: int) -> int:
        """The index of a queue."""
        return QUEUE_BASES[base] + color

    def move(self, colors: int, types: int) -> None:
        """Move the cursor by `colors` and `types`, wrapping at the ends, and describe its new position."""
        base, color = self.place
        self.cursor = TYPES[(TYPES.index(base) + types) % len(TYPES)], (color + colors) % self.vm.colors
        self.tell_color()

    def pages_here(self) -> list[int]:
        """The pages of the type and colour under the cursor, from the head of the list."""
        self.unqueued.bring_to(self.history)
        return pages_at(self.vm, *self.place, self.unqueued)

    def tell_color(self) -> None:
        """Describe the colour under the cursor."""
        base, color = self.place
        count = len(self.pages_here())
        pages = f"{plural(count, 'page')}; Enter shows them" if count else "no pages"
        self.say(f"{base}[{color}] of {band_of(self.vm, color)}: {pages}")

    def select(self, base: str, color: int) -> None:
        """Put the cursor on a colour of a queue type.

        Errors: BadInput if the machine does not have this colour.
        """
        if not 0 <= color < self.vm.colors:
            raise BadInput(f"there is no colour {color}; this machine has colours 0 to {self.vm.colors - 1}")
        self.cursor = base, color
        self.tell_color()

    # --- the stepped thread, and the line under the source's cursor -----------------------------------------

    @property
    def chosen(self) -> int | None:
        """The thread that `step` steps, or None to follow the schedule.

        None in a branch that does not have the thread, such as one from before the call that started it.
        """
        return self._there(self._chosen)

    @chosen.setter
    def chosen(self, t: int | None) -> None:
        self._chosen = None if t is None else (t, self.history.programs[t])

    @property
    def line(self) -> tuple[int, int] | None:
        """The thread and line under the source's cursor; None if there is none in this branch."""
        t = None if self._line is None else self._there(self._line[0])
        return None if self._line is None or t is None else (t, self._line[1])

    @line.setter
    def line(self, place: tuple[int, int] | None) -> None:
        self._line = None if place is None else ((place[0], self.history.programs[place[0]]), place[1])

    def _there(self, chosen: _Chosen | None) -> int | None:
        """The number of a chosen thread, if this branch has it at the cursor."""
        if chosen is None:
            return None
        t, program = chosen
        programs = self.programs
        return t if t < len(programs) and programs[t] is program else None

    def choose_thread(self, t: int) -> None:
        """Let `step` step thread `t`, regardless of the schedule."""
        self.chosen = t
        self.say(f"s steps {self.labels.thread(t)}; a returns to the schedule")

    def turn_thread(self, by: int) -> None:
        """Choose the next or the previous thread."""
        count = len(self.programs)
        coming = next_choice(self.history)
        now = self.chosen if self.chosen is not None else coming if isinstance(coming, int) else 0
        if count:
            self.choose_thread((now + by) % count)

    def follow_schedule(self) -> None:
        """Let `step` follow the schedule again."""
        self.chosen = None
        self.say("s follows the schedule")

    def thread_named(self, text: str) -> int:
        """A thread by its name or number.

        Errors: BadInput for an unknown thread.
        """
        programs = self.programs
        for t, program in enumerate(programs):
            if text == program.name or text == str(t):
                return t
        known = ", ".join(program.name for program in programs)
        raise BadInput(f"there is no thread {text[:40]!r}; there are {known}")


def _call_keys(stack: Stack) -> list[_CallKey]:
    return [(frame.function, frame.entered) for frame in stack]
