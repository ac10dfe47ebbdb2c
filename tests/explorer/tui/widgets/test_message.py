"""The message line: a message that fits is shown whole; the end of a longer one says where the rest is."""

from __future__ import annotations

import pytest

from explorer.tui.widgets.message import fits, message_line
from explorer.views.rows import Note
from explorer.views.spans import columns, plain


@pytest.mark.parametrize(
    ("note", "drawing"),
    [
        (Note("all is well"), "  all is well"),
        (Note("no such page", "error"), "✗ no such page"),
        (Note("step 3", "echo"), ":step 3"),
        (Note("press s", "hint"), "» press s"),
    ],
)
def test_a_message_that_fits_is_whole(note: Note, drawing: str) -> None:
    assert plain([message_line(note, 40)]).rstrip() == drawing
    assert fits(note, len(drawing))
    assert not fits(note, len(drawing) - 1)


@pytest.mark.parametrize(("width", "end"), [(80, " … :messages"), (40, "…")])
def test_a_longer_message_ends_with_a_sign(width: int, end: str) -> None:
    text = plain([message_line(Note("word " * 40), width)])
    assert text.endswith(end)
    assert columns(text) == width
