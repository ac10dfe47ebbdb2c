"""Tab in the console: the common part, the list of candidates, one after another."""

from __future__ import annotations

import pytest

from explorer.session.session import Session
from explorer.tui.app import PageqApp
from explorer.tui.widgets.candidates import candidate_lines
from explorer.tui.widgets.console import Prompt
from explorer.views.spans import columns, plain
from tests.explorer.screen_at_rest import lines_shown


def test_candidates_are_in_columns_under_the_usage() -> None:
    lines = plain(candidate_lines(":view NAME  Show it.", ("life", "lanes", "log", "hash"), 20, 8))
    assert lines.split("\n") == [" :view NAME  Show i…", " life   lanes", " log    hash"]


@pytest.mark.parametrize("width", [1, 9, 40, 120])
@pytest.mark.parametrize("height", [1, 2, 5])
def test_what_does_not_fit_is_counted(width: int, height: int) -> None:
    words = [f"word-{n}" for n in range(100)]
    lines = candidate_lines("usage", words, width, height)
    assert len(lines) <= height
    if height > 1 and width >= 40:
        shown = plain(lines).split()
        listed = sum(word.startswith("word-") for word in shown)
        assert f"and {100 - listed} more" in plain(lines)
    assert all(columns(line.rstrip()) <= max(width, 14) for line in plain(lines).split("\n"))


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (40, 15)], ids=str)
async def test_tab_completes_lists_and_turns(session: Session, size: tuple[int, int]) -> None:
    app = PageqApp(session)
    async with app.run_test(size=size) as pilot:
        await pilot.press(":", *"vie", "tab")
        prompt = app.screen.query_one(Prompt)
        assert prompt.value == "view "
        await pilot.press("l", "tab")
        assert prompt.value == "view l"
        shown = "\n".join(await lines_shown(pilot))
        assert "lanes" in shown
        assert "life" in shown
        await pilot.press("tab")
        assert prompt.value == "view lanes"
        await pilot.press("tab")
        assert prompt.value == "view life"
        await pilot.press("shift+tab", "enter")
        await pilot.pause()
        assert session.lens == "lanes"
        assert "life  log" not in "\n".join(await lines_shown(pilot))


@pytest.mark.slow
async def test_a_command_without_its_argument_shows_usage_and_choices(session: Session) -> None:
    async with PageqApp(session).run_test(size=(120, 40)) as pilot:
        await pilot.press(":", *"enable", "enter")
        assert ":enable N  Enable breakpoint N." in "\n".join(await lines_shown(pilot))
        await pilot.press("escape", ":", *"machine", "enter")
        shown = "\n".join(await lines_shown(pilot))
        assert "two-socket" in shown
        assert ":machine MACHINE" in shown
        await pilot.press("escape")
        assert "two-socket" not in "\n".join(await lines_shown(pilot))
