"""The table of commands: the source of the keys, console verbs, palette, help page and footer.

A command acts on a `Desk`: the session, and the few things that only a screen can do. Its function returns
None, or a motion for the caller to drive to its end (see `explorer.session.stepping`). Imports no Textual.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Final

from engine.errors import BadInput
from engine.scenario.lesson import PANELS
from explorer.commands.actions import (
    Function,
    advances,
    answers,
    asks,
    change_theme,
    choose,
    continue_past,
    does,
    explain,
    explore,
    export,
    find_page_of,
    focuses,
    go_to,
    go_to_color,
    go_to_mark,
    jump,
    learn,
    leaves,
    list_or_cycle,
    mark,
    moves,
    open_or_browse,
    opens,
    play,
    predict,
    read_lesson,
    set_break,
    set_speed,
    set_watch,
    show_frame,
    show_lens,
    state,
    takes,
    times,
    turn_centre,
    turn_outline,
    turn_page,
    typed,
    types,
)
from explorer.commands.default_keys import KEYS
from explorer.commands.dump import show_dumps
from explorer.commands.experiment import measure_or_open
from explorer.session import (
    branches,
    charts,
    find_page,
    messages,
    questions,
    running,
    saved_moment,
    stepping,
    stops,
    watching,
    whynot,
)
from explorer.session.typed_word import word_of


@dataclass(frozen=True)
class Command:
    """One command.

    id:       its name in the config file; it stays the same when the console verb changes.
    keys:     as Textual names them, except that a printable key is the character itself.
    help:     one short imperative sentence.
    argument: the argument of the console verb as help shows it; empty if there is none.
    aliases:  other console verbs for it.
    renamed:  its console verb if that is not the id; the id stays an alias for one release.
    guest:    why the guest of a server cannot use it, and what to do instead; empty if a guest can.
    """

    id: str
    keys: tuple[str, ...]
    help: str
    function: Function
    argument: str = ""
    aliases: tuple[str, ...] = ()
    renamed: str = ""
    guest: str = ""

    @property
    def word(self) -> str:
        """The command's verb in the console."""
        return self.renamed or self.id


_TIME: Final = (
    Command("step", KEYS["step"], "Take one atomic step.", advances(partial(times, sign=1)), "[N]"),
    Command("back", KEYS["back"], "Go back one step.", partial(times, sign=-1), "[N]"),
    Command(
        "over",
        ("n",),
        "Run to the end of the current kernel call.",
        advances(moves(stepping.over)),
        aliases=("next",),
    ),
    Command("back-over", ("N",), "Go back to the start of that call.", moves(stepping.back_over)),
    Command("finish", ("f",), "Run until the innermost function returns.", advances(moves(stepping.finish))),
    Command("back-finish", ("F",), "Go back to where that function was called.", moves(stepping.back_finish)),
    Command("line", ("i",), "Run to the thread's next script line.", advances(moves(stepping.next_line))),
    Command("back-line", ("I",), "Go back to the previous script line.", moves(stepping.previous_line)),
    Command(
        "event",
        ("]", "alt+right"),
        "Run to the next change of a page or thread.",
        advances(moves(stepping.event)),
    ),
    Command("back-event", ("[", "alt+left"), "Go back to the previous change.", moves(stepping.back_event)),
    Command(
        "stop",
        ("}", "alt+down"),
        "Go to the next mark, fork, question or breakpoint.",
        moves(running.next_stop),
    ),
    Command(
        "back-stop",
        ("{", "alt+up"),
        "Go back to a mark, fork, question or breakpoint.",
        moves(running.previous_stop),
    ),
    Command("first", KEYS["first"], "Go to step 0, just after boot, or at power-on.", moves(stepping.first)),
    Command("last", KEYS["last"], "Go to the last step.", moves(stepping.last)),
    Command("into", ("x",), "Run to the next function call.", advances(moves(stepping.into))),
    Command("back-into", ("X",), "Go back to the previous function call.", moves(stepping.back_into)),
    Command("mark", KEYS["mark"], "Mark this step with a letter, or unmark it.", mark, "[LETTER]"),
    Command("mark-goto", KEYS["mark-goto"], "Go to the mark with that letter.", go_to_mark, "LETTER"),
    Command("goto", (), "Go to a moment or an extreme.", go_to, "MOMENT|min S|max S"),
    Command("digest", (), "Print the digest of the whole memory.", does(lambda s: s.tell_digest())),
)
_RUN: Final = (
    Command("continue", ("c",), "Run to a breakpoint, a mark or the end.", advances(moves(running.run))),
    Command("reverse", ("C",), "Go back to a breakpoint, a mark or the start.", moves(running.reverse)),
    Command("play", ("space",), "Play or pause.", play),
    Command("faster", ("+", "="), "Play faster.", asks(lambda desk: desk.change_speed(1))),
    Command("slower", ("-",), "Play slower.", asks(lambda desk: desk.change_speed(-1))),
    Command("unit", ("*",), "Play by steps or by moves of pages.", asks(lambda desk: desk.turn_unit())),
    Command("speed", (), "Set the speed of playback.", typed(set_speed, "speed"), "N steps|N moves|full"),
    Command(
        "interrupt",
        KEYS["interrupt"],
        "Stop, close what was opened last, or follow.",
        asks(lambda d: d.interrupt()),
    ),
)
_STOPS: Final = (
    Command("break", ("b",), "Set a breakpoint at the cursor or WHERE.", set_break, "[WHERE]"),
    Command("watch", ("w",), "Watch the inspector's field or CELL.", set_watch, "[CELL]"),
    Command(
        "until",
        ("u",),
        "Run until EXPR holds.",
        typed(advances(takes(running.until)), "until"),
        "EXPR [fence N]",
    ),
    Command(
        "back-until", ("U",), "Go back until EXPR held.", types(running.back_until, "back-until"), "EXPR"
    ),
    Command("to-cursor", ("t",), "Run to the source cursor's line.", advances(moves(running.to_line))),
    Command("stops", (), "List breakpoints and watchpoints.", does(stops.list_stops), renamed="breakpoints"),
    Command("delete", (), "Delete breakpoint N, or all.", takes(stops.delete), "[N|all]"),
    Command("enable", (), "Enable breakpoint N.", types(stops.enable, "enable"), "N"),
    Command("disable", (), "Disable breakpoint N.", types(stops.disable, "disable"), "N"),
)
_BRANCHES: Final = (
    Command("fork", ("B",), "Start a branch at this step.", takes(branches.fork), "[NAME]"),
    Command("branch", (), "List the branches, or switch to one.", takes(branches.branch), "[N|NAME]"),
    Command("drop", (), "Give up a branch and free its history.", types(branches.drop, "drop"), "BRANCH"),
    Command("rename", (), "Rename the current branch.", types(branches.rename, "rename"), "NAME"),
    Command(
        "reschedule",
        (),
        "Branch off with another schedule.",
        types(branches.reschedule, "reschedule"),
        "SCHEDULE",
    ),
    Command("call", (), "Call a function in a new branch.", types(branches.call, "call"), "[cpu N] CALL"),
    Command("compare", ("d",), "Compare with a branch or a step.", takes(branches.compare), "[A [B]]"),
    Command(
        "token",
        ("y",),
        "Show the state string, or write it to FILE.",
        state,
        "[FILE]",
        renamed="state",
    ),
    Command(
        "save",
        (),
        "Save the session under a name.",
        types(saved_moment.save, "save"),
        "NAME",
        guest="this server keeps no sessions; :state FILE downloads this moment",
    ),
    Command("export", ("e",), "Export as .svg, .png, .txt, .json or .toml.", export, "[FILE]"),
    Command("undo", ("backspace",), "Undo the last command.", asks(lambda desk: desk.undo_last())),
    Command("redo", ("ctrl+r",), "Redo the last undone command.", asks(lambda desk: desk.redo_last())),
)
_WHO: Final = (
    Command(
        "next-thread", (">",), "Let s step the next thread.", does(lambda session: session.turn_thread(1))
    ),
    Command(
        "previous-thread",
        ("<",),
        "Let s step the previous thread.",
        does(lambda session: session.turn_thread(-1)),
    ),
    Command(
        "schedule", ("a",), "Let s follow the schedule.", does(lambda session: session.follow_schedule())
    ),
    Command("thread", (), "Let s step the named thread.", choose, "NAME"),
)
_LOOK: Final = (
    Command("centre", ("M",), "Switch the centre between stage and map.", turn_centre, "[stage|map]"),
    Command("left", KEYS["left"], "Move one colour to the left.", does(lambda session: session.move(-1, 0))),
    Command(
        "right", KEYS["right"], "Move one colour to the right.", does(lambda session: session.move(1, 0))
    ),
    Command("up", KEYS["up"], "Move to the queue type above.", does(lambda session: session.move(0, -1))),
    Command("down", KEYS["down"], "Move to the queue type below.", does(lambda session: session.move(0, 1))),
    Command(
        "far-left",
        KEYS["far-left"],
        "Move 64 colours to the left.",
        does(lambda session: session.move(-64, 0)),
    ),
    Command(
        "far-right",
        KEYS["far-right"],
        "Move 64 colours to the right.",
        does(lambda session: session.move(64, 0)),
    ),
    Command(
        "pages",
        ("enter",),
        "Show the colour's next page, or list FILTER.",
        list_or_cycle,
        "[FILTER [by FIELD]]",
    ),
    Command("page", ("/",), "Find a page: N, pa ADDRESS, OBJECT PINDEX or EXPR.", find_page_of, "WHAT"),
    Command("next-match", (".",), "Show the next page found.", does(lambda s: find_page.turn_match(s, 1))),
    Command(
        "previous-match",
        (",",),
        "Show the previous page found.",
        does(lambda s: find_page.turn_match(s, -1)),
    ),
    Command("color", (), "Go to a colour.", go_to_color, "[TYPE] N"),
    Command("follow", (), "Follow the page of the last step again.", does(lambda session: session.follow())),
)
_LENSES: Final = (
    Command("view", (), "Show the named lens.", show_lens, "NAME"),
    Command(
        "chart", (), "Draw series or EXPRs over steps or ticks.", takes(charts.chart), "[SERIES] [by ticks]"
    ),
    Command(
        "explore",
        (),
        "Search all schedules, or open an outcome.",
        explore,
        "[OPTIONS|open OUTCOME]",
    ),
    Command(
        "experiment",
        (),
        "Measure a claim, or open a run of it.",
        measure_or_open,
        "[NAME|open ROW|back]",
    ),
    Command("next-view", ("v",), "Show the next lens.", asks(lambda desk: desk.turn_lens(1))),
    Command("previous-view", ("V",), "Show the previous lens.", asks(lambda desk: desk.turn_lens(-1))),
    Command("why", ("W",), "Explain how the field got its value.", takes(stops.ask_why), "[CELL] [all]"),
    Command(
        "whynot",
        (),
        "Show what prevents freeing a page, or WHAT.",
        takes(whynot.ask_whynot),
        "[WHAT [PAGE]]",
    ),
    Command("next-field", (")",), "Select the page's next field.", does(lambda s: stops.turn_field(s, 1))),
    Command(
        "previous-field",
        ("(",),
        "Select the page's previous field.",
        does(lambda s: stops.turn_field(s, -1)),
    ),
    Command("print", (), "Show the value of EXPR.", types(watching.print_value, "print"), "EXPR"),
    Command("watching", (), "Watch EXPR after every step.", takes(watching.watch_values), "[EXPR|delete N]"),
    Command("outline", ("O",), "Fold or unfold the code.", turn_outline),
    Command("frame", (), "Show the code of frame N, or of the caller.", show_frame, "[N]"),
)
_PANELS: Final = (
    *(Command(f"panel-{n}", (str(n),), f"Go to the {name}.", focuses(n)) for n, name in enumerate(PANELS, 1)),
    Command("next-panel", KEYS["next-panel"], "Go to the next panel.", asks(lambda desk: desk.turn_focus(1))),
    Command(
        "previous-panel",
        KEYS["previous-panel"],
        "Go to the previous panel.",
        asks(lambda desk: desk.turn_focus(-1)),
    ),
    Command("zoom", KEYS["zoom"], "Zoom the panel in or out.", asks(lambda desk: desk.toggle_zoom())),
)
_PROGRAM: Final = (
    Command("console", KEYS["console"], "Type a command.", asks(lambda desk: desk.open_console(""))),
    Command("predict", ("p",), "Ask the due question, or predict a step.", predict),
    Command("answer", (), "Answer the question.", types(questions.answer, "answer"), "N|CHOICE"),
    Command(
        "question",
        (),
        "Ask the due question, or go to one.",
        takes(questions.ask_question),
        "[next|previous|N|ID]",
    ),
    Command("questions", (), "List the scenario's questions.", does(questions.list_questions)),
    Command("answers", (), "Show the kept answers, or write them to FILE.", answers, "[FILE]"),
    Command("continue-past", ("!",), "Continue past questions.", continue_past),
    Command("learn", (), "Let runs stop at questions, or not.", learn, "[on|off]"),
    Command(
        "lesson", ("L",), "Open or close the lesson, or go to a page.", read_lesson, "[next|previous|N|all]"
    ),
    Command("lesson-next", ("r",), "Read on: turn to the next page.", partial(turn_page, by=1)),
    Command("lesson-previous", ("R",), "Turn to the previous page.", partial(turn_page, by=-1)),
    Command("help", KEYS["help"], "Show this help.", asks(lambda desk: desk.show_help())),
    Command("messages", (), "Show the messages so far.", does(messages.tell_messages)),
    Command("explain", (), "Explain a field, flag, queue, function or term.", explain, "[WORD]"),
    Command("jump", ("o",), "Go to a panel by its letter.", jump, "LETTER"),
    Command("open", (), "Open another scenario, or choose one.", open_or_browse, "[SCENARIO]"),
    Command("browse", ("ctrl+o",), "Choose a scenario in the library.", asks(lambda desk: desk.browse())),
    Command(
        "map",
        (),
        "Show dumps of real machines on the map.",
        show_dumps,
        "FILE [FILE...]",
        guest="this server reads no files of yours; pageq map FILE shows them on your computer",
    ),
    Command(
        "machine", (), "Open the scenario on another machine.", opens("on_machine", "machine"), "MACHINE"
    ),
    Command("rules", (), "Open the scenario under other rules.", opens("under_rules", "rules"), "RULES"),
    Command(
        "edit",
        ("E",),
        "Edit the scenario in $EDITOR and reload it.",
        leaves(asks(lambda desk: desk.edit_scenario())),
        guest="this server starts no editor; :export NAME.toml downloads the scenario",
    ),
    Command("theme", (), "Switch to the next or the named theme.", change_theme, "[NAME]"),
    Command("ascii", (), "Toggle ASCII-only characters.", asks(lambda desk: desk.toggle_ascii())),
    Command("projector", (), "Toggle bigger cells.", asks(lambda desk: desk.toggle_projector())),
    Command("quit", KEYS["quit"], "Quit pageq.", leaves(asks(lambda desk: desk.leave())), aliases=("q",)),
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


def offered(command: Command, *, guest: bool) -> bool:
    """Whether a command is offered: in the palette, on the help page, and as a completion."""
    return not (guest and command.guest)


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


def usage_of(line: str) -> str:
    """Return the usage of the command that a line starts with, and what it does; "" if there is none."""
    try:
        command, _ = parse(line.strip().split(" ")[0].removeprefix(":"))
    except BadInput:
        return ""
    return f":{command.word} {command.argument}".strip() + f"  {command.help}"


def _abbreviated(word: str) -> Command:
    verb = word_of(word, VERBS)
    if verb:
        return VERBS[verb]
    raise BadInput(f"unknown command {word[:40]!r}; :help lists them")
