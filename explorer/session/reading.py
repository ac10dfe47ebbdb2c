"""Where a reader is in the lesson of a run: the page that belongs to the cursor."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from engine.debug.moments import AtStep, Point
from engine.debug.recorded_moments import RecordedMoments, Wanted
from engine.language.symbols import Names
from engine.run.history import History
from engine.scenario.lesson import LessonPage, is_panel
from explorer.views.labels import Labels
from explorer.views.lit import NOTHING, Lit, lit_by
from explorer.views.values import Watched, watched

SHORT: Final = 100_000
"""Up to this number of steps, a moment `when EXPR` is found by itself; then only by turning the page."""

AT_ONCE: Final = 2_000
"""Evaluations of such an expression each time that the run has new steps."""


class Reading:
    """The pages of a lesson, and which one is open.

    Moving in time turns the page: the open page is that of the latest moment at or before the cursor. Several
    pages can belong to one moment; the first of them opens, and the others are turned to by hand.

    open: whether the lesson is shown.
    printed: whether its text is printed beside a picture: no panel shows it, and its cells are lit.
    leads: whether a page that the reader has not seen is shown before the question that is asked there.
    stopped: the page, if a question has stopped the command that it asks for; else None.
    last: the page that the reader saw last; None before the first.
    seen: the pages that were shown.
    reminded: the page whose reader has been reminded of what it asks for; None before the first.
    """

    def __init__(self, pages: Sequence[LessonPage] = ()) -> None:
        self.pages = tuple(pages)
        self.open = True
        self.printed = False
        self.leads = False
        self.last: int | None = None
        self.reminded: int | None = None
        self.stopped: int | None = None
        self._moments = RecordedMoments([Wanted(page.at) for page in self.pages if page.at is not None])
        self._page = 0
        self.seen: set[int] = set()
        self._done = False
        self._held: tuple[int, int] | None = None
        """The branch and step at which a page was opened without its moment."""
        self._steps: tuple[tuple[object, ...], tuple[int | None, ...]] | None = None
        self._cells: dict[str, Watched] = {}
        self._lit: tuple[tuple[int, ...], Lit] | None = None

    def steps(self, history: History) -> tuple[int | None, ...]:
        """Return the step of each page in the recorded steps of the branch; None where it has not come.

        A page without a moment of its own belongs to that of the page before; before the first moment, to
        the start.
        """
        key = history.current, history.total, len(history.cuts), history.branch.outcome
        if self._steps is None or self._steps[0] != key:
            most = AT_ONCE if history.total <= SHORT else 0
            self._steps = key, tuple(self._each(self._moments.of(history, most)))
        return self._steps[1]

    def _each(self, moments: Iterable[int | None]) -> Iterator[int | None]:
        """Yield the step of each page; moments: those of the pages that have one."""
        found = iter(moments)
        step: int | None = 0
        for page in self.pages:
            step = step if page.at is None else next(found)
            yield step

    def moment(self, number: int) -> Point:
        """Return the moment to which a page belongs."""
        own = (page.at for page in self.pages[number::-1])
        return next((at for at in own if at is not None), AtStep(0))

    def page(self, history: History) -> int:
        """Return the number of the open page, from 0; 0 also for a lesson without pages."""
        if self._held == (history.current, history.step):
            return self._page
        self._held = None
        steps = self.steps(history)
        now = max((step for step in steps if step is not None and step <= history.step), default=None)
        if now is not None and steps[self._page] != now:
            self.turn_to(steps.index(now))
        return self._page

    def reaches(self, history: History) -> bool:
        """Whether the moment of the open page is recorded at or before the cursor."""
        steps = self.steps(history)
        step = steps[self.page(history)] if steps else 0
        return step is not None and step <= history.step

    def has_moment(self, history: History, number: int) -> bool:
        """Whether a page belongs to the same recorded moment as the open one."""
        steps = self.steps(history)
        return steps[number] is not None and steps[number] == steps[self.page(history)]

    def see(self, history: History, *, shown: bool = True) -> None:
        """Note that the open page is where the reader is.

        shown: whether the page is shown; text mode from a pipe prints it only on request.
        """
        if self.pages:
            self.last = self.page(history)
            if shown:
                self.seen.add(self.last)

    def is_unseen(self, history: History) -> bool:
        """Whether the open page comes first, before a question, because the reader has not seen it."""
        return self.comes_first and self.page(history) not in self.seen

    @property
    def has_panel(self) -> bool:
        """Whether a panel shows the lesson."""
        return self.open and not self.printed

    @property
    def comes_first(self) -> bool:
        """Whether the pages come before questions, and before the card at the end."""
        return self.open and self.leads and bool(self.pages)

    def lit(self, history: History, labels: Labels, names: Names) -> Lit:
        """What the open page asks to look at, at the cursor; nothing while the lesson is closed."""
        if not self.open or not self.pages:
            return NOTHING
        page = self.pages[self.page(history)]
        if not page.look:
            return NOTHING
        key = history.current, history.step, history.total, self._page
        if self._lit is None or self._lit[0] != key:
            panels = [text for text in page.look if is_panel(text)]
            cells = [self._cell(text, names) for text in page.look if not is_panel(text)]
            self._lit = key, lit_by(labels, panels, cells)
        return self._lit[1]

    def _cell(self, text: str, names: Names) -> Watched:
        if text not in self._cells:
            self._cells[text] = watched(text, names)
        return self._cells[text]

    @property
    def done(self) -> bool:
        """Whether what the open page asks for was carried out."""
        return self._done

    def turn_to(self, number: int) -> None:
        """Open a page that belongs to the moment of the cursor."""
        if number != self._page:
            self._page, self._done, self.stopped = number, False, None
        self._held = None

    def hold(self, history: History, number: int) -> None:
        """Open a page at the cursor although its moment is another one; it closes when time moves."""
        self.turn_to(number)
        self._held = history.current, history.step

    def carry_out(self, history: History, number: int) -> None:
        """Note that what page `number` asked for was carried out: turn to the next page.

        Where the next page belongs to a later moment, the page stays, so that its reader sees what the
        command shows. Where time has turned the page already, nothing happens.
        """
        if self.page(history) != number:
            return
        self.stopped = None
        steps = self.steps(history)
        following = steps[number + 1] if number + 1 < len(steps) else None
        if following is not None and following <= history.step:
            self.turn_to(number + 1)
        else:
            self._done = True
