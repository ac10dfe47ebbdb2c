"""Completion of a console line: what its last word can become. Nothing runs, and the cursor stays.

The first word is a command; what follows depends on it: a lens, a scenario, a cell, an expression.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from engine.constants import QUEUE_BASES, VMSTATS_FIELDS
from engine.debug.entry_points import kernel_functions
from engine.debug.series import QUANTITIES
from engine.debug.stop_syntax import EVENTS
from engine.debug.whynot import CONDITIONS
from engine.errors import BadInput
from engine.language.builtins import FUNCTIONS
from engine.language.resolve import TABLES
from engine.language.symbols import Kind, Names
from engine.language.values import CONSTANTS
from engine.machine.topology import PRESETS
from engine.scenario.format import CENTRES
from engine.script.verbs import verbs
from explorer import THEMES
from explorer.commands.actions import LETTERS
from explorer.commands.glossary import terms
from explorer.commands.table import VERBS, offered, parse
from explorer.lenses.kit.registry import LENSES
from explorer.session.charts import BY
from explorer.session.computer import small_presets
from explorer.session.experiment import OPEN
from explorer.session.experiment_list import listed, varied_keys
from explorer.session.lesson import WAYS
from explorer.session.page_list import SORTS, filter_words
from explorer.session.questions import STATES, asked_here
from explorer.session.search_options import OPTIONS
from explorer.session.session import Session

Words = Iterable[str]

MACHINES: Final = (*PRESETS, "host")
"""The machines that have a name."""

MOST: Final = 500
"""Maximum number of candidates; more are of no use to a reader."""


@dataclass(frozen=True)
class Completion:
    """What the text of a line from column `start` on can become: the candidates, sorted.

    A candidate that can be followed by a further word ends with a space.
    """

    start: int
    candidates: tuple[str, ...]

    def common(self, line: str) -> str:
        """Return the line with what all candidates have in common."""
        if not self.candidates:
            return line
        first, last = min(self.candidates), max(self.candidates)
        same = next((n for n, letter in enumerate(first) if last[n : n + 1] != letter), len(first))
        return line[: self.start] + first[:same]


def complete(session: Session, line: str, more: Words = ()) -> Completion:
    """Return what the last word of a line can become.

    more: further verbs, beside those of the console.
    """
    head = line[: len(line) - len(line.lstrip(" :"))]
    word, space, argument = line[len(head) :].partition(" ")
    if not space:
        known = (verb for verb, command in VERBS.items() if offered(command, guest=session.guest))
        return _found(len(head), word, (f"{verb} " for verb in {*known, *more}))
    try:
        command, _ = parse(word)
    except BadInput:
        return Completion(len(line), ())
    source = _SOURCES.get(command.id)
    if source is None:
        return Completion(len(line), ())
    start, words = source(session, argument)
    first = _FIRST[command.id](session) if command.id in _FIRST else ()
    return _found(len(line) - len(argument) + start, argument[start:], words, first)


def choices(session: Session, word: str) -> tuple[str, ...]:
    """Return the values that the argument of the command `word` can have, as far as they can be listed."""
    return tuple(word.rstrip() for word in complete(session, f"{word} ").candidates)


def _found(start: int, begun: str, words: Words, first: Words = ()) -> Completion:
    ahead = {word: n for n, word in enumerate(first)}
    known = sorted(set(words), key=lambda word: (ahead.get(word, len(ahead)), word))
    exact = [word for word in known if word.startswith(begun)]
    lower = begun.lower()
    found = exact or [word for word in known if word.lower().startswith(lower)]
    return Completion(start, tuple(found[:MOST]))


# --- where the candidates come from -------------------------------------------------------------------------

Source = Callable[[Session, str], tuple[int, Words]]
"""(session, argument) -> where the word to complete starts in the argument, and the candidates."""


def _whole(words: Callable[[Session], Words]) -> Source:
    """Make a source whose candidates are whole arguments."""
    return lambda session, _: (0, words(session))


def _last(words: Callable[[Session], Words]) -> Source:
    """Make a source whose candidates are single words of the argument."""
    return lambda session, argument: (argument.rfind(" ") + 1, words(session))


def _threads(session: Session) -> Words:
    return [program.name for program in session.programs]


def _lesson_pages(session: Session) -> Words:
    return [*WAYS, "all", *(str(number) for number, _ in enumerate(session.reading.pages, 1))]


def _answers(session: Session) -> Words:
    asked = asked_here(session)
    return asked.choices if asked else ()


def _branches(session: Session) -> Words:
    return [branch.name for _, branch in session.history.kept()]


def _stop_numbers(session: Session) -> Words:
    return [str(stop.number) for stop in session.stops]


def _last_file(session: Session, argument: str) -> tuple[int, Words]:
    """Complete the last of several files."""
    start = argument.rfind(" ") + 1
    return start, session.computer.file_names(argument[start:])


def _scenarios(session: Session, argument: str) -> tuple[int, Words]:
    return 0, [*session.library.names, *_toml_files(session, argument)]


def _toml_files(session: Session, begun: str) -> list[str]:
    """The TOML files, and the folders, that a path can become; none before it has a letter."""
    files = session.computer.file_names(begun) if begun else []
    return [path for path in files if path.endswith((".toml", "/"))]


def _breakpoints(session: Session, argument: str) -> tuple[int, Words]:
    """Complete a breakpoint: a function, a thread's line, or an event; after `if`, an expression."""
    before, found, condition = argument.rpartition(" if ")
    if found:
        start, words = expression_words(session, condition)
        return len(before) + len(found) + start, words
    words = argument.split(" ")
    if len(words) > 1:
        after = _threads(session) if words[0] in ("block", "wake") else ("return", "if ")
        return argument.rfind(" ") + 1, after
    thread, colon, _ = argument.partition(":")
    lines = _script_lines(session, thread) if colon else [f"{name}:" for name in _threads(session)]
    return 0, [*EVENTS, *lines, *kernel_functions()]


def _script_lines(session: Session, name: str) -> list[str]:
    return [
        f"{name}:{instruction.line}"
        for program in session.programs
        if program.name == name
        for instruction in program.instructions
    ]


def _pages(session: Session, argument: str) -> tuple[int, Words]:
    start, words = expression_words(session, argument)
    forms = [] if start else ["pa ", *(f"{name} " for name in session.names.objects)]
    return start, [*words, *forms]


def _page_lists(session: Session, argument: str) -> tuple[int, Words]:
    """Complete a filter of pages; after `by`, a field to sort by."""
    before, found, word = argument.rpartition("by ")
    if found:
        return len(before) + len(found) + (word[:1] == "-"), SORTS
    start, words = expression_words(session, argument)
    more = filter_words(session) if not start else ["by "] if argument[start - 1] == " " else []
    return start, [*words, *more]


def _places(session: Session, argument: str) -> tuple[int, Words]:
    """Complete what `goto` takes: the end, a thread's line, or an extreme of a series."""
    most, space, series = argument.partition(" ")
    if space:
        start, words = _series(session, series)
        return len(most) + 1 + start, words
    thread, colon, _ = argument.partition(":")
    lines = _script_lines(session, thread) if colon else [f"{name}:" for name in _threads(session)]
    return 0, ["end", "min ", "max ", *lines]


def _series(session: Session, argument: str) -> tuple[int, Words]:
    """Complete series: words, or an expression."""
    start, words = expression_words(session, argument)
    return start, [*words, *(() if argument[start - 1 : start] == "." else QUANTITIES)]


def _chart(session: Session, argument: str) -> tuple[int, Words]:
    """Complete series; after `by`, what they are drawn over."""
    before, found, _ = argument.rpartition(" by ")
    if found:
        return len(before) + len(found), BY
    start, words = _series(session, argument)
    return start, [*words, *(["by "] if argument[start - 1 : start] == " " else [])]


def _explore(session: Session, argument: str) -> tuple[int, Words]:
    """Complete what `explore` takes: its words, an outcome that was found, or an option."""
    word, space, _ = argument.partition(" ")
    if word == "open" and space:
        outcomes = session.explored.exploration.outcomes if session.explored else ()
        return len(word) + 1, dict.fromkeys(found.outcome for found in outcomes)
    first = ("again ", "open ", "depth ") if not space else ()
    return argument.rfind(" ") + 1, [*first, *(f"{option} " for option in OPTIONS)]


def _experiment(session: Session, argument: str) -> tuple[int, Words]:
    """Complete what `experiment` takes: a word, a name or a file; after a name, a setting that it varies."""
    word, space, rest = argument.partition(" ")
    if not space:
        files = _toml_files(session, argument)
        more = ("open ", "back", "rows", "list") if session.experiments.shown else ()
        return 0, [*(f"{one.name} " for one in listed()), *more, *files]
    if word == OPEN:
        return len(argument), ()
    return len(argument) - len(rest.rpartition(" ")[2]), [f"{key}=" for key in varied_keys(word)]


def _whynot(session: Session, argument: str) -> tuple[int, Words]:
    """Complete a question about a page; after it, the page."""
    what, space, page = argument.partition(" ")
    if not space:
        return 0, [f"{question} " for question in CONDITIONS]
    start, words = expression_words(session, page)
    return len(what) + 1 + start, words


def _cells(more: str) -> Source:
    """Make a source of cells and expressions; more: a word that the argument can be, or end with."""

    def source(session: Session, argument: str) -> tuple[int, Words]:
        start, words = expression_words(session, argument)
        apart = start == 0 or argument[start - 1] == " "
        return start, [*words, *([more] if apart else [])]

    return source


def _calls(session: Session, argument: str) -> tuple[int, Words]:
    if "(" in argument:
        return expression_words(session, argument)
    return argument.rfind(" ") + 1, [f"{name}(" for name in verbs()]


# --- expressions ------------------------------------------------------------------------------------------

_OPEN: Final = re.compile(r"(\w+)\[(\w*)$")
_PATH: Final = re.compile(r"((?:[A-Za-z_]\w*(?:\[[^\][\s]*\])?\.)*)(\w*)$")


def expression_words(session: Session, text: str) -> tuple[int, Words]:
    """Return where the last name of an expression starts, and the names that it can become."""
    names = session.names
    if inside := _OPEN.search(text):
        return inside.start(2), _indexes(inside[1], names)
    path = _PATH.search(text)
    assert path is not None  # it matches the empty text
    owner, begun = path[1].removesuffix("."), path[2]
    if owner:
        return path.start(2), _members(owner, names)
    constants = CONSTANTS if begun else ()
    tables = (f"{name}{'.' if name == 'global' else '['}" for name in TABLES)
    return path.start(2), [
        *tables,
        "vmstats.",
        "NULL",
        *(f"{name}(" for name in FUNCTIONS),
        *names.objects,
        *names.parameters,
        *(f"{name}." for name in names.threads),
        *(base for base in QUEUE_BASES if base != "NONE"),
        *constants,
    ]


def _indexes(table: str, names: Names) -> Words:
    """Return what can be between the brackets of a table."""
    if table == "queue":
        return [f"{base}," for base in QUEUE_BASES if base != "NONE"]
    known = {"object": names.objects, "thread": names.threads, "process": names.processes}
    pages = (variable for _, _, variable in names.page_variables) if table == "page" else ()
    return [*(f"{name}]" for name in known.get(table, ())), *(f"{name}]" for name in pages)]


def _members(owner: str, names: Names) -> Words:
    """Return the fields of what `owner` names: a table's row, a thread, a variable with a page."""
    table, _, rest = re.sub(r"\[[^\]]*\]", "", owner).partition(".")
    if owner == "vmstats" or (table == "cpu" and rest in ("view", "adj")):
        return VMSTATS_FIELDS
    if table == "thread" and rest == "var":
        return names.variables.get(owner.partition("[")[2].partition("]")[0], ())
    if owner in names.variables:
        return [name for name in names.variables[owner] if not name.startswith("$")]
    thread, _, variable = owner.partition(".")
    held = names.variables.get(thread, {}).get(variable)
    if owner == "p" or (held is not None and held.kind is Kind.PAGE):
        return TABLES["page"].specs()
    if rest or table not in TABLES:
        return ()
    parts = {"cpu": ("view.", "adj."), "thread": ("var.",), "object": ("page[",)}
    return [*TABLES[table].specs(), *parts.get(table, ())]


_EXPRESSION: Final[Source] = expression_words

_SOURCES: Final[dict[str, Source]] = {
    "view": _whole(lambda _: LENSES),
    "open": _scenarios,
    "thread": _whole(_threads),
    "break": _breakpoints,
    "call": _calls,
    "page": _pages,
    **dict.fromkeys(("watch", "until", "back-until", "print"), _EXPRESSION),
    "why": _cells("all"),
    "whynot": _whynot,
    "watching": _cells("delete "),
    "chart": _chart,
    "explore": _explore,
    "experiment": _experiment,
    "pages": _page_lists,
    "explain": _whole(lambda session: [*session.names.parameters, *terms(), *kernel_functions()]),
    "machine": _whole(lambda session: small_presets(session.computer.bounds) if session.guest else MACHINES),
    "rules": _whole(lambda _: ("document", "source")),
    "theme": _whole(lambda _: THEMES),
    "lesson": _whole(_lesson_pages),
    "centre": _whole(lambda _: CENTRES),
    "color": _last(lambda _: [f"{base} " for base in QUEUE_BASES]),
    "goto": _places,
    "speed": _last(lambda _: ("steps", "moves", "full")),
    **dict.fromkeys(("branch", "drop", "compare"), _last(_branches)),
    "delete": _whole(lambda session: ["all", *_stop_numbers(session)]),
    **dict.fromkeys(("enable", "disable"), _whole(_stop_numbers)),
    "question": _whole(lambda s: ["next", "previous", *(question.id for question in s.questions)]),
    "answer": _whole(_answers),
    "learn": _whole(lambda _: STATES),
    "mark-goto": _whole(lambda session: filter(None, session.marks.values())),
    "jump": _whole(lambda _: LETTERS),
    **dict.fromkeys(("export", "token"), lambda s, argument: (0, s.computer.file_names(argument))),
    "map": _last_file,
}
"""Command id -> where the candidates of its argument come from."""

_FIRST: Final[dict[str, Callable[[Session], Words]]] = {"pages": filter_words}
"""Command id -> the candidates that are listed first: a reader chooses from them, and types the others."""
