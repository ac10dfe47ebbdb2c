"""`pageq text` in a pipe and on a terminal: prompts, the end, interrupts, exit codes."""

from __future__ import annotations

import io
import os
import pty
import select
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from engine.run.history import History
from engine.scenario.loader import load
from explorer.cli.text import completions, interrupts
from explorer.session import running
from explorer.session.open import open_session
from explorer.text.mode import TextDesk
from tests.explorer.cli.command_output import ROOT, Output, Run, refused

TEXT = [sys.executable, "-m", "explorer.cli", "text"]


@pytest.fixture
def life() -> TextDesk:
    """Return text mode on life-of-a-page."""
    return TextDesk(open_session("life-of-a-page"))


@pytest.fixture
def talked(run: Run, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Return a function that pipes a text into `pageq text`: `talked("step\\nquit\\n", "life-of-a-page")`."""

    def command(text: str, *words: str) -> Output:
        monkeypatch.setattr(sys, "stdin", io.StringIO(text))
        return run("text", *words)

    return command


def test_a_pipe_gets_no_prompt_and_ends_with_the_input(talked: Run) -> None:
    code, out, err = talked("step\n\n\nwhere", "--at", "app:4")
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[1].startswith("Step 24 of 145, on main;")
    assert lines[-5].startswith("Step 25 of 145, on main;")
    assert not any("pageq>" in line for line in lines)
    assert sum(line.startswith("Step 25, ") for line in lines) == 1


def test_input_after_quit_is_ignored(talked: Run) -> None:
    code, out, _ = talked("quit\nstep\n")
    assert code == 0
    assert "Step 1," not in out


def test_machine_changes_the_machine(talked: Run) -> None:
    code, out, _ = talked("color 700\n", "life-of-a-page", "--machine", "64MiB:2x4x2")
    assert code == 0
    assert "machine 64MiB:2x4x2" in out
    assert "FREE[700] of node 1 core 1 thread 0" in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere"], "there is no scenario 'nowhere'"),
        (["--at", "app:99"], "line 99 of app has no code"),
        (["--machine", "toaster"], "toaster"),
    ],
)
def test_an_invalid_scenario_is_exit_2(arguments: list[str], message: str, talked: Run) -> None:
    output = talked("where\n", *arguments)
    refused(output, message)
    assert output[1] == ""


def test_text_mode_exports_its_scenario(talked: Run, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    _, out, _ = talked(f"12\ntoken\nexport {path}\n", "life-of-a-page")
    assert "\npq1-" in out
    assert load(str(path)).title == load("life-of-a-page").title
    assert "error" not in out.lower()


@pytest.mark.slow
@pytest.mark.parametrize("encoding", ["ascii", "utf-8"])
def test_bytes_that_are_not_text_are_refused_with_a_message(encoding: str) -> None:
    words = b"\xff\xfe\x00\nmark \xc3\xa9\nstep\n"
    env = {**os.environ, "PYTHONIOENCODING": encoding}
    done = subprocess.run(TEXT, input=words, capture_output=True, check=False, cwd=ROOT, env=env)
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"Error: unknown command" in done.stdout
    assert b"\nStep 1, app on cpu 0" in done.stdout


@pytest.mark.slow
def test_a_broken_pipe_ends_silently() -> None:
    command = f"yes help | {' '.join(TEXT)} | head -1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.startswith("The life of a page. Scenario life-of-a-page")
    assert done.stderr == ""


# --- Ctrl+C -------------------------------------------------------------------------------------------------


@pytest.fixture
def interrupted(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Return a function that sends SIGINT that many times in the second slice of the next run."""

    def press(times: int) -> None:
        extend, calls = History.extend, []
        monkeypatch.setattr(running, "SLICE", 10)

        def pressed(history: History, limit: int) -> int:
            calls.append(limit)
            for _ in range(times if len(calls) == 2 else 0):
                signal.raise_signal(signal.SIGINT)
            return extend(history, limit)

        monkeypatch.setattr(History, "extend", pressed)

    return press


def test_an_interrupt_stops_the_run_between_two_steps_and_not_the_program(
    life: TextDesk, interrupted: Callable[[int], None]
) -> None:
    interrupted(1)
    with interrupts(life):
        lines = life.do_line("continue")
        assert lines[0] == "stopped at step 20."
        assert lines[1].startswith("Step 20, ")
        assert life.do_line("continue")[-1] == "Completed: every thread has ended."


def test_a_second_interrupt_ends_the_program(life: TextDesk, interrupted: Callable[[int], None]) -> None:
    interrupted(2)
    with interrupts(life), pytest.raises(KeyboardInterrupt):
        life.do_line("continue")


def test_an_interrupt_while_a_line_is_awaited_ends_the_program_and_the_handler_is_put_back(
    life: TextDesk,
) -> None:
    before = signal.getsignal(signal.SIGINT)
    with interrupts(life), pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is before


# --- on a terminal ------------------------------------------------------------------------------------------


class Terminal:
    """`pageq text` on its own terminal."""

    def __init__(self) -> None:
        self.end = -1
        self.unread = ""

    def __enter__(self) -> Terminal:
        ours, theirs = pty.openpty()
        self.child = subprocess.Popen(
            TEXT, stdin=theirs, stdout=theirs, stderr=subprocess.PIPE, cwd=ROOT, start_new_session=True
        )
        os.close(theirs)
        self.end = ours
        return self

    def __exit__(self, *_: object) -> None:
        self.child.kill()
        self.child.wait()
        os.close(self.end)
        assert self.child.stderr is not None
        self.child.stderr.close()

    def until(self, words: str) -> str:
        """Read the output up to and including some words."""
        while words not in self.unread:
            # Long enough for any machine; without a timeout, a bug would block the tests forever.
            assert select.select([self.end], [], [], 100)[0], f"{words!r} never came: {self.unread!r}"
            self.unread += os.read(self.end, 65536).decode()
        before, _, self.unread = self.unread.partition(words)
        return before + words

    def type(self, text: str) -> None:
        """Type a line."""
        os.write(self.end, text.encode())


@pytest.mark.slow
def test_on_a_terminal_an_empty_line_repeats_the_last_command() -> None:
    with Terminal() as terminal:
        shown = terminal.until("pageq> ")
        terminal.type("learn off\r")
        shown += terminal.until("pageq> ")
        for line, answer in (("step\r", "Step 1, app"), ("\r", "Step 2, app"), ("\r", "Step 3, app")):
            terminal.type(line)
            shown += terminal.until(answer)
            shown += terminal.until("pageq> ")
        terminal.type("\x04")
        assert terminal.child.wait() == 0
        assert "\x1b" not in shown


@pytest.mark.slow
def test_on_a_terminal_an_interrupt_at_the_prompt_is_exit_130() -> None:
    with Terminal() as terminal:
        terminal.until("pageq> ")
        terminal.child.send_signal(signal.SIGINT)
        # A signal just before readline waits is seen only when a key wakes it.
        with suppress(OSError):
            terminal.type("\r")
        assert terminal.child.wait() == 130


def test_a_byte_order_mark_before_the_first_line_is_ignored(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("\ufeffwhere\n"))
    code, out, err = run("text", "life-of-a-page")
    assert (code, err) == (0, "")
    assert "Error" not in out
    assert "Step 0 of 0, on main" in out


@pytest.mark.parametrize(
    ("words", "config", "limit"),
    [
        ((), "", "512 MiB"),
        ((), 'history = "3 MiB"', "3 MiB"),
        (("--history", "1.5MiB"), 'history = "3 MiB"', "1.5 MiB"),
    ],
)
def test_the_limit_of_the_history_is_that_of_the_option_or_the_config_file(
    talked: Run,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    words: tuple[str, ...],
    config: str,
    limit: str,
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    (tmp_path / "pageq").mkdir()
    (tmp_path / "pageq" / "config.toml").write_text(config)
    for opened in ("", "open tour\n", "machine small\n"):
        code, out, err = talked(f"{opened}fork a\nbranch 0\ndrop a\n", *words)
        assert (code, err) == (0, "")
        assert f"a is dropped; the history takes 0 bytes of {limit}." in out


@pytest.mark.parametrize(
    ("size", "message"),
    [
        ("much", "'much' is not a memory size; write one like 16MiB or 64GiB"),
        ("1KiB", "'1KiB' is not a size for a history; use 1MiB to 64GiB"),
        ("65GiB", "'65GiB' is not a size for a history; use 1MiB to 64GiB"),
    ],
)
def test_a_size_that_is_too_small_is_refused(run: Run, size: str, message: str) -> None:
    refused(run("text", "--history", size), message)


def test_tab_completes_the_last_word_as_readline_splits_it() -> None:
    desk = TextDesk(open_session("life-of-a-page"))
    assert completions(desk, "thre", 0) == ["thread ", "threads "]
    assert completions(desk, "view wai", 5) == ["waits"]
    assert completions(desk, "until queue_of(app.a", 6) == ["queue_of(app.again"]
    assert completions(desk, "explain soft b", 13) == ["busy"]
    assert completions(desk, "dance x", 6) == []
