"""The screen in a real terminal: any byte can be typed, and every end leaves the terminal as it was."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

import pytest

from explorer.tui.terminal import ENDING, RESTORE
from tests.explorer.pseudo_terminal import terminal

pytestmark = pytest.mark.slow

FIRST = "press s to take the first step"
"""The first message of the screen."""


@pytest.mark.parametrize("number", ENDING, ids=lambda number: number.name)
def test_a_signal_restores_the_terminal_and_gives_its_exit_code(number: signal.Signals) -> None:
    with terminal() as shown:
        shown.wait_for(FIRST)
        assert shown.on_other_screen
        assert not shown.echoes
        shown.process.send_signal(number)
        assert shown.wait() == 128 + number
        assert not shown.on_other_screen
        assert shown.echoes
        assert "Traceback" not in shown.text


def test_a_signal_ends_a_run_that_takes_long() -> None:
    with terminal("tui", "thrash") as shown:
        shown.wait_for(FIRST)
        shown.type(b" ++++++++++")
        shown.wait_for("at full speed")
        shown.process.send_signal(signal.SIGTERM)
        assert shown.wait() == 128 + signal.SIGTERM
        assert not shown.on_other_screen
        assert shown.echoes


STUCK = """\
import sys, time
from explorer.cli.entry import main
from explorer.session import stepping
from explorer.tui import terminal
def never_ends(session):
    while True:
        time.sleep(0.01)
stepping.step = never_ends
terminal.GRACE = 0.2
sys.exit(main(["tui", "tour"]))
"""


def test_a_signal_ends_a_screen_that_does_not_answer() -> None:
    with terminal(program=STUCK) as shown:
        shown.wait_for(FIRST)
        shown.type(b"s")
        shown.read(0.5)
        shown.process.send_signal(signal.SIGTERM)
        assert shown.wait() == 128 + signal.SIGTERM
        assert shown.shown.endswith(RESTORE)
        assert not shown.on_other_screen
        assert shown.echoes


def test_a_terminal_that_is_closed_ends_the_program() -> None:
    with terminal() as shown:
        shown.wait_for(FIRST)
        shown.hang_up()
        assert shown.process.wait(30) == 128 + signal.SIGHUP


def test_a_byte_that_is_not_utf_8_is_only_a_key_without_a_command() -> None:
    with terminal("tui", "tour") as shown:
        shown.wait_for(FIRST)
        shown.type(b"\xff\xe9\xc3(s")
        shown.wait_for("1/1")
        shown.type(b":\xe9t\xe9\r")
        shown.wait_for("\ufffd")
        shown.type(b"q")
        assert shown.wait() == 0
        assert "Traceback" not in shown.text


def test_half_of_a_character_waits_for_the_other_half() -> None:
    with terminal("tui", "tour") as shown:
        shown.wait_for(FIRST)
        shown.type(b":mark \xc3")
        shown.read(0.5)
        shown.type(b"\xa9")
        shown.wait_for("\xe9")
        shown.type(b"\x1b")
        shown.read(0.5)
        shown.type(b"\xe2\x82")
        shown.read(0.5)
        shown.type(b"s")
        shown.wait_for("1/1")
        shown.type(b"q")
        assert shown.wait() == 0
        assert "Traceback" not in shown.text


def test_ctrl_c_in_an_editor_does_not_end_the_screen(tmp_path: Path) -> None:
    editor = tmp_path / "editor.py"
    editor.write_text("import os, signal, time\nprint('editing')\ntime.sleep(60)\n")
    with terminal(env={"EDITOR": f"{sys.executable} {editor}"}) as shown:
        shown.wait_for(FIRST)
        shown.type(b"E")
        shown.wait_for("editing")
        shown.type(b"\x03")
        shown.wait_for("✗ ")
        shown.type(b"q")  # closes the box with the message
        shown.type(b"q")
        assert shown.wait() == 0


@pytest.mark.parametrize("size", [(0, 0), (1, 1), (6, 3)])
def test_a_terminal_of_any_size_is_painted_once(size: tuple[int, int]) -> None:
    with terminal(size=size) as shown:
        shown.wait_for("\x1b[?1049h")
        shown.read(2)
        assert shown.read(0.5) == b""
        shown.type(b"q")
        assert shown.wait() == 0


def test_the_terminal_keeps_the_mouse_if_asked_to() -> None:
    for words, asked in (((), True), (("--no-mouse",), False)):
        with terminal("tui", *words) as shown:
            shown.wait_for(FIRST)
            assert (b"\x1b[?1000h" in shown.shown) == asked


@pytest.mark.parametrize(("term", "alike"), [("xterm", True), ("xterm-256color", False)])
def test_a_terminal_of_16_colours_gets_its_own_look(term: str, alike: bool) -> None:
    with terminal(env={"TERM": term}) as shown:
        shown.wait_for(FIRST)
        shown.type(b":theme light\r")
        shown.wait_for("theme: light")
        assert ("all but monochrome look alike" in shown.text) == alike
        assert ("\x1b[38;5;" in shown.shown.decode(errors="replace")) != alike
