"""A session in sentences: what happened, where we are, a page, the threads - for the line session.

Sentences are for ears and pipes: words instead of glyphs, nothing that stands for something by its place,
its colour or its width. Needs no Textual.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from engine.constants import NULL
from explorer.lenses.kit.registry import lens_named
from explorer.session.session import Session
from explorer.views.glyphs import SPOKEN
from explorer.views.labels import busy_words, flag_names
from explorer.views.log import event_row, event_rows
from explorer.views.page import page_row
from explorer.views.queues import axis_row, queue_rows, reserve_row
from explorer.views.rows import Change, EventRow, PageRow, ThreadRow
from explorer.views.spans import plain
from explorer.views.status import status_row, verdict
from explorer.views.threads import script_lines, source_rows, thread_rows

WIDTH: Final = 100
"""Columns of what a lens draws; its lines are all that is laid out here."""

HEIGHT: Final = 40

MOST: Final = 12
"""How many changes of a step, or pages of a colour, are named before the rest is only counted."""

_TABLE: Final = str.maketrans({**SPOKEN, "\t": " ", "\n": " ", "\r": " "})
_OTHERS: Final = (
    (re.compile(r"[\u2500-\u257f]"), "+"),
    (re.compile(r"[\u2190-\u2bff]"), "#"),
    (re.compile(r"[\x00-\x1f\x7f-\x9f]|[^\x20-\x7e\w]"), "?"),
)
"""Other lines, other signs, and what a terminal would obey instead of showing."""


def in_ascii(text: str) -> str:
    """The text with every glyph of the screen as plain characters; letters of any language stay."""
    text = text.replace("↑↓", "up/down").translate(_TABLE)
    for pattern, plain_sign in _OTHERS:
        text = pattern.sub(plain_sign, text)
    return text


def sentence(text: str) -> str:
    """The text with its full stop."""
    return text if text.endswith((".", "?", "!")) else f"{text}."


# --- what happened ----------------------------------------------------------------------------------------


def step_sentence(session: Session, row: EventRow, begin: str = "Step") -> str:
    """One step: who took it where, in which function, what it did and which cells changed."""
    if row.step == 0:
        return f"{begin} 0, {row.action}."
    who = "event" if row.number < 0 else f"{row.thread} on cpu {session.history.programs[row.number].cpu}"
    where = f"{row.function}: " if row.function else ""
    head = sentence(f"{begin} {row.step}, {who}: {where}{row.action}")
    return f"{head} Changed: {_changes(row.changes)}." if row.changes else head


def _changes(changes: Sequence[Change]) -> str:
    words = [f"{change.subject} {change.cell} {change.old} to {change.new}" for change in changes[:MOST]]
    left_out = len(changes) - MOST
    return ", ".join(words) + (f", and {left_out} more" if left_out > 0 else "")


def this_step(session: Session, begin: str = "Step") -> str:
    """The step at the cursor."""
    row = event_row(session.history, session.labels, session.calls, session.history.step)
    return step_sentence(session, row, begin)


def end_lines(session: Session) -> list[str]:
    """How the run ended, when the cursor is at its end; nothing while it can go on."""
    told = verdict(session.history, session.labels)
    if told is None:
        return []
    title = told.title.capitalize() if told.title.isupper() else told.title
    return [sentence(f"{title}: {told.text}"), *(sentence(call) for call in told.calls)]


def log_lines(session: Session, count: int) -> list[str]:
    """The last `count` steps up to the cursor, oldest first."""
    rows = event_rows(session.history, session.labels, session.calls, session.history.step, count)
    return [step_sentence(session, row) for row in rows]


# --- where we are -----------------------------------------------------------------------------------------


def where_lines(session: Session) -> list[str]:
    """The position in time, who steps next, how much memory is free, and what is selected."""
    history = session.history
    row = status_row(history, session.chosen, session.labels)
    more = (
        f"at step {row.total} the run can go on"
        if row.open
        else f"the run ends there: {history.branch.outcome}"
    )
    lines = [
        f"Step {row.step} of {row.total}, on {row.branch}; {more}.",
        f"{row.free} pages are free; the minimum is {row.minimum}, the reserve {row.reserved}.",
        *_next_lines(session),
        *end_lines(session),
    ]
    if session.page != NULL:
        how = "it follows the steps" if session.pinned is None else "it stays until follow"
        lines.append(f"The page shown is {session.labels.page(session.page)}; {how}.")
    return lines


def _next_lines(session: Session) -> list[str]:
    rows = thread_rows(session.history, session.labels, session.chosen)
    by = "as chosen" if session.chosen is not None else "by the schedule"
    return [f"Next, {by}: {row.name}, {_next_action(row)}." for row in rows if row.next]


def _next_action(row: ThreadRow) -> str:
    place = next(reversed(row.calls), "")
    return f"{place}: {row.action}" if place else row.action or "not looked up"


def threads_lines(session: Session) -> list[str]:
    """Each thread in one sentence: where it is, what it does next, what it holds and waits for."""
    rows = thread_rows(session.history, session.labels, session.chosen)
    lines = script_lines(session.history, rows)
    return [_thread_sentence(row, lines.get(row.number, 0)) for row in rows]


def _thread_sentence(row: ThreadRow, line: int) -> str:
    parts = [f"{row.name} on cpu {row.cpu} {_STATES.get(row.state, f'is {row.state}')}"]
    if line:
        parts.append(f"at line {line}")
    if row.waits:
        parts.append(f"waits for {row.waits}")
    if row.calls:
        parts.append(f"in {' > '.join(row.calls)}")
    if row.action:
        parts.append(f"{'next of all' if row.next else 'then'}: {row.action}")
    if row.holds:
        parts.append(f"holds {', '.join(row.holds)}")
    return f"{'; '.join(parts)}."


_STATES: Final = {"runs": "runs", "waits": "cannot go on", "sleeping": "sleeps", "ended": "has ended"}


def source_lines(session: Session) -> list[str]:
    """Every script with its line numbers; the line at which a thread stands begins with `at`."""
    rows = thread_rows(session.history, session.labels, session.chosen)
    found = []
    for script in source_rows(session.history, rows, stops=session.stops):
        found.append(f"{script.name} on cpu {script.cpu}:")
        for number, text in enumerate(script.lines, 1):
            at = "at" if number == script.line else "  "
            stop = " (stops here)" if number in script.breaks else ""
            found.append(f"{at} {number:>3} {text}{stop}".rstrip())
    return found


# --- pages and colours ------------------------------------------------------------------------------------


def page_lines(session: Session) -> list[str]:
    """The page that is shown: struct vm_page in sentences, and what the last step changed in it."""
    m = session.page
    row = page_row(session.history, session.labels, m, following=session.pinned is None)
    if row is None:
        return ["No page was touched yet; page NUMBER shows one."]
    values = row.values
    flags = "|".join(flag_names(values["flags"])) or "none"
    local = "" if row.local is None else ", its colour's node" if row.local else ", not its colour's node"
    owner = "no object" if values["object"] == NULL else f"object {row.owner}, pindex {values['pindex']}"
    return [
        f"Page {session.labels.page(m)}, colour {values['pc']} of {row.band}; "
        f"address {row.address:#x} on {row.node}{local}.",
        f"Queue {row.queue}; busy_count {busy_words(values['busy_count'])}; flags {flags}; "
        f"valid {values['valid']:02x}, dirty {values['dirty']:02x}.",
        f"Of {owner}; wire_count {values['wire_count']}, hold_count {values['hold_count']}, "
        f"act_count {values['act_count']}; spinlock {'free' if row.spin == 'free' else f'of {row.spin}'}.",
        *_changed_fields(session, row),
    ]


def _changed_fields(session: Session, row: PageRow) -> list[str]:
    if not row.old:
        return []
    return [f"Step {session.history.step} changed its {', '.join(row.old)}."]


def color_lines(session: Session) -> list[str]:
    """The colour under the map's cursor: pages of each queue type, and those of the cursor's by number."""
    base, color = session.place
    rows = queue_rows(session.history, session.unqueued, base, color)
    pages = session.pages_here()
    lines = [sentence(axis_row(session.history, rows, color).text.replace("colour", "Colour", 1))]
    if pages:
        named = ", ".join(session.labels.page(m) for m in pages[:MOST])
        more = f", and {len(pages) - MOST} more" if len(pages) > MOST else ""
        lines.append(f"Pages on {base}[{color}], head first: {named}{more}.")
    return lines


def queues_lines(session: Session) -> list[str]:
    """Each queue type: its pages in all, the last step's part in that, and how they lie over the colours."""
    found = []
    for row in queue_rows(session.history, session.unqueued, *session.place):
        empty = int((row.counts == 0).sum())
        step = f", {row.delta:+d} by this step" if row.delta else ""
        found.append(
            f"{row.name}: {row.total} page{'s' * (row.total != 1)}{step}; "
            f"the most on one colour {int(row.counts.max())}, colours without a page {empty}."
        )
    reserve = reserve_row(session.history)
    return [*found, f"DMA reserve: {reserve.total} of {reserve.free.size} pages free."]


# --- lenses -----------------------------------------------------------------------------------------------


def lens_lines(session: Session, count: int) -> list[str]:
    """What the session's lens shows, as the screen would draw it; of the log the last `count` steps."""
    if session.lens == "log":
        return log_lines(session, count)
    lens = lens_named(session.lens)
    drawn = plain(lens.draw(lens.look(session), WIDTH, HEIGHT).lines)
    return [f"{lens.title}: {lens.help}.", *drawn.rstrip().split("\n")]


def lesson_lines(session: Session) -> list[str]:
    """The scenario's lesson, as it was written."""
    lesson = session.lesson.strip() or "This scenario has no lesson."
    return [*([sentence(session.title), ""] if session.title else []), *lesson.split("\n")]


def joined(lines: Iterable[str]) -> str:
    """Lines as they are printed."""
    return "".join(f"{in_ascii(line)}\n" for line in lines)
