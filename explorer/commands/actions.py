"""What the console commands do: functions of a `Desk` and an argument, and makers of such functions.

A function returns None, or a motion for the caller to drive to its end (see `explorer.session.stepping`).
"""

from __future__ import annotations

import difflib
from collections.abc import Callable
from typing import Final

from engine.debug.entry_points import kernel_functions
from engine.errors import BadInput
from engine.scenario.format import CENTRES
from engine.scenario.lesson import PANELS
from explorer.commands.glossary import explained, parameter_text, terms
from explorer.commands.host import Desk
from explorer.lenses.kit.registry import LENSES, lens_called, lens_help
from explorer.session import (
    charts,
    code_place,
    exploration,
    find_page,
    leaving,
    lesson,
    page_list,
    places,
    predictions,
    question_stops,
    questions,
    running,
    saved_moment,
    stepping,
    stops,
)
from explorer.session.course_progress import CourseProgress
from explorer.session.kept_answers import tell_answers, write_kept
from explorer.session.session import Session
from explorer.session.stepping import Motion
from explorer.session.typed_number import number_of
from explorer.session.typed_word import word_of
from explorer.views.rows import TYPES

Function = Callable[[Desk, str], Motion | None]

LETTERS: Final = {letter: number for number, letter in enumerate("abcdefghi"[: len(PANELS)], 1)}
"""The letter of each panel, and its number."""


def times(desk: Desk, argument: str, sign: int) -> Motion | None:
    """Take the steps of `step 12` or `back 12`; one step without a number."""
    if argument:
        return stepping.steps(desk.session, sign * number_of(argument, "a number of steps"))
    if sign < 0:
        stepping.back(desk.session)
    else:
        stepping.step(desk.session)
    return None


def moves(function: Callable[[Session], Motion | None]) -> Function:
    """Make a command without an argument from a motion of the session."""

    def act(desk: Desk, _: str) -> Motion | None:
        return function(desk.session)

    return act


def advances(function: Function) -> Function:
    """Make a command whose motion stops at questions of the scenario."""

    def act(desk: Desk, argument: str) -> Motion | None:
        return question_stops.advance(desk.session, lambda: function(desk, argument))

    return act


def play(desk: Desk, _: str) -> None:
    """Play, or pause; a question that is due comes first."""
    session = desk.session
    session.learning.past = False
    if desk.plays or not question_stops.open_next(session):
        desk.toggle_play()
    else:
        session.learning.cut = question_stops.cut_of_playback(session)


def continue_past(desk: Desk, _: str) -> Motion | None:
    """Continue the motion or the playback that a question has stopped; by default, run."""
    session = desk.session
    cut = session.learning.cut
    if cut is None or cut.again is not None or desk.plays:
        return question_stops.continue_past(session, lambda: running.run(session))
    session.learning.close()
    session.learning.past, session.learning.cut = True, None
    desk.toggle_play()
    return None


def learn(desk: Desk, argument: str) -> None:
    """Let runs stop at questions, or not; commands that come from a pipe are never stopped."""
    if argument == "on" and not desk.asks:
        raise BadInput("from a pipe, no run stops at questions; use learn on in a terminal, or question next")
    questions.set_learn(desk.session, argument)


def does(function: Callable[[Session], None]) -> Function:
    """Make a command without an argument that changes the selection."""

    def act(desk: Desk, _: str) -> None:
        function(desk.session)

    return act


def asks(function: Callable[[Desk], None]) -> Function:
    """Make a command without an argument that only the desk can do."""

    def act(desk: Desk, _: str) -> None:
        function(desk)

    return act


def go_to(desk: Desk, argument: str) -> Motion | None:
    """Go to a moment, or to an extreme of a series."""
    if not argument:
        desk.open_console("goto ")
        return None
    if argument == "end":
        return stepping.go_to(desk.session, None)
    if charts.is_extreme(argument):
        return charts.go_to_extreme(desk.session, argument)
    if argument[0] in "-0123456789":
        return stepping.go_to(desk.session, number_of(argument, "a step"))
    return places.go_to_place(desk.session, argument)


def find_page_of(desk: Desk, argument: str) -> None:
    """Find a page."""
    if not argument:
        desk.open_console("page ")
        return
    find_page.find(desk.session, argument)


def list_or_cycle(desk: Desk, argument: str) -> None:
    """List the pages of a filter, or cycle through those of the colour under the cursor."""
    if argument:
        page_list.list_pages(desk.session, argument)
    else:
        desk.session.open_color()


def choose(desk: Desk, argument: str) -> None:
    """Let s step a thread, or follow the schedule."""
    if not argument:
        desk.session.follow_schedule()
        return
    desk.session.choose_thread(desk.session.thread_named(argument))


def go_to_color(desk: Desk, argument: str) -> None:
    """Put the cursor of the map on a colour."""
    if not argument:
        desk.open_console("color ")
        return
    base, _, number = argument.rpartition(" ")
    base = base.strip().upper() or desk.session.place[0]
    if base not in TYPES:
        raise BadInput(f"{base[:20]!r} is not a queue type; use {', '.join(TYPES)}")
    desk.session.select(base, number_of(number, "a colour"))


def mark(desk: Desk, argument: str) -> None:
    """Mark this step, or unmark it."""
    if not argument and desk.session.history.step not in desk.session.marks:
        desk.ask_letter("mark")
        return
    stepping.toggle_mark(desk.session, argument.strip()[:1])


def go_to_mark(desk: Desk, argument: str) -> None:
    """Go to a mark."""
    if not argument:
        desk.ask_letter("mark-goto")
        return
    stepping.go_to_mark(desk.session, argument[:1])


def show_lens(desk: Desk, argument: str) -> None:
    """Show a lens, or list the lenses."""
    if not argument:
        lines = [f"{name:<10}{lens_help(name)}" for name in LENSES]
        desk.session.tell(f"lenses: {', '.join(LENSES)}; :view NAME, or v and V", lines, "lenses")
        return
    desk.session.look_through(lens_called(argument))


def change_theme(desk: Desk, argument: str) -> None:
    """Switch the theme."""
    desk.change_theme(argument)


def set_break(desk: Desk, argument: str) -> None:
    """Set a breakpoint where the cursor is, or where the argument says."""
    if argument:
        stops.add_break(desk.session, argument)
    elif desk.panel_in_focus == "code":
        code_place.toggle_break(desk.session)
    elif desk.session.line is not None:
        stops.toggle_line(desk.session)
    else:
        desk.open_console("break ")


def show_frame(desk: Desk, argument: str) -> None:
    """Show the code of a frame of the call stack."""
    if argument:
        code_place.choose_frame(desk.session, number_of(argument, "a frame"))
    else:
        code_place.turn_frame(desk.session, -1)


def set_watch(desk: Desk, argument: str) -> None:
    """Watch the selected field, or a cell."""
    if argument:
        stops.add_watch(desk.session, argument)
    else:
        stops.watch_field(desk.session)


def explore(desk: Desk, argument: str) -> Motion | None:
    """Search all schedules, or show what was found: an outcome as branches, or a depth of it."""
    word, _, rest = argument.partition(" ")
    if word == "open":
        return exploration.open_outcome(desk.session, rest.strip())
    if word == "depth":
        exploration.go_to_depth(desk.session, rest.strip())
    elif exploration.begin(desk.session, argument):
        desk.follow_search()
    return None


def typed(function: Function, word: str) -> Function:
    """Make a command that requires an argument; without one, the console opens to ask for it."""

    def act(desk: Desk, argument: str) -> Motion | None:
        if not argument:
            desk.open_console(f"{word} ")
            return None
        return function(desk, argument)

    return act


def types(function: Callable[[Session, str], Motion | None], word: str) -> Function:
    """Make a command of the session that requires an argument."""
    return typed(takes(function), word)


def takes(function: Callable[[Session, str], Motion | None]) -> Function:
    """Make a command of the session with an optional argument."""

    def act(desk: Desk, argument: str) -> Motion | None:
        return function(desk.session, argument)

    return act


def explain(desk: Desk, argument: str) -> None:
    """Explain a field, a flag, a queue, a limit, a function or a term."""
    word = argument or desk.session.field or "queue"
    text = parameter_text(desk.session.scenario, word) or explained(word, desk.session.vm.colors)
    if text is None:
        near = difflib.get_close_matches(word[:40], [*terms(), *kernel_functions()], 3, 0.6)
        raise BadInput(f"{word[:40]!r} has no explanation; {_nearest(near)}")
    desk.session.tell(f"{word}: {' '.join(text.split())}", text.split("\n"), word)


def _nearest(words: list[str]) -> str:
    return f"use {' or '.join(words)}" if words else "use a field, a flag, a queue, a function or a term"


def jump(desk: Desk, argument: str) -> None:
    """Focus a panel by its letter."""
    if not argument:
        desk.ask_letter("jump")
        there = " ".join(f"{letter} {name}" for letter, name in zip(LETTERS, PANELS, strict=True))
        desk.session.say(there)
        return
    if argument not in LETTERS:
        raise BadInput(f"{argument[:8]!r} is not a panel's letter; o lists them")
    desk.focus_panel(LETTERS[argument])


def opens(name: str, word: str) -> Function:
    """Make a command that leaves the session with the method `name` of the desk; it requires an argument."""
    return typed(leaves(lambda desk, argument: getattr(desk, name)(argument)), word)


def open_or_browse(desk: Desk, argument: str) -> Motion | None:
    """Open a scenario; without a name, show the library."""
    if argument:
        return leaves(lambda desk, name: desk.open_scenario(name))(desk, argument)
    desk.browse()
    return None


def leaves(function: Function) -> Function:
    """Make a command that leaves the session: the first time, it only says what would be lost."""

    def act(desk: Desk, argument: str) -> Motion | None:
        lost = leaving.warning(desk.session) if desk.asks else ""
        if lost:
            leaving.remember(desk.session)
            desk.session.say(lost, "error")
            return None
        return function(desk, argument)

    return act


def export(desk: Desk, argument: str) -> None:
    """Write this moment to a file."""
    desk.export(argument)


def predict(desk: Desk, _: str) -> None:
    """Open the question that is due; if none is, ask what comes next."""
    if questions.open_due(desk.session):
        return
    question = predictions.next_question(desk.session)
    if question is not None:
        desk.ask(question)


def answers(desk: Desk, argument: str) -> None:
    """Show the answers that are kept, or write them to a file."""
    kept = CourseProgress(desk.session.library, desk.progress_log.progress())
    if argument:
        write_kept(desk.session, kept, argument)
    else:
        tell_answers(desk.session, kept)


def turn_centre(desk: Desk, argument: str) -> None:
    """Show the stage or the map."""
    centre = word_of(argument, CENTRES)
    if argument and not centre:
        raise BadInput(f"{argument[:20]!r} is not a centre; use {' or '.join(CENTRES)}")
    desk.turn_centre(centre)


def state(desk: Desk, argument: str) -> None:
    """Copy the state string, or write it to a file."""
    if argument:
        saved_moment.write_state(desk.session, argument)
    else:
        desk.copy_token()


def turn_outline(desk: Desk, _: str) -> None:
    """Show the outline of the function, or its source again."""
    desk.turn_outline()


def read_lesson(desk: Desk, argument: str) -> Motion | None:
    """Open or close the lesson, turn to one of its pages, or show the whole of it."""
    if not argument:
        desk.show_lesson()
    elif argument == "all":
        desk.show_whole_lesson()
    elif argument in lesson.WAYS:
        return lesson.turn(desk.session, lesson.WAYS[argument])
    else:
        return lesson.go_to_page(desk.session, argument)
    return None


def turn_page(desk: Desk, _: str, by: int) -> Motion | None:
    """Turn the page of the lesson, unless the open one keeps its reader."""
    return None if desk.keeps_page(by) else lesson.turn(desk.session, by)


def set_speed(desk: Desk, argument: str) -> None:
    """Set the speed of playback."""
    desk.set_speed(argument)


def focuses(number: int) -> Function:
    """Make a command that focuses a panel by its number."""
    return asks(lambda desk: desk.focus_panel(number))
