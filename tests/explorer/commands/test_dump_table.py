"""The commands of the screen of a dump: their keys, the footer, the help, and lines that are typed."""

from __future__ import annotations

import pytest

from engine.errors import BadInput
from explorer.commands.default_keys import KEYS
from explorer.commands.dump_table import DUMP_COMMANDS, dump_help, dump_tips, parse_line
from explorer.commands.keys import Keys
from explorer.commands.table import COMMANDS


def test_the_commands_are_those_of_the_main_screen_with_their_keys() -> None:
    assert set(KEYS) < set(DUMP_COMMANDS) <= set(COMMANDS)
    assert {name: one.keys for name, one in DUMP_COMMANDS.items()} == {
        name: COMMANDS[name].keys for name in DUMP_COMMANDS
    }


@pytest.mark.parametrize("moments", [1, 7])
def test_the_footer_fits_and_says_how_to_leave(moments: int) -> None:
    for width in (1, 10, 20, 40, 60, 80, 200):
        for over in (True, False):
            tips = dump_tips(Keys(), width, moments, over_a_run=over)
            assert sum(tip.columns for tip in tips) <= width
            assert width < 40 or tips[-1].text == ("back to the run" if over else "quit")
    assert ("next" in {tip.text for tip in tips}) == (moments > 1)


def test_the_footer_and_the_help_have_the_users_keys() -> None:
    keys = Keys({"step": ("f2",), "back": ()})
    assert [tip.key for tip in dump_tips(keys, 80, 2, over_a_run=False)][:2] == ["F2", "m"]
    for width in (40, 90):
        text = dump_help(keys, width)
        assert "F2" in text
        assert all(f":{name}" in text for name in DUMP_COMMANDS)


@pytest.mark.parametrize(
    ("line", "parsed"),
    [
        ("7", ("goto", "7")),
        ("color FREE 600", ("color", "FREE 600")),
        ("q", ("quit", "")),
        ("theme", ("theme", "")),
    ],
)
def test_a_line_is_a_number_or_a_command(line: str, parsed: tuple[str, str]) -> None:
    command, argument = parse_line(line)
    assert (command.id, argument) == parsed


@pytest.mark.parametrize(
    ("line", "words"),
    [("dance", "unknown command 'dance'"), ("", "unknown"), ("quit 3", "takes no argument"), ("l", "ambig")],
)
def test_another_line_is_refused(line: str, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        parse_line(line)
