"""A terminal that cannot show the screen is refused before it opens, with the command to use instead."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

import pytest

from engine.errors import BadInput
from explorer import LARGEST_SCREEN
from explorer.cli.terminal import ENDING, check_terminal, has_terminal, in_browser
from tests.explorer.pseudo_terminal import Terminal, terminal


def refusal() -> str:
    """Return the message of the refusal; empty if the terminal is accepted."""
    try:
        check_terminal("tour")
    except BadInput as error:
        return str(error)
    return ""


@pytest.fixture(autouse=True)
def a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the three streams be a terminal of 80 x 24."""
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        monkeypatch.setattr(stream, "isatty", lambda: True)
    for name, value in (("TERM", "xterm"), ("COLUMNS", "80"), ("LINES", "24")):
        monkeypatch.setenv(name, value)


@pytest.mark.parametrize(
    ("driver", "is_browser"),
    [
        ("textual.drivers.web_driver:WebDriver", True),
        ("textual.drivers.linux_driver:LinuxDriver", False),
        ("", False),
    ],
)
def test_a_web_server_is_known_by_the_driver(
    driver: str, is_browser: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEXTUAL_DRIVER", driver)
    assert in_browser() == is_browser


@pytest.mark.parametrize(("columns", "lines"), [(80, 24), LARGEST_SCREEN, (1, 1)])
@pytest.mark.parametrize("term", ["xterm", "linux", None])
def test_an_ordinary_terminal_is_accepted(
    columns: int, lines: int, term: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setenv("LINES", str(lines))
    if term is None:
        monkeypatch.delenv("TERM")
    else:
        monkeypatch.setenv("TERM", term)
    assert refusal() == ""


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("TERM", "dumb", "TERM=dumb is a terminal that cannot show the screen; use `pageq text tour`"),
        ("TERM", "unknown", "TERM=unknown is a terminal that cannot show the screen; use `pageq text tour`"),
        (
            "COLUMNS",
            "99999",
            "the terminal has 99999x24 characters; COLUMNS or LINES says so; use 1000x500 at most, "
            "or `pageq text tour`",
        ),
        (
            "LINES",
            "501",
            "the terminal has 80x501 characters; COLUMNS or LINES says so; use 1000x500 at most",
        ),
    ],
)
def test_a_terminal_that_cannot_show_the_screen_is_refused(
    name: str, value: str, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    assert refusal().startswith(message)


@pytest.mark.parametrize(
    ("stream", "message"),
    [
        ("stdin", "the screen needs a terminal; without one, use `pageq run tour` or `pageq text tour`"),
        ("stdout", "the screen needs a terminal; without one, use `pageq run tour` or `pageq text tour`"),
        (
            "stderr",
            "the screen is drawn on stderr, which is not a terminal; remove 2> or use `pageq text",
        ),
    ],
)
def test_a_stream_that_is_closed_or_not_a_terminal_is_refused(
    stream: str, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(getattr(sys, stream), "isatty", lambda: False)
    assert refusal().startswith(message)
    monkeypatch.setattr(sys, stream, None)
    assert refusal().startswith(message)


def test_a_process_without_a_terminal_has_no_keys_when_stdin_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stdin, "isatty", lambda: False)
    monkeypatch.setattr("explorer.cli.terminal._TERMINAL", "/dev/null/none")
    assert not has_terminal(reads_stdin=True)
    monkeypatch.setattr("explorer.cli.terminal._TERMINAL", "/dev/null")
    assert has_terminal(reads_stdin=True)
    assert not has_terminal()


PASTING = "from explorer.cli.terminal import pasted\nprint(len(pasted(1 << 20)), 'bytes came')"


@pytest.mark.slow
def test_a_pasted_line_is_whole_and_the_terminal_is_as_before() -> None:
    with terminal(program=PASTING) as shown:
        _wait_for_single_characters(shown)
        shown.type(b"PQ_FREE:" + b" 12" * 5000 + b"\n\x04")
        shown.wait_for("15009 bytes came")
        assert shown.wait() == 0
        assert shown.echoes


@pytest.mark.slow
@pytest.mark.parametrize("number", ENDING, ids=lambda number: number.name)
def test_a_signal_while_text_is_pasted_leaves_the_terminal_as_before(number: signal.Signals) -> None:
    with terminal(program=PASTING) as shown:
        _wait_for_single_characters(shown)
        shown.process.send_signal(number)
        assert shown.wait() == 128 + number
        assert shown.echoes
        assert "Traceback" not in shown.text


def _wait_for_single_characters(shown: Terminal) -> None:
    while shown.echoes:
        shown.read(0.02)
        assert shown.process.poll() is None, shown.text


@pytest.mark.slow
def test_with_stderr_in_a_file_the_message_is_there_and_on_the_terminal(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with log.open("wb") as stream, terminal("tui", stderr=stream) as shown:
        assert shown.wait() == 2
        assert shown.text.startswith("pageq: the screen is drawn on stderr, which is not a terminal")
        assert "\x1b" not in shown.shown.decode()
        assert shown.echoes
    assert log.read_text().startswith("pageq: the screen is drawn on stderr, which is not a terminal")
    assert "`pageq text life-of-a-page`" in log.read_text()


@pytest.mark.slow
@pytest.mark.parametrize("env", [{"TERM": "dumb"}, {"COLUMNS": "99999"}])
def test_in_a_pseudo_terminal_the_refusal_is_exit_2(env: dict[str, str]) -> None:
    with terminal(env=env) as shown:
        assert shown.wait() == 2
        assert "`pageq text life-of-a-page`" in shown.text
        assert shown.echoes


@pytest.mark.slow
def test_after_a_trace_was_read_from_stdin_the_keys_come_from_the_terminal(tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    trace.write_text("W 0x1000\nR 0x2000\n")
    with trace.open("rb") as stream, terminal("tui", "--trace", "-", "--frames", "8", stdin=stream) as shown:
        shown.wait_for("quit")
        assert "stdin in 8 frames" in shown.text
        shown.type(b"s")
        shown.wait_for("back")
        shown.type(b":quit\r")
        assert shown.wait() == 0
        assert shown.echoes


@pytest.mark.slow
@pytest.mark.parametrize("number", ENDING, ids=lambda number: number.name)
def test_a_signal_at_the_prompt_of_text_mode_leaves_the_echo_on(number: signal.Signals) -> None:
    with terminal("text") as shown:
        shown.wait_for("pageq> ")
        shown.process.send_signal(number)
        assert shown.wait() == 128 + number
        assert shown.echoes
        assert "Traceback" not in shown.text


@pytest.mark.slow
def test_a_signal_ends_a_run_of_text_mode() -> None:
    with terminal("text", "thrash") as shown:
        shown.wait_for("pageq> ")
        shown.type(b"continue\n")
        shown.read(0.5)
        shown.process.send_signal(signal.SIGTERM)
        assert shown.wait() == 128 + signal.SIGTERM
        assert "Traceback" not in shown.text
