"""The table of commands: the source of the keys, console verbs, palette, help page and footer.

A command acts on a `Desk`: the session, and the few things that only a screen can do. Its function returns
None, or a motion for the caller to drive to its end (see `explorer.session.stepping`). Imports no Textual.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

from engine.errors import BadInput
from explorer.commands.glossary import FIELDS, explained
from explorer.commands.host import Desk
from explorer.lenses.kit.registry import LENSES, lens_called
from explorer.session import (
    branches,
    code_place,
    find_page,
    leaving,
    predictions,
    running,
    saved_moment,
    stepping,
    stops,
)
from explorer.session.session import Session, number_of
from explorer.session.stepping import Motion
from explorer.views.queues import TYPES

Function = Callable[[Desk, str], Motion | None]


@dataclass(frozen=True)
class Command:
    """One command.

    id:       its name in the config file; it stays the same when the console verb changes.
    keys:     as Textual names them, except that a printable key is the character itself.
    help:     one short imperative sentence.
    argument: the argument of the console verb as help shows it; empty if there is none.
    aliases:  other console verbs for it.
    renamed:  its console verb if that is not the id; the id stays an alias for one release.
    """

    id: str
    keys: tuple[str, ...]
    help: str
    function: Function
    argument: str = ""
    aliases: tuple[str, ...] = ()
    renamed: str = ""

    @property
    def word(self) -> str:
        """The command's verb in the console."""
        return self.renamed or self.id


def _times(desk: Desk, argument: str, sign: int) -> Motion | None:
    """Take the steps of `step 12` or `back 12`; one step without a number."""
    if argument:
        return stepping.steps(desk.session, sign * number_of(argument, "a number of steps"))
    if sign < 0:
        stepping.back(desk.session)
    else:
        stepping.step(desk.session)
    return None


def _moves(function: Callable[[Session], Motion | None]) -> Function:
    """Make a command without an argument from a motion of the session."""

    def act(desk: Desk, _: str) -> Motion | None:
        return function(desk.session)

    return act


def _does(function: Callable[[Session], None]) -> Function:
    """Make a command without an argument that changes the selection."""

    def act(desk: Desk, _: str) -> None:
        function(desk.session)

    return act


def _asks(function: Callable[[Desk], None]) -> Function:
    """Make a command without an argument that only the desk can do."""

    def act(desk: Desk, _: str) -> None:
        function(desk)

    return act


def _go_to(desk: Desk, argument: str) -> Motion | None:
    if not argument:
        desk.open_console("")
        return None
    if argument == "end":
        return stepping.go_to(desk.session, None)
    return stepping.go_to(desk.session, number_of(argument, "a step"))


def _page(desk: Desk, argument: str) -> None:
    if not argument:
        desk.open_console("page ")
        return
    find_page.find(desk.session, argument)


def _thread(desk: Desk, argument: str) -> None:
    if not argument:
        desk.session.follow_schedule()
        return
    desk.session.choose_thread(desk.session.thread_named(argument))


def _color(desk: Desk, argument: str) -> None:
    if not argument:
        desk.open_console("color ")
        return
    base, _, number = argument.rpartition(" ")
    base = base.strip().upper() or desk.session.place[0]
    if base not in TYPES:
        raise BadInput(f"{base[:20]!r} is not a queue type; use {', '.join(TYPES)}")
    desk.session.select(base, number_of(number, "a colour"))


def _mark(desk: Desk, argument: str) -> None:
    if not argument and desk.session.history.step not in desk.session.marks:
        desk.ask_letter("mark")
        return
    stepping.toggle_mark(desk.session, argument.strip()[:1])


def _to_mark(desk: Desk, argument: str) -> None:
    if not argument:
        desk.ask_letter("mark-goto")
        return
    stepping.go_to_mark(desk.session, argument[:1])


def _view(desk: Desk, argument: str) -> None:
    if not argument:
        desk.session.say(f"lenses: {', '.join(LENSES)}; :view NAME, or v and V")
        return
    desk.session.look_through(lens_called(argument))


def _theme(desk: Desk, argument: str) -> None:
    desk.change_theme(argument)


def _break(desk: Desk, argument: str) -> None:
    if argument:
        stops.add_break(desk.session, argument)
    elif desk.panel_in_focus == "code":
        code_place.toggle_break(desk.session)
    elif desk.session.line is not None:
        stops.toggle_line(desk.session)
    else:
        desk.open_console("break ")


def _frame(desk: Desk, argument: str) -> None:
    if argument:
        code_place.choose_frame(desk.session, number_of(argument, "a frame"))
    else:
        code_place.turn_frame(desk.session, -1)


def _watch(desk: Desk, argument: str) -> None:
    if argument:
        stops.add_watch(desk.session, argument)
    else:
        stops.watch_field(desk.session)


def _typed(function: Function, word: str) -> Function:
    """Make a command that requires an argument; without one, the console opens to ask for it."""

    def act(desk: Desk, argument: str) -> Motion | None:
        if not argument:
            desk.open_console(f"{word} ")
            return None
        return function(desk, argument)

    return act


def _types(function: Callable[[Session, str], Motion | None], word: str) -> Function:
    """Make a command of the session that requires an argument."""
    return _typed(_takes(function), word)


def _takes(function: Callable[[Session, str], Motion | None]) -> Function:
    """Make a command of the session with an optional argument."""

    def act(desk: Desk, argument: str) -> Motion | None:
        return function(desk.session, argument)

    return act


def _explain(desk: Desk, argument: str) -> None:
    word = argument or desk.session.field or "queue"
    text = explained(word, desk.session.vm.colors)
    if text is None:
        raise BadInput(f"{word[:40]!r} is not a field of a page; use {', '.join(FIELDS)} or a PG_ flag")
    desk.session.say(f"{word}: {text}")


def _jump(desk: Desk, argument: str) -> None:
    letters = {letter: number for number, letter in enumerate("abcdefghi"[: len(PANELS)], 1)}
    if not argument:
        desk.ask_letter("jump")
        there = ", ".join(f"{letter} {name}" for letter, name in zip(letters, PANELS, strict=True))
        desk.session.say(f"jump to: {there}")
        return
    if argument not in letters:
        raise BadInput(f"{argument[:8]!r} is not a panel's letter; o lists them")
    desk.focus_panel(letters[argument])


def _screen(name: str, word: str) -> Function:
    """Make a command that leaves the session with the method `name` of the desk; it requires an argument."""
    return _typed(_leaves(lambda desk, argument: getattr(desk, name)(argument)), word)


def _leaves(function: Function) -> Function:
    """Make a command that leaves the session: the first time, it only says what would be lost."""

    def act(desk: Desk, argument: str) -> Motion | None:
        lost = leaving.warning(desk.session) if desk.asks else ""
        if lost:
            leaving.remember(desk.session)
            desk.session.say(lost, "error")
            return None
        return function(desk, argument)

    return act


def _export(desk: Desk, argument: str) -> None:
    desk.export(argument)


def _predict(desk: Desk, _: str) -> None:
    question = predictions.next_question(desk.session)
    if question is not None:
        desk.ask(question)


CENTRES: Final = ("stage", "map")


def _centre(desk: Desk, argument: str) -> None:
    if argument and argument not in CENTRES:
        raise BadInput(f"{argument[:20]!r} is not a centre; use {' or '.join(CENTRES)}")
    desk.turn_centre(argument)


def _speed(desk: Desk, argument: str) -> None:
    desk.set_speed(argument)


def _panel(number: int) -> Function:
    return _asks(lambda desk: desk.focus_panel(number))


PANELS: Final = ("centre", "page", "threads", "source", "log", "timeline", "console", "code", "lesson")
"""The panels in the order of their number keys."""

_TIME: Final = (
    Command("step", ("s",), "Take one atomic step.", partial(_times, sign=1), "[N]"),
    Command("back", ("S",), "Go back one step.", partial(_times, sign=-1), "[N]"),
    Command(
        "over", ("n",), "Run to the end of the current kernel call.", _moves(stepping.over), aliases=("next",)
    ),
    Command("back-over", ("N",), "Go back to the start of that call.", _moves(stepping.back_over)),
    Command("finish", ("f",), "Run until the innermost function returns.", _moves(stepping.finish)),
    Command(
        "back-finish", ("F",), "Go back to where that function was called.", _moves(stepping.back_finish)
    ),
    Command("line", ("i",), "Run to the thread's next script line.", _moves(stepping.next_line)),
    Command("back-line", ("I",), "Go back to the previous script line.", _moves(stepping.previous_line)),
    Command(
        "event", ("]", "alt+right"), "Run to the next change of a page or thread.", _moves(stepping.event)
    ),
    Command("back-event", ("[", "alt+left"), "Go back to the previous change.", _moves(stepping.back_event)),
    Command("stop", ("}", "alt+down"), "Go to the next mark, fork or end.", _moves(stepping.next_stop)),
    Command(
        "back-stop",
        ("{", "alt+up"),
        "Go back to the previous mark, fork or start.",
        _moves(stepping.previous_stop),
    ),
    Command("first", ("g", "home"), "Go to step 0, just after boot, or at power-on.", _moves(stepping.first)),
    Command("last", ("G", "end"), "Go to the last step.", _moves(stepping.last)),
    Command("into", ("x",), "Run to the next function call.", _moves(stepping.into)),
    Command("back-into", ("X",), "Go back to the previous function call.", _moves(stepping.back_into)),
    Command("mark", ("m",), "Mark this step with a letter, or unmark it.", _mark, "[LETTER]"),
    Command("mark-goto", ("'",), "Go to the mark with that letter.", _to_mark, "LETTER"),
    Command("goto", (), "Go to step N, past breakpoints; :N does the same.", _go_to, "N|end"),
    Command("digest", (), "Print the digest of the whole memory.", _does(lambda s: s.tell_digest())),
)
_RUN: Final = (
    Command("continue", ("c",), "Run to a breakpoint, a mark or the end.", _moves(running.run)),
    Command("reverse", ("C",), "Go back to a breakpoint, a mark or the start.", _moves(running.reverse)),
    Command("play", ("space",), "Play or pause.", _asks(lambda desk: desk.toggle_play())),
    Command("faster", ("+", "="), "Play faster.", _asks(lambda desk: desk.change_speed(1))),
    Command("slower", ("-",), "Play slower.", _asks(lambda desk: desk.change_speed(-1))),
    Command("unit", ("*",), "Play by steps or by moves of pages.", _asks(lambda desk: desk.turn_unit())),
    Command("speed", (), "Set the speed of playback.", _typed(_speed, "speed"), "N steps|N moves|full"),
    Command(
        "interrupt",
        ("escape", "ctrl+c"),
        "Stop the run, or follow the last step's page.",
        _asks(lambda d: d.interrupt()),
    ),
)
_STOPS: Final = (
    Command("break", ("b",), "Set a breakpoint at the cursor or WHERE.", _break, "[WHERE]"),
    Command("watch", ("w",), "Watch the inspector's field or CELL.", _watch, "[CELL]"),
    Command("until", ("u",), "Run until EXPR holds.", _types(running.until, "until"), "EXPR [fence N]"),
    Command(
        "back-until", ("U",), "Go back until EXPR held.", _types(running.back_until, "back-until"), "EXPR"
    ),
    Command("to-cursor", ("t",), "Run to the source cursor's line.", _moves(running.to_line)),
    Command("stops", (), "List breakpoints and watchpoints.", _does(stops.list_stops), renamed="breakpoints"),
    Command("delete", (), "Delete breakpoint N, or all.", _takes(stops.delete), "[N|all]"),
    Command("enable", (), "Enable breakpoint N.", _types(stops.enable, "enable"), "N"),
    Command("disable", (), "Disable breakpoint N.", _types(stops.disable, "disable"), "N"),
)
_BRANCHES: Final = (
    Command("fork", ("B",), "Start a branch at this step.", _takes(branches.fork), "[NAME]"),
    Command("branch", (), "List the branches, or switch to one.", _takes(branches.branch), "[N|NAME]"),
    Command("drop", (), "Give up a branch and free its history.", _types(branches.drop, "drop"), "BRANCH"),
    Command("rename", (), "Rename the current branch.", _types(branches.rename, "rename"), "NAME"),
    Command(
        "reschedule",
        (),
        "Branch off with another schedule.",
        _types(branches.reschedule, "reschedule"),
        "SCHEDULE",
    ),
    Command("call", (), "Call a function in a new branch.", _types(branches.call, "call"), "[cpu N] CALL"),
    Command("compare", ("d",), "Compare with a branch or a step.", _takes(branches.compare), "[A [B]]"),
    Command(
        "token",
        ("y",),
        "Make a state string of this moment.",
        _asks(lambda d: d.copy_token()),
        renamed="state",
    ),
    Command("save", (), "Save the session under a name.", _types(saved_moment.save, "save"), "NAME"),
    Command("export", ("e",), "Export as .svg, .png, .txt, .json or .toml.", _export, "[FILE]"),
    Command("undo", ("backspace",), "Undo the last command.", _asks(lambda desk: desk.undo_last())),
    Command("redo", ("ctrl+r",), "Redo the last undone command.", _asks(lambda desk: desk.redo_last())),
)
_WHO: Final = (
    Command(
        "next-thread", (">",), "Let s step the next thread.", _does(lambda session: session.turn_thread(1))
    ),
    Command(
        "previous-thread",
        ("<",),
        "Let s step the previous thread.",
        _does(lambda session: session.turn_thread(-1)),
    ),
    Command(
        "schedule", ("a",), "Let s follow the schedule.", _does(lambda session: session.follow_schedule())
    ),
    Command("thread", (), "Let s step the named thread.", _thread, "NAME"),
)
_LOOK: Final = (
    Command("centre", ("M",), "Switch the centre between stage and map.", _centre, "[stage|map]"),
    Command(
        "left", ("left", "h"), "Move one colour to the left.", _does(lambda session: session.move(-1, 0))
    ),
    Command(
        "right", ("right", "l"), "Move one colour to the right.", _does(lambda session: session.move(1, 0))
    ),
    Command("up", ("up", "k"), "Move to the queue type above.", _does(lambda session: session.move(0, -1))),
    Command(
        "down", ("down", "j"), "Move to the queue type below.", _does(lambda session: session.move(0, 1))
    ),
    Command(
        "far-left", ("pageup",), "Move 64 colours to the left.", _does(lambda session: session.move(-64, 0))
    ),
    Command(
        "far-right",
        ("pagedown",),
        "Move 64 colours to the right.",
        _does(lambda session: session.move(64, 0)),
    ),
    Command(
        "pages",
        ("enter",),
        "Cycle through the pages of the colour.",
        _does(lambda session: session.open_color()),
    ),
    Command("page", ("/",), "Find a page: N, pa ADDRESS, OBJECT PINDEX or EXPR.", _page, "WHAT"),
    Command("next-match", (".",), "Show the next page found.", _does(lambda s: find_page.turn_match(s, 1))),
    Command(
        "previous-match",
        (",",),
        "Show the previous page found.",
        _does(lambda s: find_page.turn_match(s, -1)),
    ),
    Command("color", (), "Go to a colour.", _color, "[TYPE] N"),
    Command("follow", (), "Follow the page of the last step again.", _does(lambda session: session.follow())),
)
_LENSES: Final = (
    Command("view", (), "Show the named lens.", _view, "NAME"),
    Command("next-view", ("v",), "Show the next lens.", _asks(lambda desk: desk.turn_lens(1))),
    Command("previous-view", ("V",), "Show the previous lens.", _asks(lambda desk: desk.turn_lens(-1))),
    Command("why", ("W",), "Explain how the field got its value.", _takes(stops.ask_why), "[CELL]"),
    Command("next-field", (")",), "Select the page's next field.", _does(lambda s: stops.turn_field(s, 1))),
    Command(
        "previous-field",
        ("(",),
        "Select the page's previous field.",
        _does(lambda s: stops.turn_field(s, -1)),
    ),
    Command("outline", ("O",), "Fold or unfold the code.", _does(code_place.turn_outline)),
    Command("frame", (), "Show the code of frame N, or of the caller.", _frame, "[N]"),
)
_PANELS: Final = (
    *(Command(f"panel-{n}", (str(n),), f"Go to the {name}.", _panel(n)) for n, name in enumerate(PANELS, 1)),
    Command("next-panel", ("tab",), "Go to the next panel.", _asks(lambda desk: desk.turn_focus(1))),
    Command(
        "previous-panel", ("shift+tab",), "Go to the previous panel.", _asks(lambda desk: desk.turn_focus(-1))
    ),
    Command("zoom", ("z",), "Zoom the panel in or out.", _asks(lambda desk: desk.toggle_zoom())),
)
_PROGRAM: Final = (
    Command("console", (":",), "Type a command.", _asks(lambda desk: desk.open_console(""))),
    Command("predict", ("p",), "Predict the next step.", _predict),
    Command("lesson", ("L",), "Show the scenario's lesson.", _asks(lambda desk: desk.show_lesson())),
    Command("help", ("?", "f1"), "Show this help.", _asks(lambda desk: desk.show_help())),
    Command("explain", (), "Explain a field or a flag of a page.", _explain, "[FIELD]"),
    Command("jump", ("o",), "Go to a panel by its letter.", _jump, "LETTER"),
    Command("open", (), "Open another scenario.", _screen("open_scenario", "open"), "SCENARIO"),
    Command(
        "machine", (), "Open the scenario on another machine.", _screen("on_machine", "machine"), "MACHINE"
    ),
    Command("rules", (), "Open the scenario under other rules.", _screen("under_rules", "rules"), "RULES"),
    Command(
        "edit",
        ("E",),
        "Edit the scenario in $EDITOR and reload it.",
        _leaves(_asks(lambda desk: desk.edit_scenario())),
    ),
    Command("theme", (), "Switch to the next or the named theme.", _theme, "[NAME]"),
    Command("ascii", (), "Toggle ASCII-only characters.", _asks(lambda desk: desk.toggle_ascii())),
    Command("projector", (), "Toggle bigger cells.", _asks(lambda desk: desk.toggle_projector())),
    Command("quit", ("q",), "Quit pageq.", _leaves(_asks(lambda desk: desk.leave())), aliases=("q",)),
)

GROUPS: Final = {
    "Time": _TIME,
    "Runs": _RUN,
    "Breakpoints": _STOPS,
    "Branches": _BRANCHES,
    "Threads": _WHO,
    "Stage, map and page": _LOOK,
    "Lenses": _LENSES,
    "Panels": _PANELS,
    "Program": _PROGRAM,
}
"""Every command, in the groups of the help page."""

COMMANDS: Final = {command.id: command for group in GROUPS.values() for command in group}
"""Every command by its id."""

VERBS: Final = {word: command for command in COMMANDS.values() for word in (command.word, *command.aliases)}
"""Every verb of the console."""

_OLD_WORDS: Final = {command.id: command for command in COMMANDS.values() if command.renamed}
"""Verbs of 0.1 that still work for one release but are not listed."""


def parse(line: str) -> tuple[Command, str]:
    """Parse a console line into a command and its argument; a number alone goes to that step.

    Errors: BadInput for an unknown or ambiguous verb, or an argument that the command does not take.
    """
    word, _, argument = line.strip().partition(" ")
    argument = argument.strip()
    if word[:1].isdigit():
        if argument:
            raise BadInput(f"a number alone goes to that step; remove {argument[:40]!r}")
        return COMMANDS["goto"], word
    command = VERBS.get(word) or _OLD_WORDS.get(word) or _abbreviated(word)
    if argument and not command.argument:
        raise BadInput(f"{command.word} takes no argument; remove {argument[:60]!r}")
    return command, argument


def _abbreviated(word: str) -> Command:
    begun = [verb for verb in VERBS if word and verb.startswith(word)]
    if len(begun) == 1:
        return VERBS[begun[0]]
    if begun:
        raise BadInput(f"{word!r} is ambiguous; use {', '.join(begun)}")
    raise BadInput(f"unknown command {word[:40]!r}; :help lists them")
