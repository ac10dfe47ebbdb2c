"""The sentences of text mode: the last step, the position, a page, the threads, the queues.

They are for screen readers and pipes: words instead of glyphs, and no meaning in position, colour or width.
Does not import Textual.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from engine.constants import NULL
from engine.words import plural
from explorer.lenses.kit.lens import WHOLE
from explorer.lenses.kit.registry import lens_named
from explorer.session.announcements import seen_threads
from explorer.session.course_progress import CourseProgress
from explorer.session.session import Session
from explorer.views import remarks
from explorer.views.course import unit_words
from explorer.views.glyphs import SPOKEN
from explorer.views.labels import busy_words, flag_names
from explorer.views.log import event_row, event_rows
from explorer.views.page import near, page_row
from explorer.views.queues import axis_row, queue_rows, reserve_row
from explorer.views.rows import Change, EventRow, PageRow, ThreadRow
from explorer.views.spans import plain
from explorer.views.status import run_end, status_row
from explorer.views.threads import script_lines, source_rows

WIDTH: Final = 100
"""Columns of a lens; only the lines of a lens have a layout in text mode."""

MOST: Final = 12
"""Maximum number of changes of a step, or pages of a colour, that are listed; the rest is counted."""

_TABLE: Final = str.maketrans({**SPOKEN, "\t": " ", "\n": " ", "\r": " "})
_OTHERS: Final = (
    (re.compile(r"[\u2500-\u257f]"), "+"),
    (re.compile(r"[\u2190-\u2bff]"), "#"),
    (re.compile(r"[\x00-\x1f\x7f-\x9f]|[^\x20-\x7e\w]"), "?"),
)
"""Other box lines, other symbols, and control characters."""


def in_ascii(text: str) -> str:
    """Replace every glyph of the screen by plain characters; letters of any language stay."""
    text = text.replace("↑↓", "up/down").translate(_TABLE)
    for pattern, plain_sign in _OTHERS:
        text = pattern.sub(plain_sign, text)
    return text


def sentence(text: str) -> str:
    """Return the text with a full stop."""
    return text if text.endswith((".", "?", "!")) else f"{text}."


# --- steps ------------------------------------------------------------------------------------------------


def step_sentence(session: Session, row: EventRow, begin: str = "Step") -> str:
    """Describe one step: the thread, the cpu, the function, the action and the cells that changed."""
    if row.step == 0:
        return f"{begin} 0, {row.action}."
    said = "".join(f" {text[0].upper()}{text[1:]}." for text in row.remarks)
    who = "event" if row.number < 0 else f"{row.thread} on cpu {session.history.programs[row.number].cpu}"
    where = f"{row.function}: " if row.function else ""
    head = sentence(f"{begin} {row.step:,}, {who}: {where}{row.action}")
    return f"{head} Changed: {_changes(row.changes)}.{said}" if row.changes else f"{head}{said}"


def _changes(changes: Sequence[Change]) -> str:
    words = [f"{change.subject} {change.cell} {change.old} to {change.new}" for change in changes[:MOST]]
    left_out = len(changes) - MOST
    return ", ".join(words) + (f", and {left_out} more" if left_out > 0 else "")


def this_step(session: Session, begin: str = "Step") -> str:
    """Describe the step at the cursor."""
    row = event_row(session.history, session.labels, session.calls, session.history.step)
    return step_sentence(session, row, begin)


def end_lines(session: Session) -> list[str]:
    """Describe how the run ended if the cursor is at its end; otherwise return an empty list."""
    ended = run_end(session.history, session.labels)
    if ended is None:
        return []
    title = ended.title.capitalize() if ended.title.isupper() else ended.title
    return [sentence(f"{title}: {ended.text}"), *(sentence(call) for call in ended.calls)]


def log_lines(session: Session, count: int) -> list[str]:
    """Describe the last `count` steps up to the cursor, oldest first."""
    rows = event_rows(session.history, session.labels, session.calls, session.history.step, count)
    return [step_sentence(session, row) for row in rows]


def console_lines(session: Session, first: int, last: int) -> list[str]:
    """Say what the kernel printed in steps first .. last; of many messages, the last MOST."""
    printed = [
        f'Step {step:,}: the kernel prints "{text}".'
        for step, effect in session.history.branch.remarks.messages(first, last)
        for text in remarks.console_lines([effect])
    ]
    left_out = len(printed) - MOST
    earlier = f"The kernel printed {plural(left_out, 'earlier message')}."
    return [earlier, *printed[-MOST:]] if left_out > 0 else printed


# --- the position -----------------------------------------------------------------------------------------


def where_lines(session: Session) -> list[str]:
    """Describe the step, the next thread, the free memory and the selected page."""
    history = session.history
    row = status_row(history, session.chosen, session.labels)
    more = (
        f"the run can continue after step {row.total:,}"
        if row.open
        else f"the run ends there: {history.branch.outcome}"
    )
    lines = [
        f"Step {row.step:,} of {row.total:,}, on {row.branch}; {more}.",
        f"{row.free:,} pages are free; v_free_min is {row.minimum:,}, v_free_reserved {row.reserved:,}.",
        *_next_lines(session),
        *end_lines(session),
    ]
    if session.page != NULL:
        how = "it follows the steps" if session.pinned is None else "it is pinned; follow unpins it"
        lines.append(f"The current page is {session.labels.page(session.page)}; {how}.")
    return lines


def machine_lines(session: Session) -> list[str]:
    """Describe the machine, and the rules that decide where document and source disagree."""
    vm = session.vm
    nodes = plural(len(vm.config.hardware.nodes), "node")
    return [
        f"Machine {vm.config.hardware.name}: {plural(vm.ncpus, 'cpu')}, {nodes}, "
        f"{plural(vm.vm_page_array_size, 'page frame')}, {plural(vm.colors, 'colour')}. "
        f"Rules {vm.rules.name()}."
    ]


def _next_lines(session: Session) -> list[str]:
    rows = seen_threads(session)
    by = "as chosen" if session.chosen is not None else "by the schedule"
    return [f"Next, {by}: {row.name}, {_next_action(row)}." for row in rows if row.next]


def _next_action(row: ThreadRow) -> str:
    place = next(reversed(row.calls), "")
    return f"{place}: {row.action}" if place else row.action or "its action is not known yet"


def threads_lines(session: Session) -> list[str]:
    """Describe each thread in one sentence: its place, its next action, what it holds and waits for."""
    rows = seen_threads(session)
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
        parts.append(f"{'takes the next step' if row.next else 'its next action'}: {row.action}")
    if row.holds:
        parts.append(f"holds {', '.join(row.holds)}")
    return f"{'; '.join(parts)}."


_STATES: Final = {
    "runs": "runs",
    "waits": "cannot run",
    "sleeping": "sleeps",
    "ended": "has ended",
    "not started": "has not started",
}


def source_lines(session: Session) -> list[str]:
    """List every script with its line numbers; the current line of a thread starts with `at`."""
    rows = seen_threads(session)
    found = []
    for script in source_rows(session.history, rows, stops=session.stops):
        found.append(f"{script.name} on cpu {script.cpu}:")
        for number, text in enumerate(script.lines, 1):
            at = "at" if number == script.line else "  "
            stop = " (breakpoint)" if number in script.breaks else ""
            found.append(f"{at} {number:>3} {text}{stop}".rstrip())
    return found


# --- pages and colours ------------------------------------------------------------------------------------


def page_lines(session: Session) -> list[str]:
    """Describe the current page: struct vm_page, and the fields that the last step changed."""
    m = session.page
    row = page_row(
        session.history, session.labels, m, following=session.pinned is None, function=session.calls.function
    )
    if row is None:
        return ["No step has touched a page yet; page NUMBER shows one."]
    values = row.values
    flags = "|".join(flag_names(values["flags"])) or "none"
    local = f", {words}, which took it" if (words := near(row)) else ""
    spin = row.spin if row.spin == "free" else f"held by {row.spin}"
    owner = "no object" if values["object"] == NULL else f"object {row.owner}, pindex {values['pindex']}"
    return [
        f"Page {session.labels.page(m)}, colour {values['pc']} of {row.band}; "
        f"address {row.address:#x} on {row.node}{local}.",
        f"Queue {row.queue}; busy_count {busy_words(values['busy_count'])}; flags {flags}; "
        f"valid {values['valid']:02x}, dirty {values['dirty']:02x}.",
        f"In {owner}; wire_count {values['wire_count']}, hold_count {values['hold_count']}, "
        f"act_count {values['act_count']}; spinlock {spin}.",
        *([] if row.verdict is None else [sentence(f"{row.verdict.short}{row.verdict.since}")]),
        *_changed_fields(session, row),
    ]


def _changed_fields(session: Session, row: PageRow) -> list[str]:
    step = session.history.step
    changed = [f"Step {step:,} changed its {', '.join(row.old)}."] if row.old else []
    return [*changed, *([f"Step {step:,}: {row.zeroed}."] if row.zeroed else [])]


def color_lines(session: Session) -> list[str]:
    """Describe the colour at the map's cursor: the pages of each queue type, and the pages on its queue."""
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
    """Describe each queue type: its pages, the change by the last step, and their spread over the colours."""
    found = []
    for row in queue_rows(session.history, session.unqueued, *session.place):
        empty = int((row.counts == 0).sum())
        step = f", {row.delta:+d} by this step" if row.delta else ""
        found.append(
            f"{row.name}: {plural(int(row.counts.sum()), 'page')}{step}; "
            f"at most {int(row.counts.max())} on one colour, {plural(empty, 'colour')} without a page."
        )
    reserve = reserve_row(session.history)
    return [*found, f"DMA reserve: {reserve.total:,} of {reserve.free.size:,} pages free."]


# --- lenses -----------------------------------------------------------------------------------------------


def lens_lines(session: Session, count: int) -> list[str]:
    """Say the session's lens in sentences, or print it as drawn if it is words; the log has `count` steps."""
    if session.lens == "log":
        return log_lines(session, count)
    lens = lens_named(session.lens)
    row = lens.look(session)
    title = f"{lens.title}: {lens.help}."
    # Imported here: it imports the lenses, and most commands of text mode show none.
    from explorer.text.lens_sentences import SAID

    if lens.name in SAID:
        return [title, *SAID[lens.name](row)]
    return [title, *plain(lens.draw(row, WIDTH, WHOLE).lines).rstrip().split("\n")]


def library_lines(course: CourseProgress) -> list[str]:
    """List the library: under each unit of the course, its scenarios: what is done, what they teach."""
    lines = []
    for unit, listed in course.library.by_unit(broken=True):
        lines.append(f"{unit_words(unit, course.marks)}:")
        for one in listed:
            state = f" ({course.state(one.name)})" if course.state(one.name) else ""
            lines.append(f"  {one.name}{state}: {sentence(one.title)} {one.teaches}".rstrip())
    return [*lines, "open SCENARIO opens one."]


def joined(lines: Iterable[str]) -> str:
    """Join lines for printing, in ASCII."""
    return "".join(f"{in_ascii(line)}\n" for line in lines)
