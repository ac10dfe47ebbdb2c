"""A session: the cursor in a run, and the user's selection, lens, marks and messages.

It uses the engine and the views, but no screen: the screen, text mode and tests all move through a session.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from engine.constants import NULL
from engine.debug.compare import Difference, Moment
from engine.debug.stops import Stop
from engine.errors import BadInput, CapacityError
from engine.language.symbols import NOTHING_NAMED, Names
from engine.memory.journal import JournalFullError
from engine.questions.due import DueSteps
from engine.run.history import History
from engine.scenario.library import OWN, Library
from engine.scenario.loader import Scenario
from engine.scenario.question import Question
from explorer.session.computer import OWN_COMPUTER, Computer
from explorer.session.experiment_state import Experiments
from explorer.session.learning import Learning
from explorer.session.reading import Reading
from explorer.session.schedule_search import Explored, ScheduleSearch
from explorer.session.score import Score
from explorer.session.selection import Selection
from explorer.views.chart import Choice
from explorer.views.differences import Colors
from explorer.views.in_play import InPlay
from explorer.views.lit import Lit
from explorer.views.rows import Note
from explorer.views.values import Watched

REFUSALS = (BadInput, CapacityError, JournalFullError)
"""Errors that are reported in a message; the session stays open."""

MOST_MESSAGES: Final = 1000
"""The messages that a session keeps."""


@dataclass
class Opened:
    """What opened by itself at the end of a run.

    place: the branch and step of that end; lens, asked, bits: those of the session before.
    shown: whether it is still shown: the user has neither closed it nor chosen a lens.
    """

    place: tuple[int, int]
    lens: str
    asked: int | None
    bits: int
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


class Session(Selection):
    """A history, and the state of its user.

    scenario: the scenario of the history, or None.
    computer: where it runs: the user's own computer, or a server.
    field:  the field of the page under the inspector's cursor, or None.
    outline: whether the code panel shows only the outline.
    lens:   the lens in the shared panel; looks: how many times the user chose one.
    chart:  the curves of the lens `chart`, or None for the default ones.
    centre: what is in the centre of the screen, `stage` or `map`.
    marks:  marked steps, with the letter of each or "".
    stops:  breakpoints and watchpoints.
    hits:   where stops were hit: branch, step, and text of the stop.
    due:    the steps at which the scenario's questions are due.
    reading: the open page of the lesson.
    asked:  the address of the cell that `why` is about, or None; bits: which of its bits, 0 for the value.
    everything: whether `why` follows counters, locks, list links and other pages too.
    opened: what opened by itself at the end of the run, or None.
    question: what `whynot` asks, and about which page; None is the inspector's.
    page_filter: the filter of the lens `pages`, or None for its default.
    watched: the expressions of the lens `watching`.
    matches, match, sought: the pages of the last search, the one shown, and the condition.
    compared: the last comparison, or None; differing: the colours that differ in it, by queue type;
              differing_pages: the pages that do.
    search: the search of all schedules that runs, or None; explored: what the last one found, or None.
    experiments: the experiment that runs or was measured; shared with the sessions opened from this one.
    origin, point: the session from which this one was opened as a run of an experiment, and the number of its
            row; None and 0 for another session.
    beside: branch -> the branch that `compare` puts beside it instead of its parent.
    score: the score of the user's answers; learning: what is known of the scenario's questions.
    known: the branches and marks that are saved, or whose loss the user accepts; see `leaving`.
    note: the last message for the user.
    messages: the step and the message of the last MOST_MESSAGES ones, the last one last.
    """

    def __init__(
        self,
        history: History,
        scenario: Scenario | None = None,
        names: Names | None = None,
        computer: Computer = OWN_COMPUTER,
    ) -> None:
        super().__init__(history, names or (scenario.names if scenario else NOTHING_NAMED))
        self.scenario = scenario
        self.computer = computer
        history.budget.fixed = computer.is_server
        self.in_play = InPlay(history.vm)
        self.field: str | None = None
        self.outline = False
        self.lens = "log"
        self.looks = 0
        self.chart: Choice | None = None
        self.centre = scenario.form.screen.centre if scenario else "stage"
        self.marks: dict[int, str] = {}
        self.stops: list[Stop] = []
        self.hits: set[tuple[int, int, str]] = set()
        self.due = DueSteps(scenario.questions if scenario else ())
        self.reading = Reading(scenario.pages if scenario else ())
        self.asked: int | None = None
        self.bits = 0
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
        self.search: ScheduleSearch | None = None
        self.explored: Explored | None = None
        self.experiments = Experiments()
        self.origin: Session | None = None
        self.point = 0
        self.beside: dict[int, int] = {}
        self.score = Score()
        self.learning = Learning()
        self.known = self.losses
        tour = "r reads on" if self.name == "tour" else ":open tour for a tour"
        self.messages: deque[tuple[int, Note]] = deque(maxlen=MOST_MESSAGES)
        self.note = Note(f"press s to take the first step, ? for help, {tour}", "hint")

    @property
    def guest(self) -> bool:
        """Whether the user is the guest of a server."""
        return self.computer.is_server

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
        self.say(f"step {self.history.step:,}: digest {self.vm.memory.digest()}")

    @property
    def name(self) -> str:
        """The scenario's name; "" without a scenario."""
        return self.scenario.name if self.scenario else ""

    @property
    def library(self) -> Library:
        """The library in which the names of scenarios are looked up."""
        return self.scenario.library if self.scenario else OWN

    @property
    def title(self) -> str:
        """The scenario's title; "" without a scenario."""
        return self.scenario.title if self.scenario else ""

    @property
    def questions(self) -> tuple[Question, ...]:
        """The scenario's questions."""
        return self.scenario.questions if self.scenario else ()

    @property
    def lesson(self) -> str:
        """The scenario's lesson; "" without a scenario."""
        return self.scenario.form.whole_lesson if self.scenario else ""

    @property
    def lit(self) -> Lit:
        """What the open page of the lesson asks its reader to look at."""
        return self.reading.lit(self.history, self.labels, self.given)

    @property
    def next_stop(self) -> int:
        """The number of the next breakpoint or watchpoint."""
        return 1 + max((stop.number for stop in self.stops), default=0)

    @property
    def questioned(self) -> str:
        """What `whynot` asks: free, cache, pageout, alloc or wire."""
        return self.question[0]

    @property
    def questioned_page(self) -> int:
        """The page that `whynot` asks about; NULL if there is none."""
        m = self.page if self.question[1] is None else self.question[1]
        return m if 0 <= m < self.vm.marker_base else NULL

    def follow(self) -> None:
        """Let the inspector follow the page that the last step changed."""
        self.pinned = self.cursor = self.asked = None
        self.say("the inspector follows the steps")

    # --- lenses --------------------------------------------------------------------------------------------

    def look_through(self, name: str) -> None:
        """Show a lens in the shared panel."""
        self.lens = name
        self.looks += 1
        if self.opened is not None:
            self.opened.shown = False

    def close_reason(self) -> bool:
        """Close what opened by itself at the end of the run; return whether it was still shown."""
        opened = self.opened
        if opened is None or not opened.shown:
            return False
        self.lens, self.asked, self.bits, opened.shown = opened.lens, opened.asked, opened.bits, False
        return True
