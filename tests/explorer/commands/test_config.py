"""The config file: valid settings take effect, an invalid one gives a message with its line."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from explorer.commands.config import (
    Settings,
    config_path,
    default_text,
    load_settings,
    motion_allowed,
    read_settings,
)
from explorer.commands.keys import Keys
from explorer.commands.table import COMMANDS
from explorer.session.session import Session
from explorer.tui.app import PageqApp, make_app
from explorer.tui.screens.help import help_text
from explorer.tui.screens.main import MainScreen


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of the config file, which does not exist yet."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.delenv("TEXTUAL_ANIMATIONS", raising=False)
    return tmp_path / "pageq"


def written(folder: Path, text: str) -> Path:
    folder.mkdir()
    (folder / "config.toml").write_text(text, encoding="utf-8")
    return folder / "config.toml"


# --- reading ------------------------------------------------------------------------------------------------


def test_without_a_file_the_defaults_apply_and_no_file_is_created(folder: Path) -> None:
    assert load_settings() == Settings()
    assert not folder.exists()


def test_every_setting_is_read(folder: Path) -> None:
    written(
        folder,
        'theme = "light"\nascii = true\nprojector = true\nmotion = "none"\n'
        '[keys]\nstep = "f2"\nback = ["f3", "alt+left"]\nback-event = "["\ndigest = "D"\nredo = []\n',
    )
    settings = load_settings()
    assert settings.problems == ()
    assert (settings.theme, settings.ascii, settings.projector, settings.motion) == (
        "light", True, True, "none",
    )  # fmt: skip
    words = {name: settings.keys.words(COMMANDS[name]) for name in ("step", "back", "digest", "redo", "over")}
    assert words == {"step": ("F2",), "back": ("F3", "Alt+←"), "digest": ("D",), "redo": (), "over": ("n",)}


def test_two_commands_can_swap_their_keys() -> None:
    settings = read_settings('[keys]\nstep = "n"\nover = "s"\n', "c")
    assert settings.problems == ()
    assert (settings.keys.word("step"), settings.keys.word("over")) == ("n", "s")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("theme = 'pink'", 'c:1: theme = "pink" is not valid; use "dark" or', id="a word"),
        pytest.param("\ntheme = 5", 'c:2: theme = 5 is not valid; use "dark" or', id="another type"),
        pytest.param("ascii = 1", "c:1: ascii = 1 is not valid; use false or true", id="a number"),
        pytest.param("motion = 1979-05-27", 'c:1: motion = "1979-05-27" is not valid', id="a date"),
        pytest.param("history = 5", 'c:1: history = 5 is not valid; use "1 MiB" to "64', id="no size"),
        pytest.param("history = '9 b'", 'c:1: history = "9 b" is not valid; use "1 MiB"', id="a small size"),
        pytest.param("teme = 'dark'", "c:1: 'teme' is not a key of the config file; use theme", id="a slip"),
        pytest.param("theme = dark", "c:1: this is not TOML", id="no quotes"),
        pytest.param("keys = 'x'", "c:1: keys = \"x\" is not a table; write [keys]", id="keys as a word"),
        pytest.param("[keys]\nstepp = 's'", "c:2: unknown command 'stepp'; use step", id="near"),
        pytest.param("[keys]\nzzzz = 's'", "c:2: unknown command 'zzzz'; the ? page lists", id="no command"),
        pytest.param("[keys]\nstep = 3", 'c:2: step = 3 is not a key; write "x" or', id="a number 3"),
        pytest.param("[keys]\nstep = 'entr'", "c:2: step: 'entr' is not a key; use enter", id="a near key"),
        pytest.param("[keys]\nstep = [\n's',\n'qqqqq']", "c:4: step: 'qqqqq' is not a key; ", id="in a list"),
        pytest.param("[keys]\nstep = 'ctrl+m'", "c:2: step: the key ctrl+m is Enter on", id="never arrives"),
        pytest.param("[keys]\nstep = 'shift+x'", "c:2: step: 'shift+x' is not a key; use 'X'", id="capital"),
        pytest.param(
            "[keys]\nstep = 'f2'\nback = 'f2'",
            "c:3: back: the key 'f2' belongs to step already; use another key",
            id="given twice",
        ),
    ],
)  # fmt: skip
def test_an_invalid_setting_gives_a_message_and_keeps_its_default(text: str, message: str) -> None:
    settings = read_settings(text, "c")
    assert str(settings.problems[0]).startswith(message)
    assert len(settings.problems) == 1
    assert settings == Settings(problems=settings.problems)


def test_valid_settings_beside_an_invalid_one_take_effect() -> None:
    settings = read_settings('theme = "monochrome"\nascii = "yes"\n[keys]\nstep = "f2"\nnext = "f3"\n', "c")
    assert settings.theme == "monochrome"
    assert not settings.ascii
    assert settings.keys == Keys()
    assert [problem.line for problem in settings.problems] == [2, 5]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        pytest.param(b'theme = "dark"\n\n# \xff', "3: not UTF-8", id="not UTF-8"),
        pytest.param(b"x = " + b"[" * 5000, "1: this nests too deeply", id="too deep"),
    ],
)
def test_a_file_that_is_not_text_gives_a_message(folder: Path, content: bytes, words: str) -> None:
    path = written(folder, "")
    path.write_bytes(content)
    settings = load_settings()
    assert str(settings.problems[0]).startswith(f"{path}:{words}")
    assert settings.theme == "dark"


def test_a_folder_in_place_of_the_file_gives_a_message(folder: Path) -> None:
    (folder / "config.toml").mkdir(parents=True)
    assert "cannot be read" in str(load_settings().problems[0])


def test_a_file_in_place_of_the_folder_leaves_the_defaults(folder: Path) -> None:
    folder.write_text("")
    assert load_settings() == Settings()


def test_a_relative_config_home_is_ignored_as_its_standard_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", "somewhere")
    assert "somewhere" not in str(config_path())
    assert config_path().name == "config.toml"
    assert config_path().parent.name == "pageq"


# --- motion -------------------------------------------------------------------------------------------------


def test_motion_is_refused_by_the_file_or_by_the_environment(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert motion_allowed()
    assert not motion_allowed(Settings(motion="none"))
    written(folder, 'motion = "none"\n')
    assert not motion_allowed()
    assert motion_allowed(Settings())
    monkeypatch.setenv("TEXTUAL_ANIMATIONS", "none")
    assert not motion_allowed(Settings())


async def test_without_motion_nothing_of_textual_moves_either(session: Session) -> None:
    app = PageqApp(session, Settings(motion="none"))
    async with app.run_test(size=(80, 24)):
        assert app.animation_level == "none"


# --- a file to start with -----------------------------------------------------------------------------------


def test_every_default_of_that_file_is_valid_and_it_has_every_command() -> None:
    lines = default_text().splitlines()
    proposals = [line.removeprefix("# ") for line in lines if " = " in line or line == "[keys]"]
    proposals = [line for line in proposals if not line.startswith(("pageq's", "theme:"))]
    text = "\n".join(proposals)
    assert set(tomllib.loads(text)["keys"]) == set(COMMANDS)
    settings = read_settings(text, "c")
    assert settings.problems == ()
    assert all(settings.keys.of(command) == command.keys for command in COMMANDS.values())


# --- on the screen ------------------------------------------------------------------------------------------

OTHER_KEYS = Keys({"step": ("f2", "."), "over": ("s",), "zoom": ()})


async def test_the_new_keys_work_and_the_old_ones_do_nothing(session: Session) -> None:
    async with PageqApp(session, Settings(keys=OTHER_KEYS)).run_test(size=(80, 24)) as pilot:
        await pilot.press("f2", ".")
        assert session.history.step == 2
        await pilot.press("n", "z")
        assert session.history.step == 2
        assert not pilot.app.screen.has_class("-zoom")
        await pilot.press("s")
        assert session.history.step > 2


def test_other_keys_are_in_help() -> None:
    page = help_text(92, OTHER_KEYS).splitlines()
    assert next(line for line in page if ":step" in line).startswith("  F2 . ")
    assert next(line for line in page if ":over" in line).startswith("  s ")
    assert next(line for line in page if ":zoom" in line).startswith("   ")


async def test_other_keys_are_in_the_palette(session: Session) -> None:
    app = PageqApp(session, Settings(keys=OTHER_KEYS))
    async with app.run_test(size=(80, 24)):
        texts = {command.title: command.help for command in app.get_system_commands(app.screen)}
    assert texts["step"] == "Take one atomic step (F2 .)."
    assert texts["zoom"] == "Zoom the panel in or out."


async def test_one_users_keys_do_not_affect_another_user(session: Session) -> None:
    async with PageqApp(session, Settings(keys=OTHER_KEYS)).run_test(size=(80, 24)):
        pass
    async with PageqApp(session).run_test(size=(80, 24)) as pilot:
        await pilot.press("s")
        assert session.history.step == 1


async def test_a_bad_file_is_the_first_message_and_the_screen_opens(session: Session) -> None:
    settings = read_settings('theme = "pink"\nascii = 3\n', "/home/me/config.toml")
    app = make_app(session.scenario, session.history, settings=settings)
    async with app.run_test(size=(200, 60)) as pilot:
        await pilot.pause()
        assert isinstance(app.screen, MainScreen)
        note = app.session.note
        assert note.kind == "error"
        assert note.text.startswith('config.toml:1: theme = "pink" is not valid; use "dark" or')
        assert note.text.endswith("(and 1 more: pageq config --check)")
        await pilot.press("s")
        assert session.history.step == 1


def test_a_key_of_the_file_wins_over_another_commands_default() -> None:
    settings = read_settings("[keys]\nstep = 'n'\nlesson = ['f', 'f1']\n", "c")
    assert settings.problems == ()
    keys = settings.keys
    assert [keys.of(COMMANDS[name]) for name in ("step", "lesson")] == [("n",), ("f", "f1")]
    # The commands that had only n, f or F1 have no key now; help keeps its other key.
    assert [keys.of(COMMANDS[name]) for name in ("over", "finish", "help")] == [(), (), ("?",)]
    assert keys.of(COMMANDS["back"]) == COMMANDS["back"].keys
