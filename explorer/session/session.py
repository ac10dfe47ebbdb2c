"""A session: the cursor in a run, and the user's selection, pins and marks.

It uses the engine and the views, but no screen: the screen, text mode and tests all move through a session.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from engine.constants import NULL, PG_FICTITIOUS, QUEUE_BASES
from engine.debug.active_calls import Stack
from engine.debug.compare import Difference, Moment
from engine.debug.end_condition import end_page
from engine.debug.in_play import Freed
from engine.debug.stops import Stop
from engine.errors import BadInput, CapacityError
from engine.language.symbols import NOTHING_NAMED, Names
from engine.machine.machine import Machine
from engine.memory.journal import JournalFullError
from engine.questions.due import DueSteps
from engine.run.branches import programs_at
from engine.run.history import History
from engine.run.program import Program
from engine.scenario.loader import Scenario
from engine.words import plural
from explorer.session.score import Score
from explorer.views.calls import Calls
from explorer.views.changes import touched_page
from explorer.views.chart import Choice
from explorer.views.code import frames_at
from explorer.views.differences import Colors
from explorer.views.in_play import InPlay
from explorer.views.labels import Labels, queue_type
from explorer.views.queues import TYPES, Unqueued, band_of, pages_at
from explorer.views.rows import Note
from explorer.views.threads import next_choice
from explorer.views.values import Watched

REFUSALS = (BadInput, CapacityError, JournalFullError)
"""Errors that are reported in a message; the session stays open."""

MOST_MESSAGES: Final = 1000
"""The messages that a session keeps."""

_Chosen = tuple[int, Program]
"""A thread that the user chose: its number and its program."""


_CallKey = tuple[str, int]
"""A call of the code panel: its function and its first step."""


@dataclass
class Opened:
    """What opened by itself at the end of a run.

    place: the branch and step of that end; lens, asked: those of the session before.
    shown: whether it is still shown: the user has neither closed it nor chosen a lens.
    """

    place: tuple[int, int]
    lens: str
    asked: int | None
    shown: bool = True


Compared = tuple[Moment, Moment, tuple[Difference, ...]]
"""Two moments and their differences."""


@dataclass(frozen=True)
class PageFilter:
    """Which pages the lens `pages` lists, and in which order.

    text:  the filter as it was typed. sort: a word of `page_list.SORTS`; down: the largest first.
    pages: the pages for which a condition held, found at `step`; None for a filter that follows the run.
    """

    text: str
    sort: str = "page"
    down: bool = False
    pages: tuple[int, ...] | None = None
    step: int = 0


class Session:
    """A history, and the state of its user.

    scenario: the scenario of the history, or None; given: the names at its first step.
    chosen: the thread that `step` steps, or None to follow the schedule.
    cursor: the queue type and colour that the user selected on the map, or None to follow the page.
    pinned: the page pinned in the inspector, or None to follow the last step's page.
    called: by branch, the names defined by a call at the console.
    field:  the field of the page under the inspector's cursor, or None.
    line:   the thread and line under the source's cursor, or None.
    outline: whether the code panel shows only the outline.
    lens:   the lens in the shared panel.
    chart:  the curves of the lens `chart`, or None for the default ones.
    centre: what is in the centre of the screen, `stage` or `map`.
    marks:  marked steps, with the letter of each or "".
    stops:  breakpoints and watchpoints.
    hits:   where stops were hit: branch, step, and text of the stop.
    due:    the steps at which the scenario's questions are due.
    asked:  the address of the cell that `why` is about, or None.
    everything: whether `why` follows counters, locks and list links too.
    opened: what opened by itself at the end of the run, or None.
    question: what `whynot` asks, and about which page; None is the inspector's.
    page_filter: the filter of the lens `pages`, or None for its default.
    watched: the expressions of the lens `watching`.
    matches, match, sought: the pages of the last search, the one shown, and the condition.
    compared: the last comparison, or None; differing: the colours that differ in it, by queue type;
              differing_pages: the pages that do.
    score: the score of the predictions.
    known: the branches and marks that are saved, or whose loss the user accepts; see `leaving`.
    note: the last message for the user.
    messages: the step and the message of the last MOST_MESSAGES ones, the last one last.
    """

    def __init__(
        self, history: History, scenario: Scenario | None = None, names: Names | None = None
    ) -> None:
        self.history = history
        self.scenario = scenario
        self.given = names or (scenario.names if scenario else NOTHING_NAMED)
        self.unqueued = Unqueued(history.vm)
        self.in_play = InPlay(history.vm)
        self.calls = Calls()
        self._chosen: _Chosen | None = None
        self.cursor: tuple[str, int] | None = None
        self.pinned: int | None = None
        self.called: dict[int, Names] = {}
        self.field: str | None = None
        self._line: tuple[_Chosen, int] | None = None
        self._frame: tuple[int, _CallKey] | None = None
        self._pointed: tuple[int, _CallKey] | None = None
        self.outline = False
        self.lens = "log"
        self.chart: Choice | None = None
        self.centre = scenario.form.screen.centre if scenario else "stage"
        self.marks: dict[int, str] = {}
        self.stops: list[Stop] = []
        self.hits: set[tuple[int, int, str]] = set()
        self.due = DueSteps(scenario.questions if scenario else ())
        self.asked: int | None = None
        self.everything = False
        self.opened: Opened | None = None
        self.question: tuple[str, int | None] = ("free", None)
        self.watched: list[Watched] = []
        self.page_filter: PageFilter | None = None
        self.matches: tuple[int, ...] = ()
        self.match = 0
        self.sought = ""
        self.compared: Compared | None = None
        self.differing: Colors = {}
        self.differing_pages: frozenset[int] = frozenset()
        self.score = Score()
        self.known = self.losses
        tour = "L for the lesson" if self.name == "tour" else ":open tour for a tour"
        self.messages: deque[tuple[int, Note]] = deque(maxlen=MOST_MESSAGES)
        self.note = Note(f"press s to take the first step, ? for help, {tour}", "hint")

    @property
    def vm(self) -> Machine:
        """The machine at the cursor."""
        return self.history.vm

    @property
    def losses(self) -> tuple[tuple[int, ...], tuple[tuple[int, str], ...]]:
        """The numbers of the branches, and the marks with their letters."""
        numbers = tuple(number for number, _ in self.history.kept())
        return numbers, tuple(sorted(self.marks.items()))

    def say(self, text: str, kind: str = "say") -> None:
        """Show a message to the user."""
        self.note = Note(text, kind)
        if text and kind != "echo":
            self.messages.append((self.history.step, self.note))

    def tell(self, text: str, lines: Iterable[str], title: str) -> None:
        """Show a message that may be long: `lines` in a box with a title if `text` does not fit into a line.

        Without `text`, the box opens always, and the message is not kept.
        """
        self.say(text)
        self.note = replace(self.note, lines=tuple(lines), title=title)
        if text:
            self.messages[-1] = (self.history.step, self.note)

    @property
    def differences_shown(self) -> Colors:
        """The colours that differ between two moments, by queue type, while the compare lens is shown."""
        return self.differing if self.lens == "compare" else {}

    @property
    def pages_that_differ(self) -> frozenset[int]:
        """The pages that differ between two moments, while the compare lens is shown."""
        return self.differing_pages if self.lens == "compare" else frozenset()

    def tell_digest(self) -> None:
        """Report the digest of the whole memory: equal states have equal digests in any run."""
        self.say(f"step {self.history.step}: digest {self.vm.memory.digest()}")

    @property
    def name(self) -> str:
        """The scenario's name; "" without a scenario."""
        return self.scenario.name if self.scenario else ""

    @property
    def title(self) -> str:
        """The scenario's title; "" without a scenario."""
        return self.scenario.title if self.scenario else ""

    @property
    def lesson(self) -> str:
        """The scenario's lesson; "" without a scenario."""
        return self.scenario.form.lesson if self.scenario else ""

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

    @property
    def programs(self) -> tuple[Program, ...]:
        """The programs of the threads that exist at the cursor: not those of calls that come later."""
        return programs_at(self.history.branches, self.history.current, self.history.step)

    @property
    def next_stop(self) -> int:
        """The number of the next breakpoint or watchpoint."""
        return 1 + max((stop.number for stop in self.stops), default=0)

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

    @property
    def questioned(self) -> str:
        """What `whynot` asks: free, cache, pageout, alloc or wire."""
        return self.question[0]

    @property
    def questioned_page(self) -> int:
        """The page that `whynot` asks about; NULL if there is none."""
        m = self.page if self.question[1] is None else self.question[1]
        return m if 0 <= m < self.vm.marker_base else NULL

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

    def follow(self) -> None:
        """Let the inspector follow the page that the last step changed."""
        self.pinned = self.cursor = self.asked = None
        self.say("the inspector follows the steps")

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

    # --- lenses --------------------------------------------------------------------------------------------

    def look_through(self, name: str) -> None:
        """Show a lens in the shared panel."""
        self.lens = name
        if self.opened is not None:
            self.opened.shown = False

    def close_reason(self) -> bool:
        """Close what opened by itself at the end of the run; return whether it was still shown."""
        opened = self.opened
        if opened is None or not opened.shown:
            return False
        self.lens, self.asked, opened.shown = opened.lens, opened.asked, False
        return True

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

    # --- the stepped thread ---------------------------------------------------------------------------------

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


def number_of(text: str, what: str) -> int:
    """Parse an integer, decimal or 0x...

    Errors: BadInput that names `what` was expected.
    """
    digits = text.replace(",", "").replace("_", "")
    try:
        # 20 characters hold every number of 64 bits.
        return int(digits if len(digits.strip()) <= 20 else "", 0)
    except ValueError:
        raise BadInput(f"{text[:40]!r} is not {what}; write it as 2053 or 0x805") from None
