"""Schedules: parsing SCHEDULE, and the interface of schedulers (DESIGN, decision 6).

Each scheduler is one file of the package `schedulers`: its syntax `GRAMMAR`, a function `read`, and its
`Scheduler`. `GRAMMAR` is extracted from the source text of the files, so that `--help` imports none of them.
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
"""Module of each scheduler -> its syntax. Items come last: they read every text that no other one reads."""

ITEM_FORMS: Final = GRAMMARS[_ITEMS]
GRAMMAR: Final = "{}, separated by commas; or {}".format(
    ITEM_FORMS, ", ".join(form for name, form in GRAMMARS.items() if name != _ITEMS)
)
"""The syntax of SCHEDULE, as `--help` prints it."""

WORDS: Final = frozenset(re.findall(r"(?:^|, )([a-z]+)", "\n".join(GRAMMARS.values()), re.MULTILINE))
"""The lower-case words that these forms start with; a thread may not have such a name."""


@dataclass(frozen=True)
class Word:
    """One word of a schedule, with its file and line if it comes from a file."""

    text: str
    file: str | None = field(default=None, compare=False)
    line: Line = field(default=None, compare=False)


@dataclass(frozen=True)
class Written:
    """The text of a schedule: commas and line breaks separate words, `#` starts a comment.

    file:  the file it comes from, or None.
    line:  maps a line of the text (from 1) to a line of the file.
    typed: whether it comes from the command line, where it may name a file.
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
            place = self.line(number)
            for part in line.splitlines():
                texts = (text.strip() for text in part.split("#")[0].split(","))
                found += [Word(text, self.file, place) for text in texts if text]
        return tuple(found)


class Scheduler(ABC):
    """A strategy that chooses who takes the next step.

    It has no state: its progress is in the cells `schedule_item`, `schedule_left` and `schedule_random`,
    which start as 0, 0 and `seed`.

    text:  the schedule as text.
    named: the threads that it names, each with the word that names it.
    """

    text: str
    seed: int = 0
    named: tuple[tuple[str, Word], ...] = ()

    @abstractmethod
    def choose(self, threads: Threads, step: int) -> Choice | None:
        """Choose who takes the step after `step`, and store the progress; None: the cpus take turns.

        Errors: BadInput if the chosen thread or event cannot run.
        """

    @abstractmethod
    def is_over(self, vm: Machine) -> bool:
        """Whether the cpus take turns for the rest of the run."""

    def keeps_time(self, vm: Machine) -> bool:  # noqa: ARG002  # a list of items looks at its progress
        """Whether the ticks of `steps_per_tick` do not come now, only those that the schedule has."""
        return False

    def check_names(self, threads: Sequence[str]) -> None:
        """Check that `threads` contains every thread that the schedule names.

        Errors: BadInput with the place of the first word that names another thread.
        """
        for name, word in self.named:
            try:
                thread_named(threads, name)
            except BadInput as error:
                text = f"schedule item {word.text[:60]!r}: {error.message}"
                raise BadInput(text, file=word.file, line=word.line) from None

    def check_unnamed(self, thread: str, why: str) -> None:
        """Check that the schedule does not name a thread that runs without it.

        Errors: BadInput with the place of the first word that names it.
        """
        for name, word in self.named:
            if name == thread:
                text = f"schedule item {word.text[:60]!r} names {thread}: {why}"
                raise BadInput(text, file=word.file, line=word.line)


def parse_schedule(text: str) -> Scheduler:
    """Parse a SCHEDULE that names no file; an empty text is the default, `rr`.

    Errors: BadInput that names the first invalid word.
    """
    return read_written(Written(text))


def read_written(written: Written) -> Scheduler:
    """Parse a SCHEDULE: try each scheduler in turn.

    Errors: BadInput with the place of the first invalid word.
    """
    read = (import_module(f"engine.run.schedulers.{name}").read(written) for name in GRAMMARS)
    # The last one, items, reads every text or raises BadInput.
    found: Scheduler = next(scheduler for scheduler in read if scheduler is not None)
    return found
