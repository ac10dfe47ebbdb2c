"""The console lens: each message with its step and thread, the newest last, and what a click does."""

from __future__ import annotations

import pytest

from engine.scenario.loader import load
from explorer.lenses.console import LENS, MOST, ConsoleRow, Message, draw, look
from explorer.session.session import Session
from explorer.text.time_sentences import console_lines
from explorer.views.spans import plain
from tests.explorer.tui.widgets.drawings import drawn, marked

ROW = ConsoleRow(
    (Message(0, "", "DMA space used: 0k"), Message(1310, "pager", "swap_pager: out of swap space")), 0, 1310
)


def test_each_message_has_its_step_and_its_thread() -> None:
    drawing = draw(ROW, 60, 5)
    assert plain(drawing.lines) == drawn("""
      0 boot  DMA space used: 0k
▸ 1,310 pager  swap_pager: out of swap space
""")
    assert marked(drawing.lines, "new") == ["swap_pager: out of swap space"]
    assert {spot.verb for spot in drawing.spots} == {"goto 0", "goto 1310"}


def test_a_long_message_continues_below() -> None:
    assert plain(draw(ROW, 30, 5).lines).split("\n")[2:] == [
        "▸ 1,310 pager  swap_pager: out",
        "               of swap space",
    ]


def test_where_there_is_little_room_the_newest_stay_and_the_others_are_counted() -> None:
    assert plain(draw(ROW, 60, 1).lines) == "… 2 earlier lines"
    row = ConsoleRow(tuple(Message(n, "app", f"line {n}") for n in range(1, 8)), 3, 9)
    assert plain(draw(row, 60, 3).lines).split("\n") == [
        "… 8 earlier lines", "      6 app  line 6", "      7 app  line 7",
    ]  # fmt: skip


def test_before_the_first_message_it_says_so() -> None:
    assert "nothing yet" in plain(draw(ConsoleRow((), 0, 0), 60, 3).lines)
    assert console_lines(ConsoleRow((), 0, 0)) == ["The kernel has printed nothing yet."]


def test_text_mode_says_each_message() -> None:
    assert console_lines(ROW) == [
        'Step 0: the kernel prints "DMA space used: 0k".',
        'Step 1,310, pager: the kernel prints "swap_pager: out of swap space".',
    ]
    many = ConsoleRow(tuple(Message(n, "app", "x") for n in range(1, 40)), 2, 50)
    assert console_lines(many)[0] == "11 earlier messages not listed."


@pytest.mark.parametrize("rules", ["document", "source"])
def test_it_has_the_messages_up_to_the_cursor(rules: str) -> None:
    session = Session(load("swap-full", rules=rules).start())
    session.history.extend(3400)
    messages = look(session).messages
    remarks = session.history.branch.remarks
    assert [message.step for message in messages if message.step] == [
        step for step in range(1, 3401) if any(effect[0] == "kprintf" for effect in remarks.of(step))
    ]
    last = messages[-1].step
    session.history.seek(last - 1)
    assert look(session).messages == messages[:-1]
    assert len(messages) <= MOST
    assert LENS.name == "console"
