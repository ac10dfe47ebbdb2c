"""Long messages: a box that scrolls and copies, a cut message that says so, and their history."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.containers import VerticalScroll
from textual.pilot import Pilot

from explorer.commands.table import parse
from explorer.session.session import Session
from explorer.tui.app import PageqApp
from explorer.tui.screens.main import MainScreen
from explorer.tui.screens.text_box import TextBox
from explorer.tui.widgets.console import Console
from explorer.tui.widgets.message import MessageLine
from tests.explorer.screen_at_rest import lines_shown, presses


async def does(pilot: Pilot[None], line: str) -> str:
    """Enter a console line, and return what the screen shows then."""
    screen = pilot.app.screen
    assert isinstance(screen, MainScreen)
    screen.post_message(Console.Entered(line))
    await pilot.pause()
    return "\n".join(await lines_shown(pilot))


@pytest.mark.parametrize("size", [(40, 15), (80, 24), (120, 40)], ids=str)
async def test_a_long_explanation_opens_in_a_box_that_can_be_read_to_its_end(
    session: Session, size: tuple[int, int]
) -> None:
    async with PageqApp(session).run_test(size=size) as pilot:
        shown = await does(pilot, "explain busy_count")
        assert "Bit 31, LOCKED" in " ".join(shown.replace("│", " ").split())
        box = pilot.app.screen
        assert isinstance(box, TextBox)
        await pilot.press("end")
        end = " ".join("\n".join(await lines_shown(pilot)).replace("│", " ").split())
        assert "Changed only by atomic operations." in end
        await pilot.press("escape")
        assert isinstance(pilot.app.screen, MainScreen)


async def test_a_short_answer_stays_in_the_message_line(session: Session) -> None:
    async with PageqApp(session).run_test(size=(120, 40)) as pilot:
        assert "PG_MAPPED: some process" in await does(pilot, "explain MAPPED")
        assert isinstance(pilot.app.screen, MainScreen)


async def test_an_error_that_does_not_fit_opens_in_a_box(session: Session) -> None:
    async with PageqApp(session).run_test(size=(80, 24)) as pilot:
        await does(pilot, "break nonsense")
        assert isinstance(pilot.app.screen, TextBox)
        assert pilot.app.screen.text == session.messages[-1][1].text
        await pilot.press("enter")
        await does(pilot, "break app:1")
        assert isinstance(pilot.app.screen, MainScreen)
        assert "✗" in await does(pilot, "dance")


async def test_breakpoints_are_listed_one_a_line(session: Session) -> None:
    async with PageqApp(session).run_test(size=(80, 24)) as pilot:
        for where in ("vm_page_alloc", "vm_page_activate", "vm_page_deactivate", "panic"):
            await does(pilot, f"break {where}")
        shown = await does(pilot, "breakpoints")
        assert isinstance(pilot.app.screen, TextBox)
        lines = [line.strip(" │") for line in shown.split("\n")]
        assert lines.index("2 vm_page_activate") == lines.index("1 vm_page_alloc") + 1


async def test_y_in_the_box_copies_its_text_and_says_where(
    life: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TMUX", raising=False)
    app = PageqApp(life)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("s", "y")
        assert isinstance(app.screen, TextBox)
        assert f"pageq tui --open {app.clipboard}" in app.screen.text
        await pilot.press("escape")
        await does(pilot, "explain queue")
        await pilot.press("y")
        assert app.clipboard == app.screen.text if isinstance(app.screen, TextBox) else False
        subtitle = str(app.screen.query_one(VerticalScroll).border_subtitle)
        assert subtitle == "sent to the terminal's clipboard"


async def test_a_message_that_is_cut_says_where_the_whole_of_it_is(session: Session) -> None:
    async with PageqApp(session).run_test(size=(80, 24)) as pilot:
        session.say("word " * 40 + "last")
        screen = pilot.app.screen
        assert isinstance(screen, MainScreen)
        screen.show()
        assert (await lines_shown(pilot))[-2].endswith(" … :messages")
        await pilot.click(MessageLine)
        await pilot.pause()
        assert isinstance(pilot.app.screen, TextBox)
        assert ("word " * 40 + "last") in pilot.app.screen.text


async def test_the_messages_are_kept_with_their_steps(session: Session) -> None:
    async with PageqApp(session).run_test(size=(120, 40)) as pilot:
        assert "no message yet" in await does(pilot, "messages")
        await presses(pilot, "s", "s")
        await does(pilot, "mark a")
        await does(pilot, "dance")
        await does(pilot, "messages")
        assert isinstance(pilot.app.screen, TextBox)
        lines = [line.strip() for line in pilot.app.screen.text.split("\n")]
        at = next(n for n, line in enumerate(lines) if "unknown command 'dance'" in line)
        assert lines[at].startswith("2  error: ")
        assert "step 2 is marked a" in lines[at + 1]


async def test_state_writes_a_file_that_opens_and_replaces_none(
    life: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with PageqApp(life).run_test(size=(120, 40)) as pilot:
        await pilot.press("s", "s")
        assert "wrote here.txt" in await does(pilot, "state here.txt")
        assert (tmp_path / "here.txt").read_text().startswith("pq1-")
        assert "here.txt exists already; use another name" in await does(pilot, "state here.txt")
        assert parse("state here.txt")[0].id == "token"


async def test_a_key_that_means_nothing_in_a_box_closes_it_and_acts(session: Session) -> None:
    async with PageqApp(session).run_test(size=(80, 24)) as pilot:
        await does(pilot, "explain queue")
        assert isinstance(pilot.app.screen, TextBox)
        await pilot.press("down", "end", "s", "s")
        assert isinstance(pilot.app.screen, MainScreen)
        assert session.history.step == 2
        await does(pilot, "explain queue")
        await pilot.press("q")
        assert pilot.app.is_running
        assert isinstance(pilot.app.screen, MainScreen)
