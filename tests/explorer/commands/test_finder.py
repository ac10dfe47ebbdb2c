"""What the palette finds, and that each entry's line can be executed."""

from __future__ import annotations

import pytest

from engine.debug.entry_points import kernel_functions
from explorer.commands.finder import entries, numbered
from explorer.commands.glossary import terms
from explorer.commands.table import parse
from explorer.lenses.kit.registry import LENSES
from explorer.session.page_list import filter_words
from explorer.session.session import Session
from explorer.text.mode import TextDesk


def test_everything_is_found(life: Session) -> None:
    life.history.extend(40)
    texts = {entry.text for entry in entries(life)}
    assert {f"lens {name}" for name in LENSES} <= texts
    assert {f"pages {name}" for name in filter_words(life)} <= texts
    assert {f"explain {term}" for term in terms()} <= texts
    assert {f"function {name}" for name in kernel_functions()} <= texts
    assert {"scenario tour", "thread pager", "page app.m"} <= texts
    assert life.scenario is not None
    assert {f"question {question.ask}" for question in life.scenario.questions} <= texts


def test_the_line_of_an_entry_works(life: Session) -> None:
    life.history.extend(40)
    desk = TextDesk(life)
    for entry in list(entries(life)):
        command, argument = parse(entry.line)
        assert argument
        if command.id in ("thread", "page", "pages", "goto", "view"):
            said = " ".join(desk.do_line(entry.line))
            assert not said.startswith("Error"), (entry, said)
            assert said or command.id in ("view", "goto")


@pytest.mark.parametrize(
    ("text", "line"), [("0xc03", "page 0xc03"), ("3075", "page 0xc03"), ("0xfffffff", None)]
)
def test_a_page_is_found_by_its_number(life: Session, text: str, line: str | None) -> None:
    entry = numbered(life, text)
    assert (entry.line if entry else None) == line
    assert numbered(life, "page") is None
