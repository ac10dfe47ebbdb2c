"""`pageq map`: what machines print, read from files and stdin, printed or shown on the screen."""

from __future__ import annotations

import gzip
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

import pytest

from engine.constants import QUEUE_BASES
from engine.inputs.dumps.moment import QUEUES, DumpMoment
from engine.machine.machine import Machine
from engine.reports.ddb import SHOWN_QUEUES, show_page, show_pageq
from engine.scenario.library import OWN
from tests.engine.scenario.played import played
from tests.explorer.cli.command_output import Run, refused
from tests.explorer.cli.process_stdin import stdin_of
from tests.explorer.cli.test_streams import SHELL, shell
from tests.explorer.pseudo_terminal import terminal
from tests.tiers import only_fast

DUMP = "PQ_FREE: 4 0 3 3\nPQ_CACHE: 0 0 1 2\nvmstats.v_free_count: 10\n"


@pytest.fixture
def dump(tmp_path: Path) -> str:
    """Return the path of a file with the dump DUMP."""
    path = tmp_path / "dump.txt"
    path.write_text(DUMP)
    return str(path)


def moments(run: Run, *words: str) -> list[Any]:
    """The moments that the command prints as JSON."""
    code, out, err = run("map", *words, "--json")
    assert (code, err) == (0, "")
    found: list[Any] = json.loads(out)["moments"]
    return found


def lengths(vm: Machine, name: str) -> list[int]:
    base = QUEUE_BASES[name]
    found: list[int] = vm.memory.vector("queue.lcnt")[base : base + vm.colors].tolist()
    return found


@pytest.mark.parametrize("name", only_fast(OWN.names, "life-of-a-page", "lock-order-reversal"))
def test_what_the_debugger_prints_at_the_end_of_a_scenario_is_read_back(name: str, run: Run) -> None:
    _, history = played(name)
    history.seek(history.total)
    with stdin_of(show_pageq(history.vm).encode() + show_page(history.vm).encode()):
        (found,) = moments(run, "-")
    shown = {label.removeprefix("PQ_") for label in SHOWN_QUEUES}
    assert found["queues"] == {
        queue: lengths(history.vm, queue) if queue in shown else None for queue in QUEUES
    }
    printed = dict(line.removeprefix("vmstats.").split(": ") for line in show_page(history.vm).splitlines())
    known = {field: value for field, value in found["vmstats"].items() if value is not None}
    assert known == {field: int(value) for field, value in printed.items()}
    assert found["notes"] == []


@SHELL
@pytest.mark.slow
def test_a_pipe_from_the_debugger_and_a_reader_that_stops_early() -> None:
    code, out, err = shell("pageq show pageq swap-full --at end --hold | pageq map - --json")
    assert (code, err) == (0, "")
    _, history = played("swap-full")
    history.seek(history.total)
    assert json.loads(out)["moments"][0]["queues"] == {name: lengths(history.vm, name) for name in QUEUES}
    assert shell("pageq show pageq | pageq map | head -1") == (0, "stdin:1\n", "")


# --- files and stdin --------------------------------------------------------------------------------------


def test_files_are_one_timeline_in_the_order_of_the_command_line(dump: str, tmp_path: Path, run: Run) -> None:
    packed = tmp_path / "packed"
    packed.write_bytes(gzip.compress(DUMP.replace("4 0", "5 0").encode()))
    with stdin_of(DUMP.replace("4 0", "6 0").encode()):
        found = moments(run, str(packed), "-", dump)
    assert [one["queues"]["FREE"][0] for one in found] == [5, 6, 4]
    assert [one["place"]["file"] for one in found] == [str(packed), "stdin", dump]


def test_without_a_file_stdin_is_read_unless_it_is_a_terminal(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    with stdin_of(DUMP.encode()):
        assert moments(run)[0]["vmstats"]["v_free_count"] == 10
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True)
    refused(run("map"), "nothing to read; give a FILE, or - to paste the text: `pageq map -`")


@pytest.mark.parametrize(
    ("words", "stdin", "message"),
    [
        (["-", "-"], DUMP, "stdin is read only once; give - once"),
        (["-"], "", "stdin:1: the text is empty; paste what DDB prints"),
        (["-"], "lorem ipsum\n", "stdin:1: this is not a dump of a machine; paste"),
        (["-"], "\0\1\2" * 100, "stdin:1: this is not text; paste"),
        (["-"], f"PQ_FREE: 1 {'9' * 5000} 2\n", "stdin:1: 999"),
        (["."], "", ".: cannot read the file: Is a directory; give a dump"),
        (["none"], "", "none: cannot read the file: No such file or directory; give a dump"),
        (["~nouser/x"], "", "'~nouser' is not the home folder of a user"),
        (["-", "--text", "--json"], DUMP, "not allowed with argument --text"),
    ],
)
def test_what_is_not_a_dump_is_refused(words: list[str], stdin: str, message: str, run: Run) -> None:
    with stdin_of(stdin.encode()):
        refused(run("map", *words), message)


# --- output -----------------------------------------------------------------------------------------------


def test_text_in_ascii_is_the_same_text(dump: str, run: Run) -> None:
    code, text, _ = run("map", dump, "--text")
    assert code == 0
    assert "FREE      ▄·▃▃  █ 8" in text
    _, plain, _ = run("map", dump, "--ascii")
    assert plain.isascii()
    assert "FREE      4.33  8 8" in plain
    assert len(plain.splitlines()) == len(text.splitlines())


def test_the_name_of_a_file_does_not_control_the_terminal(tmp_path: Path, run: Run) -> None:
    path = tmp_path / "a\x1b]0;b"
    path.write_text(DUMP)
    _, out, _ = run("map", str(path))
    assert "\x1b" not in out
    assert out.startswith(f"{tmp_path}/a\\u001b]0;b:1\n")


def on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> list[tuple[DumpMoment, ...]]:
    """Let all streams be a terminal; return a list that gets what the screen would show."""
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        monkeypatch.setattr(stream, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    found: list[tuple[DumpMoment, ...]] = []

    def show(moments: tuple[DumpMoment, ...]) -> int:
        found.append(moments)
        return 0

    monkeypatch.setattr("explorer.tui.dump_app.show", show)
    monkeypatch.setattr("explorer.cli.map.open_keyboard", lambda: None)
    return found


def test_a_terminal_gets_the_screen_unless_text_is_asked_for(
    dump: str, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = on_a_terminal(monkeypatch)
    assert run("map", dump) == (0, "", "")
    ((moment,),) = shown
    assert moment.total("FREE") == 10
    assert run("map", dump, "--text")[1].startswith(f"{dump}:1\n")
    assert len(shown) == 1


def test_a_terminal_that_cannot_show_the_screen_gets_the_text(
    dump: str, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = on_a_terminal(monkeypatch)
    monkeypatch.setenv("TERM", "dumb")
    code, out, err = run("map", dump)
    assert (code, shown) == (0, [])
    assert out.startswith(f"{dump}:1\n")
    assert err == "pageq: TERM=dumb is a terminal that cannot show the screen; the output is text\n"


# --- in a terminal ----------------------------------------------------------------------------------------


@pytest.mark.slow
def test_after_a_pipe_was_read_the_keys_come_from_the_terminal(dump: str) -> None:
    with Path(dump).open("rb") as stream, terminal("map", "-", stdin=stream) as screen:
        screen.wait_for("INACTIVE")
        screen.type(b"q")
        assert screen.wait() == 0
        assert screen.echoes
        assert not screen.on_other_screen
        assert "Traceback" not in screen.text


@pytest.mark.slow
def test_a_dump_is_pasted_into_the_terminal() -> None:
    with terminal("map", "-", "--text") as pasted:
        pasted.wait_for("paste the text, then press Ctrl+D")
        while pasted.echoes:
            pasted.read(0.02)
        pasted.type(b"PQ_FREE:" + b" 123456" * 1024 + b"\n\x04")
        assert pasted.wait() == 0
        assert f"{123456 * 1024:,}" in pasted.text
        assert pasted.echoes


@pytest.mark.slow
@pytest.mark.parametrize("pipe", [False, True])
def test_ctrl_c_while_stdin_is_read_is_exit_130_without_a_traceback(pipe: bool) -> None:
    reader, writer = os.pipe()
    with open(reader, "rb") as stream, terminal("map", "-", stdin=stream if pipe else None) as screen:
        screen.read(1.0)
        screen.type(b"\x03")
        assert screen.wait() == 128 + signal.SIGINT
        assert screen.echoes
        assert "Traceback" not in screen.text
    os.close(writer)
