"""The keys of a person: which commands have which, how they are printed, and how they may be spelt."""

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
def test_a_key_is_read_as_people_spell_it(text: str, key: str) -> None:
    assert read_key(text) == key


@pytest.mark.parametrize("text", ["", "ab", "\t", "hyper+x", "ctrl+", "+a", "ctrl+q", "ctrl+é"])
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="key"):
        read_key(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("ctrl+m", "the key ctrl+m is Enter on many terminals; write enter"),
        ("CTRL+I", "the key ctrl+i is Tab on many terminals; write tab"),
        ("ctrl+q", "the key ctrl+q always quits; choose another"),
        ("shift+a", "'shift+a' is no key; write 'A', or the sign that Shift gives"),
        ("entr", "'entr' is no key; write enter"),
        ("pagedwn", "'pagedwn' is no key; write pagedown"),
        (
            "qqqqqqqq",
            "'qqqqqqqq' is no key; write a character, or a name such as f2, enter, ctrl+r, alt+left",
        ),
    ],
)
def test_a_refused_key_says_what_to_write(text: str, message: str) -> None:
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


def test_arrows_are_words_where_all_is_ascii() -> None:
    assert Keys().word("right") == "→"
    assert Keys(ascii=True).word("right") == "Right"
    assert Keys(ascii=True).words(COMMANDS["back-event"]) == ("[", "Alt+Left")
    assert Keys(ascii=True).word("over") == "n"
