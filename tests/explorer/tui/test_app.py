"""The application: its first step, opening other scenarios, the editor, the palette."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from pathlib import Path

import pytest

from engine.errors import BadInput
from engine.scenario.library import Library
from engine.scenario.loader import load, load_text
from explorer.commands.config import Settings
from explorer.session.session import Session
from explorer.tui.app import PageqApp, make_app
from explorer.tui.screens.main import Reopen
from tests.explorer.screen_at_rest import lines_shown, presses

MINE = '''format = 1
title = "Mine"
[machine]
memory = "4 MiB"
topology = "1x1x1"
[[thread]]
name = "app"
cpu = 0
script = """
x = 1
x = 2
x = 3
"""
'''


@pytest.mark.parametrize(("at", "step"), [(None, 0), (12, 12), ("end", 121)])
async def test_the_screen_opens_at_a_step(session: Session, at: int | str | None, step: int) -> None:
    app = make_app(session.scenario, session.history, at)
    async with app.run_test(size=(80, 24)):
        assert app.session.history.step == step


def test_the_first_message_names_the_step_and_the_end_of_a_run(session: Session) -> None:
    at_0 = make_app(session.scenario, session.history, 0).session
    assert at_0.note.text.startswith("press s to take the first step")
    at_12 = make_app(session.scenario, session.history, 12).session
    assert at_12.note.text == "opened at step 12; s steps forward, S steps back, ? for help"
    at_end = make_app(session.scenario, session.history, "end").session
    assert at_end.note.text == "opened at step 121; S steps back, ? for help"


def test_a_step_after_the_end_opens_at_the_end(session: Session) -> None:
    assert make_app(session.scenario, session.history, 9999).session.history.step == 121
    with pytest.raises(BadInput, match="there is no step -1; steps start at 0"):
        make_app(session.scenario, session.history, -1)


@pytest.mark.parametrize(
    ("problems", "message"),
    [
        ([BadInput("no such theme", file="/home/me/config.toml", line=3)], "config.toml:3: no such theme"),
        (
            [BadInput("no such theme", file="/home/me/config.toml", line=3), BadInput("a"), BadInput("b")],
            "config.toml:3: no such theme (and 2 more: pageq config --check)",
        ),
        ([BadInput("it cannot be read", file="/etc/config.toml")], "/etc/config.toml: it cannot be read"),
    ],
)
def test_an_error_in_the_config_file_is_the_first_message(
    session: Session, problems: list[BadInput], message: str
) -> None:
    app = make_app(session.scenario, session.history, 3, Settings(problems=tuple(problems)))
    assert (app.session.note.text, app.session.note.kind) == (message, "error")


async def test_the_palette_offers_the_commands(session: Session) -> None:
    app = PageqApp(session)
    async with app.run_test(size=(80, 24)):
        offered = {command.title for command in app.get_system_commands(app.screen)}
        assert {"step", "continue", "help", "quit"} <= offered


async def test_the_palette_has_no_command_that_only_moves_a_cursor(session: Session) -> None:
    app = PageqApp(session)
    async with app.run_test(size=(80, 24)):
        helps = {command.title: command.help for command in app.get_system_commands(app.screen)}
    assert not {"left", "right", "up", "down"} & helps.keys()
    assert helps["step"] == "Take one atomic step (s)."


async def test_q_quits(session: Session) -> None:
    app = PageqApp(session)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("q")
        await pilot.pause()
    assert app.return_code == 0


async def test_without_colour_a_change_is_still_marked(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with PageqApp(session).run_test(size=(120, 40)) as pilot:
        await pilot.press("n", "]", "]", "]")
        await pilot.pause()
        strips = pilot.app.screen._compositor.render_strips()
        segments = [segment for strip in strips for segment in strip if segment.style is not None]
        styles = [segment.style for segment in segments if segment.style]
        colors = {color.name for style in styles for color in (style.color, style.bgcolor) if color}
        assert colors == {"default"}
        assert any(segment.style.reverse for segment in segments if segment.style)


# --- opening something else ---------------------------------------------------------------------------------


EDITED = """import sys
path = sys.argv[1]
text = open(path).read()
open(path, "w").write(text.replace({old!r}, {new!r}))
"""


async def test_a_user_edits_the_scenario_and_fixes_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(MINE, encoding="utf-8")
    editor = tmp_path / "editor.py"
    monkeypatch.setenv("VISUAL", f"{sys.executable} {editor}")
    scenario = load(str(path))
    app = make_app(scenario, scenario.start())
    app.session.scenario = scenario
    monkeypatch.setattr(app, "suspend", nullcontext)
    async with app.run_test(size=(120, 40)) as person:
        await presses(person, "s")
        editor.write_text(EDITED.format(old="x = 1", new="x = 1 +"))
        wrong = await presses(person, "E")
        assert "mine.toml:10" in wrong
        assert "t 1/1" in wrong  # the old one still runs
        assert "t 2/2" in await presses(person, "s")
        editor.write_text(EDITED.format(old="x = 1 +", new="x = 7"))
        mended = await presses(person, "E")
        assert " t 0/0 start" in mended
        assert "app x 0→7" in await presses(person, "s")


def editor(tmp_path: Path, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Set an editor that runs the Python program `text`."""
    (tmp_path / "editor.py").write_text(text, encoding="utf-8")
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", f"{sys.executable} {tmp_path / 'editor.py'}")


async def asked(app: PageqApp, message: Reopen) -> str:
    """Ask the screen to open something and return the message; the console shows its start."""
    async with app.run_test(size=(120, 40)) as pilot:
        app.screen.post_message(message)
        console = (await lines_shown(pilot))[-2].strip()
        said = app.session.note.text
        assert said[:60] in console
        return said


async def test_a_run_without_a_file_cannot_be_edited(session: Session) -> None:
    session.scenario = None
    app = PageqApp(session)
    said = await asked(app, Reopen(edit=True))
    assert said.endswith("this run has no scenario file to edit; open a scenario first")
    assert app.session is session


async def test_an_editor_that_fails_leaves_the_session_open(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    editor(tmp_path, "raise SystemExit(3)", monkeypatch)
    path = tmp_path / "mine.toml"
    path.write_text(MINE, encoding="utf-8")
    session.scenario = load(str(path))
    app = PageqApp(session)
    monkeypatch.setattr(app, "suspend", nullcontext)
    assert "editor.py exited with code 3; " in await asked(app, Reopen(edit=True))
    assert app.session is session


async def test_of_a_scenario_of_the_library_a_copy_is_edited(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    editor(tmp_path, EDITED.format(old="Mine", new="Mine now"), monkeypatch)
    library, copies = tmp_path / "library", tmp_path / "copies"
    for folder in (library, copies):
        folder.mkdir()
    (library / "mine.toml").write_text(MINE, encoding="utf-8")
    monkeypatch.setattr("explorer.tui.app.OWN", Library(library, library / "course.toml"))
    monkeypatch.setattr("explorer.tui.app.mkdtemp", lambda **_: str(copies))
    session.scenario = load(str(library / "mine.toml"))
    app = PageqApp(session)
    monkeypatch.setattr(app, "suspend", nullcontext)
    said = await asked(app, Reopen(edit=True))
    where = copies / "mine.toml"
    assert said == f"this is a copy, {where}; it is temporary, so move it to a folder of yours to keep it"
    assert app.session.scenario
    assert (app.session.title, app.session.scenario.form.path) == ("Mine now", where)
    assert (library / "mine.toml").read_text(encoding="utf-8") == MINE


async def test_a_failed_open_gives_a_message_and_the_session_stays_open(session: Session) -> None:
    app = PageqApp(session)
    assert "there is no scenario 'nowhere'" in await asked(app, Reopen(scenario="nowhere"))
    assert app.session is session


HOSTILE = r"""format = 1
title = "\u001b]0;PWNED\u0007\u001b[31mred"
lesson = "\u001b[2J lesson"
[machine]
memory = "1 MiB"
[[thread]]
name = "a"
script = "x = 1"
"""


async def test_control_characters_of_a_scenario_are_not_on_the_screen() -> None:
    scenario = load_text(HOSTILE)
    app = PageqApp(Session(scenario.start(), scenario))
    async with app.run_test(size=(120, 40)) as pilot:
        for key in ("s", "L"):
            await pilot.press(key)
            await pilot.pause()
            shown = "\n".join(await lines_shown(pilot))
            assert not [char for char in shown if not char.isprintable() and char != "\n"]
            assert "PWNED" in shown or "lesson" in shown


# --- leaving ------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("keys", [("q",), ("colon", *"open tour", "enter"), ("colon", *"quit", "enter")])
async def test_the_screen_asks_once_before_branches_and_marks_are_lost(
    session: Session, monkeypatch: pytest.MonkeyPatch, keys: tuple[str, ...]
) -> None:
    left: list[str] = []
    app = PageqApp(session)
    monkeypatch.setattr(app, "exit", lambda: left.append("quit"))
    keys = tuple("space" if key == " " else key for key in keys)
    async with app.run_test(size=(120, 40)) as person:
        await presses(person, "s", "B", "m", "space")
        said = await presses(person, *keys)
        assert "this loses 1 branch and 1 mark; :save NAME keeps them; repeat it to leave" in said
        assert (left, app.session is session) == ([], True)
        await presses(person, *keys)
        assert left or app.session is not session


async def test_nothing_is_asked_when_nothing_is_lost(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    left: list[str] = []
    app = PageqApp(session)
    monkeypatch.setattr(app, "exit", lambda: left.append("quit"))
    async with app.run_test(size=(120, 40)) as person:
        await presses(person, "s", "q")
    assert left == ["quit"]
