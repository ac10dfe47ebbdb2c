"""The panel of a question as lines: marks, wrapping, what is left out, and what a click means."""

from __future__ import annotations

import pytest
from textual.app import App, ComposeResult
from textual.pilot import Pilot

from explorer.tui.widgets.question import (
    choices_of,
    one_line,
    pinned_lines,
    question_lines,
    question_title,
    target_at,
)
from explorer.tui.widgets.question_panel import QuestionPanel
from explorer.views.question import Part, QuestionRow
from explorer.views.spans import columns, plain
from tests.explorer.screen_at_rest import lines_shown
from tests.explorer.tui.widgets.drawings import marked

ROW = QuestionRow(
    "ask",
    "question",
    "3 of 7",
    (
        Part("What will its `valid` bits be when the call returns?", "dim", optional=True, prose=True),
        Part("VM_PAGE_BITS_ALL", "", "1", "answer 1"),
        Part("none of the bits is set, and so on", "", "2", "answer 2"),
        Part("1-2 answers", "next", "▸"),
    ),
    "What will its bits be?",
)


def test_paragraphs_are_wrapped_under_their_first_word() -> None:
    assert plain(question_lines(ROW, 30)).split("\n") == [
        " What will its valid bits be",
        " when the call returns?",
        " 1 VM_PAGE_BITS_ALL",
        " 2 none of the bits is set,",
        "   and so on",
        " ▸ 1-2 answers",
    ]
    assert all(columns(one) <= 30 for one in plain(question_lines(ROW, 30)).split("\n"))


def test_what_is_optional_is_left_out_without_room() -> None:
    assert plain(question_lines(ROW, 30, 5)).startswith(" 1 VM_PAGE_BITS_ALL")
    assert len(question_lines(ROW, 30, 6)) == 6


CARD = QuestionRow(
    "card",
    "the end:",
    "2 of 3 right",
    (
        *(Part(f"Question {n} asks for several words.", "", str(n), f"question {n}") for n in range(1, 6)),
        Part("Valid and dirty", "", "→", "open valid-and-dirty"),
        Part("Esc closes this", "next", "▸"),
    ),
)


def test_the_choices_and_what_to_do_next_stay_visible_if_there_is_room_above_them() -> None:
    assert [pinned_lines(ROW, 30, room) for room in (5, 6, 7, 20)] == [0, 0, 4, 4]
    assert [pinned_lines(CARD, 30, room) for room in (3, 4, 20)] == [0, 1, 1]
    assert pinned_lines(None, 30, 9) == 0


def test_the_line_of_a_choice_under_the_cursor_is_reversed() -> None:
    assert choices_of(ROW, 30, 6) == (2, 3)
    assert choices_of(ROW, 30, 5) == (0, 1)
    assert marked([*question_lines(ROW, 30, 6, 3)], "new") == [" 2 ", "none of the bits is set,", "and so on"]
    assert marked([*question_lines(ROW, 30, 6, 99)], "new") == []


def test_a_click_on_a_choice_is_its_console_line() -> None:
    assert [target_at(ROW, 30, 6, y) for y in range(7)] == [
        "", "", "answer 1", "answer 2", "answer 2", "", "",
    ]  # fmt: skip
    assert target_at(ROW, 30, 5, 0) == "answer 1"
    assert target_at(ROW, 30, 5, -1) == ""
    assert target_at(None, 30, 5, 0) == ""


def test_the_heading_and_the_panel_of_one_line() -> None:
    title = plain([question_title(ROW, 30, "1/2 ↓", focused=False)])
    assert title.startswith("── question 3 of 7 ─")
    assert title.endswith(" 1/2 ↓ ─")
    assert "question 3 of 7" in plain([question_title(ROW, 30, "", focused=True)])
    assert plain([one_line(ROW, 40, focused=False)]).startswith("question 3 of 7  What will its bi")
    assert (one_line(None, 40, focused=False), question_lines(None, 40)) == ((), ())


class Beside(App[None]):
    """A question alone on the screen."""

    def __init__(self) -> None:
        super().__init__()
        self.verbs: list[str] = []

    def on_question_panel_clicked(self, message: QuestionPanel.Clicked) -> None:
        self.verbs.append(message.verb)

    def compose(self) -> ComposeResult:
        yield QuestionPanel(id="question")


def chosen(panel: QuestionPanel) -> list[str]:
    return marked([*panel.all_lines(panel.size.width)], "new")[1:]


@pytest.mark.parametrize("keys", [("down", "up"), ("j", "k"), ("right", "left")], ids=str)
async def test_a_choice_is_chosen_with_the_arrows_and_carried_out_with_enter(keys: tuple[str, str]) -> None:
    app, (down, up) = Beside(), keys
    async with app.run_test(size=(40, 9)) as pilot:
        panel = app.query_one(QuestionPanel)
        panel.row = ROW
        await pilot.press("enter")
        assert (chosen(panel), app.verbs) == (["VM_PAGE_BITS_ALL"], [])
        await pilot.press("enter", down, down, "enter", up, "enter", up, "enter")
        assert app.verbs == ["answer 1", "answer 2", "answer 1", "answer 1"]
        panel.row = CARD
        assert chosen(panel) == []


async def walked(pilot: Pilot[None], panel: QuestionPanel, key: str) -> list[str]:
    """Press a key often; return what was chosen, each once, in this order; it is always visible."""
    seen: list[str] = []
    for _ in range(20):
        await pilot.press(key)
        here = " ".join(chosen(panel))
        assert here.split()[1] in "\n".join(await lines_shown(pilot))
        seen += [here] if here not in seen[-1:] else []
    return seen


async def test_a_choice_that_is_not_visible_is_scrolled_to_line_by_line() -> None:
    app = Beside()
    async with app.run_test(size=(22, 7)) as pilot:
        panel = app.query_one(QuestionPanel)
        panel.row = CARD
        titles = [part.text for part in CARD.parts[:-1]]
        assert await walked(pilot, panel, "down") == titles
        assert (await lines_shown(pilot))[-1].startswith(" ▸ Esc closes this")
        assert await walked(pilot, panel, "up") == titles[-2::-1]
        await pilot.press("up", "pagedown", "down", "enter")
        assert app.verbs == ["question 4"]


async def test_a_click_below_the_scrolled_lines_is_of_what_is_seen_there() -> None:
    app = Beside()
    async with app.run_test(size=(22, 7)) as pilot:
        app.query_one(QuestionPanel).row = CARD
        await pilot.press("end")
        for y in range(7):
            await pilot.click(QuestionPanel, offset=(5, y))
        assert app.verbs == [*["question 4"] * 2, *["question 5"] * 2, "open valid-and-dirty"]
