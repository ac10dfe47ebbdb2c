"""What the palette finds beside commands: scenarios, lenses, pages and lists of them, threads, ...

Each is an entry with the console line that shows it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from engine.constants import NULL
from engine.debug.entry_points import kernel_functions
from engine.language.naming import page_name
from explorer.commands.glossary import terms
from explorer.lenses.kit.registry import LENSES, lens_help
from explorer.session.experiment_list import listed
from explorer.session.page_list import filter_words
from explorer.session.question_stops import asked_steps
from explorer.session.questions import state_of
from explorer.session.session import Session

_NUMBER = re.compile(r"0[xX][0-9a-fA-F]{1,12}|\d{1,12}")

MOST_PAGES = 2_000
"""Maximum number of pages with a name that are found; any page is found by its number."""


@dataclass(frozen=True)
class Entry:
    """Something to find: its text, what it is, and the console line that shows it.

    name: the word in the text that comes before a command of the same name.
    """

    text: str
    help: str
    line: str
    name: str = ""


def entries(session: Session) -> Iterator[Entry]:
    """Yield everything that can be found in a session, without commands."""
    for one in session.library.listings(broken=True):
        yield Entry(f"scenario {one.name}", one.title, f"open {one.name}")
    for name in LENSES:
        yield Entry(f"lens {name}", lens_help(name), f"view {name}", name)
    for experiment in listed():
        line = f"experiment {experiment.name}"
        yield Entry(line, experiment.claim, line)
    for name in filter_words(session):
        yield Entry(f"pages {name}", "a table of these pages, marked in the centre", f"pages {name}")
    for program in session.programs:
        name = f"thread {program.name}"
        yield Entry(name, f"s steps it; it runs on cpu {program.cpu}", name)
    yield from _pages(session)
    yield from _questions(session)
    for term in terms():
        yield Entry(f"explain {term}", "glossary", f"explain {term}")
    for name in kernel_functions():
        yield Entry(f"function {name}", "what it does and which locks it takes", f"explain {name}")


def _pages(session: Session) -> Iterator[Entry]:
    """Yield the pages with a name: those that variables hold, then those in objects."""
    vm, names = session.vm, session.names
    held = session.labels.held_pages()
    resident = vm.memory.vector("resident.page")[: len(vm.resident_slots.slots)]
    pages = (resident + vm.memory.places["resident.page"].spec.bias).tolist()
    for m in list(dict.fromkeys((*held, *pages)))[:MOST_PAGES]:
        if 0 <= m < vm.marker_base:
            word = vm.page_word(m)
            yield Entry(f"page {page_name(vm, m, names, held)}", f"page {word}", f"page {word}")


def _questions(session: Session) -> Iterator[Entry]:
    for question, step in asked_steps(session):
        # As in the list of questions: the text of one that is ahead may give away what comes before it.
        ahead = state_of(session, question, step) == "ahead"
        line = f"question {question.number}"
        text = f"{line} {question.id}" if ahead else f"question {question.ask}"
        yield Entry(text, "goes to where it is asked", line)


def numbered(session: Session, text: str) -> Entry | None:
    """Return the page whose number is `text`, decimal or 0x; None if there is none."""
    if _NUMBER.fullmatch(text.strip()) is None:
        return None
    number = int(text, 0) if text.strip().lower().startswith("0x") else int(text)
    if session.vm.page_index(number) == NULL:
        return None
    return Entry(f"page {number:#x}", f"page {number:#x}, {number} in decimal", f"page {number:#x}")
