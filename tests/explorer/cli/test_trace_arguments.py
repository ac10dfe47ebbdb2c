"""`--trace TRACE --frames N`: the replay of a reference string as a scenario."""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from engine.errors import BadInput
from engine.references.reader import Reading
from engine.replay import frames
from engine.run.reference_string import REFERENCES_PER_TICK
from engine.saved.as_scenario import export_scenario
from engine.scenario.trace_file import content
from explorer.cli.entry import build_parser
from explorer.cli.trace_arguments import (
    LEAST_KERNEL_FRAMES,
    MOST_KERNEL_FRAMES,
    TICK,
    check_one,
    chosen_scenario,
    reading_of,
    trace_name,
)
from explorer.session.open import open_again
from explorer.session.saved_moment import save, tell_token
from explorer.session.session import Session
from tests.explorer.cli.command_output import Run, refused
from tests.explorer.cli.process_stdin import stdin_of

STRING = "made:loop:pages=3,length=40"

REPLAY = ("--trace", STRING, "--frames", "5")


def _arguments(*words: str) -> argparse.Namespace:
    return build_parser("run").parse_args(["run", *words])


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--trace", STRING], "--trace needs --frames N"),
        (["--trace", "recorded:foo"], "'foo' is not a recorded string"),
        (["--frames", "5"], "nothing to run"),
        (["life-of-a-page", "--frames", "5"], "--frames is about a replay; give --trace TRACE too"),
        (["life-of-a-page", "--trace", STRING], "SCENARIO and --trace exclude each other; use only one"),
        (["--trace", "none", "--frames", "5"], "none'; give a trace file, made:KIND:... or recorded:NAME"),
        (
            ["--trace", STRING, "--frames", "1"],
            "'1' is not a number of frames; use one like 64, from 2 to 8,388,608",
        ),
        (["--trace", STRING, "--frames", "9", "--format", "x"], "--format x: unknown format"),
        (
            [*REPLAY, "--machine", "64MiB:2x2x1"],
            "--machine and --trace exclude each other: --frames sizes the",
        ),
        ([*REPLAY, "--set", "machine.memory='9 MiB'"], "--set machine.memory and --trace exclude each other"),
        ([*REPLAY, "--set", "machine.colors=4"], "--set machine.colors and --trace exclude each other"),
        ([*REPLAY, "--set", "machine.thresholds.v_free_min=4"], "--set machine.thresholds.v_free_min and"),
        ([*REPLAY, "--set", "machine.thresholds=newer"], "--set machine.thresholds and --trace exclude"),
        (["--open", "pq1-x", "--trace", STRING], "a state string has its own scenario"),
    ],
)
def test_what_cannot_be_replayed_is_refused(run: Run, words: list[str], message: str) -> None:
    refused(run("run", *words), message)


def test_a_replay_runs_to_its_end(run: Run) -> None:
    code, out, err = run("run", "--trace", STRING, "--frames", "8", "--tick", "10")
    assert (code, err) == (0, "")
    assert "load from 0x0, and 6 more hits" in out
    assert out.count("advance the clock") == 4
    assert out.splitlines()[-1].startswith("completed after step ")


def test_text_mode_opens_a_replay(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("until app.position >= 20\nquit\n"))
    code, out, _ = run("text", "--trace", STRING, "--frames", "8")
    assert code == 0
    assert f"{STRING} in 8 frames" in out
    assert "app.position >= 20 holds" in out


def test_text_mode_does_not_read_a_trace_from_its_commands(run: Run) -> None:
    refused(
        run("text", "--trace", "-", "--frames", "8"), "text mode reads its commands from stdin; give a file"
    )


@pytest.fixture
def trace_on_stdin() -> Iterator[None]:
    """Let the process's standard input be a trace of 40 references to three pages."""
    with stdin_of(b" ".join(b"%d" % (number % 3) for number in range(40))):
        yield


@pytest.mark.usefixtures("trace_on_stdin")
def test_a_trace_from_stdin_is_read_once_and_takes_the_steps_of_a_file(run: Run) -> None:
    words = ("--frames", "8", "--format", "pages", "--break", "vm_fault hits 2", "--quiet")
    assert run("run", "--trace", "-", *words) == run("run", "--trace", STRING, *words[:2], *words[4:])


@pytest.mark.usefixtures("trace_on_stdin")
def test_what_cannot_be_opened_again_is_not_saved(run: Run, tmp_path: Path) -> None:
    scenario = chosen_scenario(_arguments("--trace", "-", "--frames", "8", "--format", "pages"))
    session = Session(scenario.start(), scenario)
    again = open_again(session, rules="source")
    string, same = scenario.programs[1].string, again.history.programs[1].string
    assert string is not None
    assert same is not None
    assert (again.vm.rules.name(), content(same)) == ("source", content(string))
    for keep in (
        tell_token,
        partial(save, name="mine"),
        lambda session: export_scenario(scenario, session.history),
    ):
        with pytest.raises(BadInput, match="the trace of this run came from stdin"):
            keep(again)
    copy = tmp_path / "copy.toml"
    copy.write_text(scenario.form.source)
    refused(
        run("run", str(copy)),
        f"{copy}:45: the trace came from stdin, which cannot be read again; give a file",
    )


def test_the_replay_is_the_scenario_with_the_settings_of_the_command_line(tmp_path: Path) -> None:
    trace = tmp_path / "t.csv"
    trace.write_text("8192,r\n16384,w\n")
    words = ["--frames", "8", "--columns", "addr=1,\nop=2", "--page-size", "8192", "--no-code"]
    arguments = _arguments("--trace", str(trace), *words, "--rules", "source", "--set", "machine.io_delay=3")
    assert reading_of(arguments) == Reading(None, 13, False, reading_of(arguments).columns)
    scenario = chosen_scenario(arguments)
    assert (scenario.rules, scenario.config.io_delay) == ("source", 3)
    string = scenario.programs[1].string
    assert string is not None
    assert (string.places.tolist(), string.writes.tolist()) == ([1, 2], [False, True])


def test_the_frames_of_the_options_are_those_that_a_machine_can_have() -> None:
    assert (LEAST_KERNEL_FRAMES, MOST_KERNEL_FRAMES) == (frames.LEAST_FRAMES, frames.MOST_FRAMES)
    assert TICK == REFERENCES_PER_TICK


def test_the_name_of_a_file_has_its_home_folder_in_full() -> None:
    assert trace_name("made:loop") == "made:loop"
    assert trace_name("-") == "-"
    assert trace_name("~/x") == str(Path.home() / "x")


def test_a_scenario_alone_is_a_scenario() -> None:
    arguments = _arguments("life-of-a-page")
    check_one(arguments)
    assert chosen_scenario(arguments).name == "life-of-a-page"
    with pytest.raises(BadInput):
        check_one(_arguments("life-of-a-page", "--trace", STRING))
