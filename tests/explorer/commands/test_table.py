"""The table of commands: keys, verbs and help are unique and usable."""

from __future__ import annotations

import pytest

from engine.errors import BadInput
from explorer.commands.keys import key_word
from explorer.commands.table import COMMANDS, GROUPS, VERBS, parse
from explorer.tui.screens.help import help_text

FORBIDDEN = {
    "ctrl+m", "ctrl+i", "ctrl+j", "ctrl+h",  # Enter, Tab, line feed and Backspace on a plain terminal
    "ctrl+s", "ctrl+q",  # flow control
    "ctrl+a", "ctrl+b",  # multiplexers
}  # fmt: skip


def test_no_key_does_two_things() -> None:
    keys = [key for command in COMMANDS.values() for key in command.keys]
    assert len(keys) > 40
    assert len(keys) == len(set(keys))


def test_no_key_is_one_that_terminals_or_multiplexers_intercept() -> None:
    keys = {key for command in COMMANDS.values() for key in command.keys}
    assert not keys & FORBIDDEN


def test_a_command_with_an_f_key_also_has_a_character_key() -> None:
    with_f = [command for command in COMMANDS.values() if "f1" in command.keys]
    assert with_f
    assert all(any(len(key) == 1 for key in command.keys) for command in with_f)


def test_every_command_has_its_own_verb() -> None:
    words = [word for command in COMMANDS.values() for word in (command.id, *command.aliases)]
    assert len(words) == len(set(words)) == len(VERBS)


def test_capital_letters_are_the_same_motion_backwards() -> None:
    for forwards, backwards in {
        "step": "back",
        "over": "back-over",
        "finish": "back-finish",
        "line": "back-line",
    }.items():
        assert COMMANDS[backwards].keys[0] == COMMANDS[forwards].keys[0].upper()


@pytest.mark.parametrize("width", [34, 64, 92])
def test_the_help_page_names_every_command_and_every_key(width: int) -> None:
    text = help_text(width)
    for command in COMMANDS.values():
        assert f":{command.word}" in text
        assert command.help in text
        assert " ".join(map(key_word, command.keys)) in text
    assert all(group in text for group in GROUPS)


@pytest.mark.parametrize(
    ("line", "command", "argument"),
    [
        pytest.param("step", "step", "", id="a verb"),
        pytest.param("step 12", "step", "12", id="a verb with an argument"),
        pytest.param("120", "goto", "120", id="a number alone goes to that step"),
        pytest.param("q", "quit", "", id="the short word for quit"),
        pytest.param("cont", "continue", "", id="an unambiguous abbreviation"),
        pytest.param("  page   0x805 ", "page", "0x805", id="spaces around"),
    ],
)
def test_a_console_line_is_a_command_and_its_argument(line: str, command: str, argument: str) -> None:
    found, rest = parse(line)
    assert (found.id, rest) == (command, argument)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        pytest.param("dance", "unknown command 'dance'; :help lists them", id="no such verb"),
        pytest.param("back-", "'back-' is ambiguous; use back-over, back-finish", id="more than one verb"),
        pytest.param("120 5", "a number alone goes to that step; remove '5'", id="a second number"),
        pytest.param("over 3", "over takes no argument", id="an argument too many"),
    ],
)
def test_a_line_that_is_not_a_command_is_refused_with_a_message(line: str, words: str) -> None:
    with pytest.raises(BadInput) as refusal:
        parse(line)
    assert words in str(refusal.value)


@pytest.mark.parametrize(("old", "new"), [("stops", "breakpoints"), ("token", "state")])
def test_a_renamed_verb_keeps_its_id_and_its_old_word(old: str, new: str) -> None:
    command, _ = parse(new)
    assert (command.id, command.word) == (old, new)
    assert parse(old)[0] is command
    assert old not in VERBS  # help and completion no longer list it
