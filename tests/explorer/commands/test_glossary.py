"""The glossary: every field and flag has an explanation, under each of its spellings."""

from __future__ import annotations

import pytest

from engine.constants import PG_NAMES
from engine.scenario.loader import load
from explorer.commands import glossary
from explorer.commands.glossary import explained
from explorer.session.session import Session
from explorer.text.mode import TextDesk
from explorer.text.sentences import joined
from explorer.views.rows import PAGE_FIELDS


def test_every_field_flag_and_panel_is_explained_in_sentences() -> None:
    assert glossary.FIELDS.keys() == set(PAGE_FIELDS)
    assert glossary.FLAGS.keys() == {name.removeprefix("PG_") for name in PG_NAMES}
    for text in (*glossary.FIELDS.values(), *glossary.PANELS.values()):
        assert text.endswith(".")
        assert "  " not in text


@pytest.mark.parametrize("word", ["MAPPED", "PG_MAPPED", "mapped", " PG_MAPPED "])
def test_a_flag_is_explained_by_its_full_name(word: str) -> None:
    assert explained(word, 1024) == "PG_MAPPED: some process may have it in its page tables."


def test_a_field_has_its_explanation() -> None:
    assert explained(" busy_count ", 1024) == glossary.FIELDS["busy_count"]
    assert "one owner" in glossary.FIELDS["busy_count"]


@pytest.mark.parametrize("word", ["", "PG_", "nothing", "MAPPED|WRITEABLE", "Busy_Count"])
def test_a_word_that_is_neither_has_no_explanation(word: str) -> None:
    assert explained(word, 1024) is None


# colours of the machine, what the explanation of `queue` says, and of `pc`
COLOURS = [
    (1, "5 x 1 on this machine", "always 0"),
    (4, "5 x 4 on", "0 to 3 on"),
    (1024, "5 x 1,024 on", "0 to 1,023 on"),
]


@pytest.mark.parametrize(("colors", "of_queue", "of_pc"), COLOURS)
def test_a_field_is_explained_with_the_colours_of_the_machine(colors: int, of_queue: str, of_pc: str) -> None:
    assert of_queue in (explained("queue", colors) or "")
    assert of_pc in (explained("pc", colors) or "")
    for name in glossary.FIELDS:
        assert "{" not in (explained(name, colors) or "{")


def test_the_command_uses_the_colours_of_the_run() -> None:
    scenario = load("why-five-queues")
    desk = TextDesk(Session(scenario.start(), scenario))
    assert "one of 5 x 2 on this machine" in joined(desk.do_line(":explain queue"))
    assert "0 to 1 on this machine" in joined(desk.do_line(":explain pc"))


def test_the_centre_explains_the_signs_of_tiles() -> None:
    for words in ("b[7]", "• is a page without an object", "Capitals are dirty"):
        assert words in glossary.PANELS["centre"]
