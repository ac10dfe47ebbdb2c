"""The user's keys: the keys of each command, how they are displayed, and how they may be spelt."""

from __future__ import annotations

import pytest

from engine.errors import BadInput
from explorer.commands.keys import Keys, read_key
from explorer.commands.table import COMMANDS


@pytest.mark.parametrize(
    ("text", "key"),
    [("s", "s"), ("?", "?"), ("é", "é"), (" ", "space"), ("Esc", "escape"), ("PgUp", "pageup"),
     ("F12", "f12"), ("ctrl+R", "ctrl+r"), ("ctrl+shift+left", "ctrl+shift+left"), ("alt+x", "alt+x")],
)  # fmt: skip
def test_a_key_may_be_spelt_in_several_ways(text: str, key: str) -> None:
    assert read_key(text) == key


@pytest.mark.parametrize("text", ["", "ab", "\t", "hyper+x", "ctrl+", "+a", "ctrl+q", "ctrl+é"])
def test_an_unknown_key_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="key"):
        read_key(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("ctrl+m", "the key ctrl+m is Enter on many terminals; use enter"),
        ("CTRL+I", "the key ctrl+i is Tab on many terminals; use tab"),
        ("ctrl+q", "the key ctrl+q always quits; use another key"),
        ("shift+a", "'shift+a' is not a key; use 'A', or the character that Shift gives"),
        ("entr", "'entr' is not a key; use enter"),
        ("pagedwn", "'pagedwn' is not a key; use pagedown"),
        (
            "qqqqqqqq",
            "'qqqqqqqq' is not a key; use a character, or a name such as f2, enter, ctrl+r, alt+left",
        ),
    ],
)
def test_the_message_about_a_bad_key_names_a_good_one(text: str, message: str) -> None:
    with pytest.raises(BadInput) as refusal:
        read_key(text)
    assert refusal.value.message == message


def test_every_key_of_the_table_can_be_written_in_a_file() -> None:
    keys = [key for command in COMMANDS.values() for key in command.keys]
    assert len(keys) > 40
    assert [read_key(key) for key in keys] == keys


def test_a_changed_command_has_its_new_keys_and_the_others_the_tables() -> None:
    keys = Keys({"step": ("f2", "."), "zoom": ()})
    assert keys.of(COMMANDS["step"]) == ("f2", ".")
    assert keys.words(COMMANDS["step"]) == ("F2", ".")
    assert (keys.word("step"), keys.word("zoom")) == ("F2", "")
    assert keys.of(COMMANDS["over"]) == COMMANDS["over"].keys == ("n",)


def test_arrows_are_words_in_ascii() -> None:
    assert Keys().word("right") == "→"
    assert Keys(ascii=True).word("right") == "Right"
    assert Keys(ascii=True).words(COMMANDS["back-event"]) == ("[", "Alt+Left")
    assert Keys(ascii=True).word("over") == "n"
