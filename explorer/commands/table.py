"""The one table of commands: keys, console verbs, palette, help page and footer are all made from it.

A command acts on a `Desk`: the session, and the few things that only a screen can do. Its function returns
None, or a motion to be driven to its end (see `explorer.session.stepping`). Importable without Textual.
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
from explorer.session import branches, find_page, predictions, running, saved_moment, stepping, stops
from explorer.session.session import Session, number_of
from explorer.session.stepping import Motion
from explorer.views.queues import TYPES

Function = Callable[[Desk, str], Motion | None]


@dataclass(frozen=True)
class Command:
    """One command.

    id:       what a config file calls it; it stays when the console's word changes.
    keys:     as Textual names them, except that a printable key is itself.
    argument: what the console verb takes, in words; empty for nothing.
    aliases:  other words for it in the console.
    renamed:  its word in the console where that is not the id, which stays an alias for one release.
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
    """`step 12`: so many steps; without a number, one."""
    if argument:
        return stepping.steps(desk.session, sign * number_of(argument, "a number of steps"))
    if sign < 0:
        stepping.back(desk.session)
    else:
        stepping.step(desk.session)
    return None


def _moves(function: Callable[[Session], Motion | None]) -> Function:
    """A command that is a motion of the session and takes no argument."""

    def act(desk: Desk, _: str) -> Motion | None:
        return function(desk.session)

    return act


def _does(function: Callable[[Session], None]) -> Function:
    """A command that changes what is selected and takes no argument."""

    def act(desk: Desk, _: str) -> None:
        function(desk.session)

    return act


def _asks(function: Callable[[Desk], None]) -> Function:
    """A command that only a screen can do and that takes no argument."""

    def act(desk: Desk, _: str) -> None:
        function(desk)

    return act


def _go_to(desk: Desk, argument: str) -> Motion | None:
    if not argument:
        desk.open_console("")
        return None
    if argument == "end":
        return running.run(desk.session)
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
        raise BadInput(f"{base[:20]!r} is no queue type; there are {', '.join(TYPES)}")
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


def _why(desk: Desk, argument: str) -> None:
    stops.ask_why(desk.session, argument)


def _break(desk: Desk, argument: str) -> None:
    if argument:
        stops.add_break(desk.session, argument)
    elif desk.session.line is not None:
        stops.toggle_line(desk.session)
    else:
        desk.open_console("break ")


def _watch(desk: Desk, argument: str) -> None:
    if argument:
        stops.add_watch(desk.session, argument)
    else:
        stops.watch_field(desk.session)


def _types(function: Callable[[Session, str], Motion | None], word: str) -> Function:
    """A command whose argument has to be typed: without one the console opens for it."""

    def act(desk: Desk, argument: str) -> Motion | None:
        if not argument:
            desk.open_console(f"{word} ")
            return None
        return function(desk.session, argument)

    return act


def _takes(function: Callable[[Session, str], Motion | None]) -> Function:
    """A command of the session whose argument may be left out."""

    def act(desk: Desk, argument: str) -> Motion | None:
        return function(desk.session, argument)

    return act


def _explain(desk: Desk, argument: str) -> None:
    word = argument or desk.session.field or "queue"
    text = explained(word)
    if text is None:
        raise BadInput(
            f"{word[:40]!r} is no field of a page; there are {', '.join(FIELDS)} and the PG_ flags"
        )
    desk.session.say(f"{word}: {text}")


def _jump(desk: Desk, argument: str) -> None:
    letters = {letter: number for number, letter in enumerate("abcdefg"[: len(PANELS)], 1)}
    if not argument:
        desk.ask_letter("jump")
        there = ", ".join(f"{letter} {name}" for letter, name in zip(letters, PANELS, strict=True))
        desk.session.say(f"jump to: {there}")
        return
    if argument not in letters:
        raise BadInput(f"no panel has the letter {argument[:8]!r}; o lists them")
    desk.focus_panel(letters[argument])


def _screen(name: str, word: str) -> Function:
    """A command that only a screen can do, with an argument that has to be typed."""

    def act(desk: Desk, argument: str) -> None:
        if not argument:
            desk.open_console(f"{word} ")
            return
        getattr(desk, name)(argument)

    return act


def _export(desk: Desk, argument: str) -> None:
    desk.export(argument)


def _predict(desk: Desk, _: str) -> None:
    question = predictions.next_question(desk.session)
    if question is not None:
        desk.ask(question)


def _panel(number: int) -> Function:
    return _asks(lambda desk: desk.focus_panel(number))


PANELS: Final = ("map", "page", "threads", "source", "log", "timeline", "console")
"""The panels in the order of their number keys."""

_TIME: Final = (
    Command("step", ("s",), "one atomic step", partial(_times, sign=1), "[N]"),
    Command("back", ("S",), "one step back", partial(_times, sign=-1), "[N]"),
    Command("over", ("n",), "over the whole kernel call", _moves(stepping.over), aliases=("next",)),
    Command("back-over", ("N",), "back to where that call began", _moves(stepping.back_over)),
    Command("finish", ("f",), "until the innermost function returns", _moves(stepping.finish)),
    Command("back-finish", ("F",), "back to where it was called", _moves(stepping.back_finish)),
    Command("line", ("i",), "to the thread's next script line", _moves(stepping.next_line)),
    Command("back-line", ("I",), "to the script line before", _moves(stepping.previous_line)),
    Command("event", ("]", "alt+right"), "next change of a page or a thread", _moves(stepping.event)),
    Command("back-event", ("[", "alt+left"), "the change before", _moves(stepping.back_event)),
    Command("stop", ("}", "alt+down"), "next mark, fork or end", _moves(stepping.next_stop)),
    Command("back-stop", ("{", "alt+up"), "the mark, fork or start before", _moves(stepping.previous_stop)),
    Command("first", ("g", "home"), "to step 0, the machine after boot", _moves(stepping.first)),
    Command("last", ("G", "end"), "to the newest step", _moves(stepping.last)),
    Command("into", ("x",), "into the next function it calls", _moves(stepping.into)),
    Command("back-into", ("X",), "back to where a function was entered", _moves(stepping.back_into)),
    Command("mark", ("m",), "mark this step by a letter, or unmark it", _mark, "[LETTER]"),
    Command("mark-goto", ("'",), "to the mark of a letter", _to_mark, "LETTER"),
    Command("goto", (), "to step N; :N alone does the same", _go_to, "N|end"),
    Command("digest", (), "the whole memory's digest, to compare moments", _does(lambda s: s.tell_digest())),
)
_RUN: Final = (
    Command("continue", ("c",), "run to a mark, a finding or the end", _moves(running.run)),
    Command("reverse", ("C",), "back to a mark or the start", _moves(running.reverse)),
    Command("play", ("space",), "play or pause", _asks(lambda desk: desk.toggle_play())),
    Command("faster", ("+", "="), "play faster", _asks(lambda desk: desk.change_speed(1))),
    Command("slower", ("-",), "play slower", _asks(lambda desk: desk.change_speed(-1))),
    Command(
        "interrupt", ("escape", "ctrl+c"), "stop; or follow the steps' page", _asks(lambda d: d.interrupt())
    ),
)
_STOPS: Final = (
    Command("break", ("b",), "break at the source cursor, or WHERE", _break, "[WHERE]"),
    Command("watch", ("w",), "watch the inspector's field, or a CELL", _watch, "[CELL]"),
    Command("until", ("u",), "run until EXPR holds", _types(running.until, "until"), "EXPR [fence N]"),
    Command("back-until", ("U",), "back until EXPR held", _types(running.back_until, "back-until"), "EXPR"),
    Command("to-cursor", ("t",), "run to the source cursor's line", _moves(running.to_line)),
    Command("stops", (), "list what stops a run", _does(stops.list_stops), renamed="breakpoints"),
    Command("delete", (), "delete breakpoint N, or all", _takes(stops.delete), "[N|all]"),
    Command("enable", (), "enable breakpoint N", _types(stops.enable, "enable"), "N"),
    Command("disable", (), "disable breakpoint N", _types(stops.disable, "disable"), "N"),
)
_BRANCHES: Final = (
    Command("fork", ("B",), "a branch begins here", _takes(branches.fork), "[NAME]"),
    Command("branch", (), "list the branches, or go to one", _takes(branches.branch), "[N|NAME]"),
    Command("rename", (), "name this branch", _types(branches.rename, "rename"), "NAME"),
    Command(
        "reschedule", (), "a branch with another schedule", _types(branches.reschedule, "reschedule"), "S"
    ),
    Command("call", (), "call something, in a branch", _types(branches.call, "call"), "[cpu N] CALL"),
    Command("compare", ("d",), "compare with a branch or a moment", _takes(branches.compare), "[A [B]]"),
    Command("token", ("y",), "this moment as one word", _asks(lambda d: d.copy_token()), renamed="state"),
    Command("save", (), "save the session under a name", _types(saved_moment.save, "save"), "NAME"),
    Command("export", ("e",), "this moment as .svg, .txt, .json; .toml: the run", _export, "[FILE]"),
    Command("undo", ("backspace",), "take back the last command", _asks(lambda desk: desk.undo_last())),
    Command("redo", ("ctrl+r",), "do it again", _asks(lambda desk: desk.redo_last())),
)
_WHO: Final = (
    Command("next-thread", (">",), "s steps the next thread", _does(lambda session: session.turn_thread(1))),
    Command("previous-thread", ("<",), "the thread before", _does(lambda session: session.turn_thread(-1))),
    Command("schedule", ("a",), "s follows the schedule", _does(lambda session: session.follow_schedule())),
    Command("thread", (), "s steps the thread of that name", _thread, "NAME"),
)
_LOOK: Final = (
    Command("left", ("left", "h"), "a colour to the left", _does(lambda session: session.move(-1, 0))),
    Command("right", ("right", "l"), "a colour to the right", _does(lambda session: session.move(1, 0))),
    Command("up", ("up", "k"), "the queue type above", _does(lambda session: session.move(0, -1))),
    Command("down", ("down", "j"), "the queue type below", _does(lambda session: session.move(0, 1))),
    Command("far-left", ("pageup",), "64 colours to the left", _does(lambda session: session.move(-64, 0))),
    Command("far-right", ("pagedown",), "64 to the right", _does(lambda session: session.move(64, 0))),
    Command(
        "pages", ("enter",), "the pages of that colour in turn", _does(lambda session: session.open_color())
    ),
    Command("page", ("/",), "find a page: number, pa, object, EXPR", _page, "WHAT"),
    Command("next-match", (".",), "the next page found", _does(lambda s: find_page.turn_match(s, 1))),
    Command("previous-match", (",",), "the page found before", _does(lambda s: find_page.turn_match(s, -1))),
    Command("color", (), "go to a colour", _color, "[TYPE] N"),
    Command("follow", (), "the page of the last step again", _does(lambda session: session.follow())),
)
_LENSES: Final = (
    Command("view", (), "another lens, by its name", _view, "NAME"),
    Command("next-view", ("v",), "the next lens", _asks(lambda desk: desk.turn_lens(1))),
    Command("previous-view", ("V",), "the one before", _asks(lambda desk: desk.turn_lens(-1))),
    Command("why", ("W",), "why the field holds what it holds", _why, "[CELL]"),
    Command("next-field", (")",), "the page's next field", _does(lambda s: stops.turn_field(s, 1))),
    Command("previous-field", ("(",), "the field before", _does(lambda s: stops.turn_field(s, -1))),
)
_PANELS: Final = (
    *(Command(f"panel-{n}", (str(n),), f"the {name}", _panel(n)) for n, name in enumerate(PANELS, 1)),
    Command("next-panel", ("tab",), "the next panel", _asks(lambda desk: desk.turn_focus(1))),
    Command("previous-panel", ("shift+tab",), "the panel before", _asks(lambda desk: desk.turn_focus(-1))),
    Command("zoom", ("z",), "the panel fills the screen, or not", _asks(lambda desk: desk.toggle_zoom())),
)
_PROGRAM: Final = (
    Command("console", (":",), "type a command", _asks(lambda desk: desk.open_console(""))),
    Command("predict", ("p",), "guess what comes next, then see", _predict),
    Command("lesson", ("L",), "what this scenario teaches", _asks(lambda desk: desk.show_lesson())),
    Command("help", ("?", "f1"), "the panel, its keys, every command", _asks(lambda desk: desk.show_help())),
    Command("explain", (), "what a field or a flag of a page means", _explain, "[FIELD]"),
    Command("jump", ("o",), "to a panel by its letter", _jump, "LETTER"),
    Command("open", (), "another scenario", _screen("open_scenario", "open"), "SCENARIO"),
    Command("machine", (), "this scenario on another machine", _screen("on_machine", "machine"), "M"),
    Command("rules", (), "this scenario under other rules", _screen("under_rules", "rules"), "R"),
    Command(
        "edit", ("E",), "edit the scenario in $EDITOR, reload it", _asks(lambda desk: desk.edit_scenario())
    ),
    Command("theme", (), "the next theme, or the one named", _theme, "[NAME]"),
    Command("ascii", (), "ASCII characters only, or all", _asks(lambda desk: desk.toggle_ascii())),
    Command("projector", (), "bigger cells, or all", _asks(lambda desk: desk.toggle_projector())),
    Command("quit", ("q",), "quit", _asks(lambda desk: desk.leave()), aliases=("q",)),
)

GROUPS: Final = {
    "Time": _TIME,
    "Runs": _RUN,
    "Breakpoints": _STOPS,
    "Branches": _BRANCHES,
    "Who steps": _WHO,
    "Map and page": _LOOK,
    "Lenses": _LENSES,
    "Panels": _PANELS,
    "Program": _PROGRAM,
}
"""Every command, as the help page shows them."""

COMMANDS: Final = {command.id: command for group in GROUPS.values() for command in group}
"""Every command by its id."""

VERBS: Final = {word: command for command in COMMANDS.values() for word in (command.word, *command.aliases)}
"""Every word of the console."""

_OLD_WORDS: Final = {command.id: command for command in COMMANDS.values() if command.renamed}
"""Words of 0.1 that are understood for one release more, and named nowhere."""


def parse(line: str) -> tuple[Command, str]:
    """A console line as a command and its argument; a number alone goes to that step.

    Errors: BadInput when there is no such verb, or more than one it could be.
    """
    word, _, argument = line.strip().partition(" ")
    argument = argument.strip()
    if word[:1].isdigit():
        return COMMANDS["goto"], word
    command = VERBS.get(word) or _OLD_WORDS.get(word) or _abbreviated(word)
    if argument and not command.argument:
        raise BadInput(f"{command.word} takes no argument, not {argument!r}")
    return command, argument


def _abbreviated(word: str) -> Command:
    begun = [verb for verb in VERBS if word and verb.startswith(word)]
    if len(begun) == 1:
        return VERBS[begun[0]]
    if begun:
        raise BadInput(f"{word!r} could be {', '.join(begun)}")
    raise BadInput(f"there is no command {word!r}; ? lists them all")


# --- what is printed ----------------------------------------------------------------------------------------

_KEY_WORDS: Final = {
    "space": "Space", "escape": "Esc", "enter": "Enter", "tab": "Tab", "shift+tab": "Shift+Tab",
    "left": "←", "right": "→", "up": "↑", "down": "↓", "pageup": "PgUp", "pagedown": "PgDn",
    "home": "Home", "end": "End", "f1": "F1",
}  # fmt: skip


def key_word(key: str, *, ascii: bool = False) -> str:
    """A key as it is printed: `Esc`, `Ctrl+C`, `Alt+→`; with `ascii`, an arrow is its name."""
    *modifiers, last = key.split("+") if len(key) > 1 else [key]
    if ascii and last in ("left", "right", "up", "down"):
        return "+".join(word.capitalize() for word in (*modifiers, last))
    word = (
        _KEY_WORDS.get(key)
        or _KEY_WORDS.get(last)
        or (last.capitalize() if len(last) > 1 else last.upper() if modifiers else last)
    )
    return word if key in _KEY_WORDS else "+".join([*(m.capitalize() for m in modifiers), word])
