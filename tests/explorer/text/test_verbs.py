"""The verbs of text mode alone, and its help."""

from __future__ import annotations

import pytest

from engine.errors import BadInput
from engine.scenario.loader import load
from explorer.commands.table import COMMANDS, VERBS
from explorer.session.session import Session
from explorer.text.mode import TextDesk
from explorer.text.sentences import joined
from explorer.text.verbs import OWN, help_lines, own_verb, words


@pytest.fixture
def life() -> TextDesk:
    """Return text mode on life-of-a-page."""
    scenario = load("life-of-a-page")
    return TextDesk(Session(scenario.start(), scenario))


def test_every_own_verb_has_a_name_that_the_table_does_not_take(life: TextDesk) -> None:
    assert {*OWN} & {*VERBS} == {"help", "console"}
    assert set(words()) >= {*OWN, *VERBS}


def test_help_lists_every_verb_of_text_mode_and_explains_one(life: TextDesk) -> None:
    text = joined(life.do_line("help"))
    named = [command for command in COMMANDS.values() if "panel" not in command.id and command.id != "zoom"]
    assert all(f"  {command.word}" in text for command in named)
    assert all(f"  {name}" in text for name in OWN)
    assert life.do_line("help until") == ["until EXPR [fence N] (key u): Run until EXPR holds."]
    assert life.do_line("help up") == ["up (key Up or k): Move to the queue type above."]
    assert life.do_line("help log") == ["log [N]: Print the last N steps, default 10."]


def test_an_abbreviation_is_a_verb_only_if_no_other_verb_starts_so() -> None:
    assert own_verb("whe") is OWN["where"]
    assert [own_verb(word) for word in ("", "s", "step", "c", "nothing")] == [None] * 5


def test_help_of_an_unknown_verb_is_refused() -> None:
    with pytest.raises(BadInput, match="frobnicate"):
        help_lines("frobnicate")
