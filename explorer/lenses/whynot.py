"""Whether a page can be freed, cached, paged out, handed out or wired: the conditions, met or not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from engine.constants import NULL
from engine.debug.whynot import FUNCTIONS, Found, whynot
from explorer.lenses.kit.drawing import MARK, Part, Piece, Sheet
from explorer.lenses.kit.lens import Drawing, Lens
from explorer.session.session import Session
from explorer.views.changes import cell_words
from explorer.views.labels import Labels
from explorer.views.spans import columns
from explorer.views.verdict import ASKED, DONE, goes

GLYPHS: Final = {True: ("✓", "good"), False: ("✗", "bad")}
"""Whether a condition is met -> its sign, and the sign's style."""


@dataclass(frozen=True)
class ConditionRow:
    """A condition: the deciding cell with its value, and the step that made it so (0: before the run).

    who:    the thread that took the step, and the kernel function, if it is known.
    needed: whether the function demands it; else it only decides where the page goes.
    """

    text: str
    met: bool
    cell: str
    value: str
    step: int
    who: str
    moved: bool = False
    needed: bool = True

    def since(self, origin: str) -> tuple[str, str, str]:
        """Since when it is so: `since `, `step 131`, ` (freer, vm_page_wire)`; or `from boot` and nothing.

        `so since` if the cell has been written later.
        """
        if not self.step:
            return (f"so since {origin}" if self.moved else f"from {origin}"), "", ""
        return f"{'so ' * self.moved}since ", f"step {self.step:,}", f" ({self.who})"


@dataclass(frozen=True)
class WhynotRow:
    """A page, what is asked about it, and the conditions in the kernel's order.

    page: "" if there is none. origin: see History.origin.
    """

    page: str
    what: str
    step: int
    origin: str
    conditions: tuple[ConditionRow, ...] = ()

    @property
    def allowed(self) -> bool:
        """Whether every condition that is needed is met."""
        return all(one.met or not one.needed for one in self.conditions)

    @property
    def ordered(self) -> list[ConditionRow]:
        """The conditions that are not met, then the others, both in the kernel's order."""
        return sorted(self.conditions, key=lambda one: one.met)

    @property
    def answer(self) -> str:
        """`yes`, `no`, or, of a free of a held page, `yes, to HOLD`."""
        return f"yes{goes(self.conditions)}" if self.allowed else "no"


def look(session: Session) -> WhynotRow:
    """The conditions of what was asked about the page; by default about freeing the inspected one."""
    what, m = session.questioned, session.questioned_page
    labels, step, origin = session.labels, session.history.step, session.history.origin
    if m == NULL:
        return WhynotRow("", what, step, origin)
    found = whynot(session.history, what, m)
    rows = tuple(_row(session, labels, one) for one in found)
    name, number = labels.page_name(m), labels.page(m)
    return WhynotRow(name if name == number else f"{name} {number}", what, step, origin, rows)


def _row(session: Session, labels: Labels, one: Found) -> ConditionRow:
    subject, cell, value = cell_words(labels, one.address, one.value)
    thread = "an event" if one.thread is None else labels.thread(one.thread)
    who = ", ".join(part for part in (thread, one.function) if part)
    of_page = session.vm.memory.place_of(one.address)[0].table == "page"
    named = cell if of_page else f"{subject} {cell}"
    who = who if one.step else ""
    return ConditionRow(one.condition, one.met, named, value, one.step or 0, who, one.moved, one.needed)


# --- drawing ------------------------------------------------------------------------------------------------


def draw(row: WhynotRow, width: int, height: int) -> Drawing:
    """Draw the answer, then each condition; those that are not met come first."""
    sheet = Sheet(width, height)
    if not row.page:
        sheet.add(("no step has changed a page yet; :whynot free N asks about a page", "dim"))
        return sheet.drawing()
    answer = (row.answer, "good" if row.allowed else "bad")
    asked, end = f"may {FUNCTIONS[row.what]} {ASKED[row.what]} ", " now? "
    if columns(f"{asked}{row.page}{end}{row.answer}") <= width:
        sheet.add((asked, "label"), (row.page, "now"), (end, "label"), answer)
    else:
        sheet.add((f"{DONE[row.what]}: ", "label"), answer, (f" - page {row.page}", "now"))
    shown = row.ordered
    lines = [2 if _length(row, one) > width else 1 for one in shown]
    if sum(lines) > sheet.room:
        lines = [1] * len(shown) if len(shown) > sheet.room else lines
    roomy = sum(lines) <= sheet.room
    kept = shown if len(shown) <= sheet.room else shown[: max(sheet.room - 1, 1)]
    for one in kept:
        _add(sheet, row, one, split=roomy and _length(row, one) > width)
    if len(kept) < len(shown):
        sheet.add("  ", (f"… {len(shown) - len(kept)} more conditions of {FUNCTIONS[row.what]}", "dim"))
    return sheet.drawing()


def _length(row: WhynotRow, one: ConditionRow) -> int:
    return 4 + columns(f"{one.text}  {one.cell} {one.value}  {''.join(one.since(_origin(row)))}")


def _add(sheet: Sheet, row: WhynotRow, one: ConditionRow, *, split: bool) -> None:
    mark = (MARK if one.step == row.step and one.step else " ", "now")
    head: list[Part] = [mark, GLYPHS[one.met], " ", (one.text, "" if one.met else "now")]
    rest: list[Part] = [
        (f"  {one.cell} ", "label"), (one.value, "" if one.met else "now"), *_since(row, one)
    ]  # fmt: skip
    if split:
        sheet.add(*head)
        sheet.add("  ", *rest)
    else:
        sheet.add(*head, *rest)


def _origin(row: WhynotRow) -> str:
    return row.origin.removesuffix(" or setup")


def _since(row: WhynotRow, one: ConditionRow) -> list[Part]:
    head, step, who = one.since(_origin(row))
    if not step:
        return [(f"  {head}", "dim")]
    return [(f"  {head}", "label"), Piece(step, "key", f"goto {one.step}"), (who, "dim")]


PLACE = 15
LENS = Lens(
    "whynot",
    "why not",
    "whether the page can be freed, cached or taken now, and what prevents it",
    look,
    draw,
)
