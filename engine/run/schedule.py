"""Schedules: who takes the next step, as text and as a choice (DESIGN, decision 6).

Each way to choose is one file of the package `schedulers`: the forms in which it is written, `GRAMMAR`, a
function `read`, and its `Scheduler`. The forms are read off the files' text, so that `--help` loads none.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Final

from engine.errors import BadInput, Line
from engine.words import thread_named

if TYPE_CHECKING:
    from engine.machine.machine import Machine
    from engine.run.events import Choice
    from engine.run.threads import Threads

_FOLDER: Final = Path(__file__).with_name("schedulers")
_GRAMMAR: Final = re.compile(r'^GRAMMAR: Final = "(.+)"$', re.MULTILINE)
_ITEMS: Final = "items"


def _grammars() -> dict[str, str]:
    found = {}
    for path in sorted(_FOLDER.glob("[!_]*.py"), key=lambda path: (path.stem == _ITEMS, path.stem)):
        grammar = _GRAMMAR.search(path.read_text(encoding="utf-8"))
        if grammar is None:
            raise ImportError(f"{path.name} is not a scheduler: it has no GRAMMAR")
        found[path.stem] = grammar[1]
    return found


GRAMMARS: Final = _grammars()
"""Each scheduler's module and its forms; items are the last: they are what no other scheduler reads."""

ITEM_FORMS: Final = GRAMMARS[_ITEMS]
GRAMMAR: Final = "{}, separated by commas; or {}".format(
    ITEM_FORMS, ", ".join(form for name, form in GRAMMARS.items() if name != _ITEMS)
)
"""All that a SCHEDULE can be, as `--help` says it."""

WORDS: Final = frozenset(re.findall(r"(?:^|, )([a-z]+)", "\n".join(GRAMMARS.values()), re.MULTILINE))
"""The words with which these forms begin: no thread may be called so."""


@dataclass(frozen=True)
class Word:
    """One word of a schedule, and the file and line it is in, if it is in one."""

    text: str
    file: str | None = field(default=None, compare=False)
    line: Line = field(default=None, compare=False)


@dataclass(frozen=True)
class Written:
    """A schedule as it was written: line breaks separate words like commas, `#` begins a comment.

    file:  the file it is in, or None; line: the file's line of each line of the text, from 1.
    typed: whether it is from the command line, where it may name a file.
    """

    text: str
    file: str | None = None
    line: Callable[[int], Line] = lambda _: None
    typed: bool = False

    @cached_property
    def words(self) -> tuple[Word, ...]:
        """The words, without comments."""
        found = []
        for number, line in enumerate(self.text.split("\n"), 1):
            for part in line.splitlines():
                texts = (text.strip() for text in part.split("#")[0].split(","))
                found += [Word(text, self.file, self.line(number)) for text in texts if text]
        return tuple(found)


class Scheduler(ABC):
    """A way to choose who takes the next step.

    It remembers nothing: how far it is gone is in the cells `schedule_item`, `schedule_left` and
    `schedule_random`, which begin as 0, 0 and `seed`.

    text:  how it is written; named: the threads that it names, each with the word that does.
    """

    text: str
    seed: int = 0
    named: tuple[tuple[str, Word], ...] = ()

    @abstractmethod
    def choose(self, threads: Threads, step: int) -> Choice | None:
        """Who takes the step after `step`, the progress noted in cells; None: the cpus take turns.

        Errors: BadInput when what it asks for cannot run.
        """

    @abstractmethod
    def is_over(self, vm: Machine) -> bool:
        """Whether the cpus take turns from here on, for good."""

    def check_names(self, threads: Sequence[str]) -> None:
        """See that every thread that it names is one of these.

        Errors: BadInput with the place of the word that names another one.
        """
        for name, word in self.named:
            try:
                thread_named(threads, name)
            except BadInput as error:
                text = f"schedule item {word.text!r}: {error.message}"
                raise BadInput(text, file=word.file, line=word.line) from None


def parse_schedule(text: str) -> Scheduler:
    """Read a SCHEDULE that names no file; none at all is the default, `rr`.

    Errors: BadInput that names the word that is none.
    """
    return read_written(Written(text))


def read_written(written: Written) -> Scheduler:
    """Read a SCHEDULE, asking one scheduler after the other.

    Errors: BadInput with the line of the word that is none.
    """
    read = (import_module(f"engine.run.schedulers.{name}").read(written) for name in GRAMMARS)
    # The last one, of items, reads every text or refuses it.
    found: Scheduler = next(scheduler for scheduler in read if scheduler is not None)
    return found
