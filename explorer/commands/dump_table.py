"""The commands of the screen of a dump: the table of its keys, its footer and its help.

They have the ids, and so the keys, of the main screen's commands that mean the same there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from engine.errors import BadInput
from explorer.commands.default_keys import KEYS
from explorer.commands.keys import Keys
from explorer.session.typed_word import word_of
from explorer.views.rows import Tip


@dataclass(frozen=True)
class DumpCommand:
    """A command of the screen of a dump.

    id:       that of the command of the main screen which means the same; the word that is typed.
    help:     one short imperative sentence.
    argument: what is typed after the word, as help shows it; empty if there is nothing.
    """

    id: str
    help: str
    argument: str = ""

    @property
    def keys(self) -> tuple[str, ...]:
        """The default keys."""
        return KEYS.get(self.id, ())


DUMP_COMMANDS: Final = {
    command.id: command
    for command in (
        DumpCommand("step", "Go to the next moment."),
        DumpCommand("back", "Go to the previous moment."),
        DumpCommand("first", "Go to the first moment."),
        DumpCommand("last", "Go to the last moment."),
        DumpCommand("goto", "Go to moment N; so does N alone.", "N"),
        DumpCommand("mark", "Mark this moment, or unmark it."),
        DumpCommand("mark-goto", "Go to the marked moment."),
        DumpCommand("left", "Move one colour to the left."),
        DumpCommand("right", "Move one colour to the right."),
        DumpCommand("up", "Move to the queue type above."),
        DumpCommand("down", "Move to the queue type below."),
        DumpCommand("far-left", "Move 64 colours to the left."),
        DumpCommand("far-right", "Move 64 colours to the right."),
        DumpCommand("color", "Go to a colour.", "[TYPE] N"),
        DumpCommand("next-panel", "Go to the next panel."),
        DumpCommand("previous-panel", "Go to the previous panel."),
        DumpCommand("zoom", "Zoom the panel in or out."),
        DumpCommand("console", "Type a number or a command."),
        DumpCommand("interrupt", "Close what is open; over a run, go back to it."),
        DumpCommand("theme", "Switch to the next or the named theme.", "[NAME]"),
        DumpCommand("ascii", "Toggle ASCII-only characters."),
        DumpCommand("projector", "Toggle bigger cells."),
        DumpCommand("help", "Show this help."),
        DumpCommand("quit", "Quit; over a run, go back to it."),
    )
}
"""Every command by its id."""

_IN_TIME: Final = (("next", "step"), ("back", "back"), ("compare", "mark"))
_ALWAYS: Final = (("colour", "right"), ("panel", "next-panel"), ("zoom", "zoom"))
_REST: Final = (("help", "help"), ("cmd", "console"))


def parse_line(text: str) -> tuple[DumpCommand, str]:
    """Parse what was typed into a command and its argument; a number alone goes to that moment.

    Errors: BadInput for an unknown or ambiguous word, or an argument that the command does not take.
    """
    word, _, argument = text.strip().partition(" ")
    argument = argument.strip()
    if word[:1].isdigit():
        word, argument = "goto", text.strip()
    name = word_of(word, DUMP_COMMANDS)
    if not name:
        raise BadInput(
            f"unknown command {word[:40]!r}; use the number of a moment, or a command that ? lists"
        )
    command = DUMP_COMMANDS[name]
    if argument and not command.argument:
        raise BadInput(f"{name} takes no argument; remove {argument[:60]!r}")
    return command, argument


def dump_tips(keys: Keys, width: int, moments: int, *, over_a_run: bool) -> tuple[Tip, ...]:
    """Return the keys of the footer, the most useful first, as many as fit.

    over_a_run: whether the screen is over that of a run, to which it returns.
    """
    leave = ("back to the run", "interrupt") if over_a_run else ("quit", "quit")
    first = _tips(keys, (*(_IN_TIME if moments > 1 else ()), *_ALWAYS))
    ends = _tips(keys, (*_REST, leave) if width >= 60 else (_REST[0], leave))
    while first and sum(tip.columns for tip in (*first, *ends)) > width:
        first.pop()
    while ends and sum(tip.columns for tip in ends) > width:
        ends.pop()
    return (*first, *ends)


def _tips(keys: Keys, named: tuple[tuple[str, str], ...]) -> list[Tip]:
    """Return the tips of the commands that have a key."""
    found = ((next(iter(keys.words(DUMP_COMMANDS[name])), ""), text, name) for text, name in named)
    return [Tip(key, text, name) for key, text, name in found if key]


def dump_help(keys: Keys, width: int) -> str:
    """Return the help of the screen: how to read it, and every command with the user's keys."""
    lines = [*LEGEND, ""]
    for command in DUMP_COMMANDS.values():
        words = " ".join(keys.words(command))
        verb = f":{command.id} {command.argument}".strip()
        row = f"{words:<14} {verb:<17} {command.help}"
        lines += [row] if width >= 70 else [f"{words:<14} {verb}", f"  {command.help}"]
    return "\n".join(lines)


LEGEND: Final = (
    "Each row is a queue type, each cell a colour or the longest of several: the more pages, the higher its "
    "glyph. A full cell has the number of pages that is below the total; each type has its own. ? is what "
    "the dump does not say. A cell in reverse video has changed since the moment with which this one is "
    "compared: the one before, or the marked one.",
    "",
    "The limits are in the order of their size, with the pages that they limit between them: a limit above "
    "▶ is not met. The timeline has a bar for the colours that changed at each moment; a click goes there.",
)
"""What the screen shows."""
