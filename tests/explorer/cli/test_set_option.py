"""`--set KEY=VALUE` on each command that takes a scenario, and in state strings."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from explorer.cli.entry import main
from tests.engine.scenario.course_folder import only, write_course

LIFE = "life-of-a-page"


def output(capsys: pytest.CaptureFixture[str], *words: str, code: int = 0) -> str:
    assert main(words) == code
    return capsys.readouterr().out


COMMANDS = (
    ("run", LIFE, "--json", "--steps", "1"),
    ("why", LIFE, "page[0x2].queue", "--json"),
    ("biography", LIFE, "object heap", "--json"),
    ("check", LIFE),
    ("show", "pageq", LIFE, "--json"),
    ("show", "pageq", "--machine", "tiny"),
    ("export", LIFE, "--format", "json"),
    ("text", LIFE),
    ("tui", LIFE),
    ("run", "--all"),
)
"""A command line of each command that takes a scenario."""

REFUSED = (
    (
        "--set",
        "machine.coulours=4",
        "--set machine.coulours: 'coulours' is not a key of [machine]; use colors",
    ),
    ("--rules", "documents", "'documents'"),
    ("--machine", "7Mib:1x1", "'1x1' is not a topology"),
)


@pytest.mark.parametrize(("option", "value", "message"), REFUSED, ids=[row[0] for row in REFUSED])
@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_each_command_takes_the_option_and_refuses_a_wrong_value(
    words: tuple[str, ...],
    option: str,
    value: str,
    message: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for stream in ("stdin", "stdout", "stderr"):
        monkeypatch.setattr(f"sys.{stream}.isatty", lambda: True, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    assert main([*words, option, value]) in (1, 2)
    printed = capsys.readouterr()
    assert message in printed.out + printed.err


@pytest.mark.parametrize(
    "words", [row for row in COMMANDS if "--all" not in row and LIFE in row], ids=" ".join
)
def test_each_command_takes_a_seed_and_refuses_a_value_of_no_parameter(
    words: tuple[str, ...], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main([*words, "--seed", "x"]) == 2
    assert "argument --seed: 'x' is not a seed; use a number from 0 to" in capsys.readouterr().err
    for stream in ("stdin", "stdout", "stderr"):
        monkeypatch.setattr(f"sys.{stream}.isatty", lambda: True, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    assert main([*words, "--seed", "7", "--set", "pages=3"]) == 2
    assert "--set 'pages' is not allowed; set rules or a key of" in capsys.readouterr().err


@pytest.mark.parametrize(
    "words",
    [row for row in COMMANDS if row[0] in ("run", "why", "show", "check") and LIFE in row],
    ids=" ".join,
)
def test_a_seed_changes_nothing_where_there_are_no_parameters(
    words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert output(capsys, *words, "--seed", "7") == output(capsys, *words)


def test_a_run_shows_its_values_and_its_state_string_has_them(capsys: pytest.CaptureFixture[str]) -> None:
    words = ("run", "counting-on-each-processor", "--seed", "1", "--steps", "30", "--json")
    lines = output(capsys, *words, "--state", "-").splitlines()
    start, last = json.loads(lines[0]), json.loads(lines[-1])
    assert start["parameters"] == {"pages": 6}  # splitmix64(1) is 10451216379200822465, 1 mod 4
    again = output(capsys, "run", "--open", last["token"], "--steps", "0", "--json").splitlines()
    assert json.loads(again[0])["parameters"] == start["parameters"]
    assert json.loads(again[-1])["digest"] == json.loads(lines[-2])["digest"]
    assert "parameters" not in json.loads(
        output(capsys, "run", LIFE, "--steps", "0", "--json").splitlines()[0]
    )
    text = output(capsys, "run", "counting-on-each-processor", "--steps", "0", "--set", "pages=3")
    assert "schedule rr, pages = 3\n" in text


@pytest.mark.parametrize("more", [("--seed", "0"), ("--set", "pages=6")])
def test_the_library_runs_with_its_default_values(
    more: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", "--all", *more]) == 2
    assert "--all runs every scenario with the default values of its parameters" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["run", "tui"])
def test_a_state_string_takes_no_seed(
    command: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for stream in ("stdin", "stdout", "stderr"):
        monkeypatch.setattr(f"sys.{stream}.isatty", lambda: True, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    assert main([command, "--open", "pq1-x", "--seed", "0"]) == 2
    assert "seed" in capsys.readouterr().err


def test_the_colours_of_a_machine_without_a_scenario(capsys: pytest.CaptureFixture[str]) -> None:
    text = output(capsys, "show", "pageq", "--machine", "tiny", "--set", "machine.colors=4", "--json")
    assert {len(lengths) for lengths in json.loads(text)["pageq"].values()} == {4}


def test_a_run_names_its_rules_and_its_state_string_has_them(capsys: pytest.CaptureFixture[str]) -> None:
    words = ("--set", "rules=source", "--set", "machine.colors=16", "--steps", "9", "--json")
    lines = output(capsys, "run", LIFE, *words, "--state", "-").splitlines()
    start, last = json.loads(lines[0]), json.loads(lines[-1])
    assert start["rules"] == "source"
    again = output(capsys, "run", "--open", last["token"], "--steps", "0", "--json").splitlines()
    assert json.loads(again[0])["rules"] == "source"
    assert json.loads(again[-1])["digest"] == json.loads(lines[-2])["digest"]


def test_a_state_string_takes_no_settings(capsys: pytest.CaptureFixture[str]) -> None:
    lines = output(capsys, "run", LIFE, "--steps", "9", "--json", "--state", "-").splitlines()
    word = json.loads(lines[-1])["token"]
    assert main(["run", "--open", word, "--set", "machine.colors=16"]) == 2
    assert "use --open alone" in capsys.readouterr().err


def test_the_library_runs_under_a_setting(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    course = str(write_course(tmp_path, only(LIFE, "tour"), names=()))
    text = output(capsys, "run", "--all", "--course", course, "--set", "limits.steps=3", code=1)
    assert [line.split()[1] for line in text.splitlines() if not line.startswith(" ")] == ["FAILS", "FAILS"]


def test_rules_on_the_command_line_win_over_the_options_of_the_file(
    capsys: pytest.CaptureFixture[str],
) -> None:
    words = ("run", "nice-and-waiting", "--steps", "0", "--json")
    for given in (("--rules", "document+nice_rule=none"), ("--set", "rules=document+nice_rule=none")):
        start = json.loads(output(capsys, *words, *given).splitlines()[0])
        assert start["rules"] == "document+nice_rule=none"


@pytest.mark.parametrize(
    "words",
    [
        ("run", LIFE, "--json", "--steps", "0"),
        ("show", "page", LIFE, "--json"),
        ("why", LIFE, "global.ticks", "--at", "0", "--json"),
        ("check", LIFE, "--json"),
    ],
    ids=" ".join,
)
def test_limits_that_another_machine_keeps_are_a_warning_on_stderr(
    words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*words, "--machine", "two-socket"]) == 0
    printed = capsys.readouterr()
    start = f"warning: {LIFE}: the file's [machine.thresholds] stay: v_free_reserved = 49, "
    assert printed.err.startswith(start)
    assert printed.err.count("\n") == 1
    assert all(json.loads(line) for line in printed.out.splitlines())
    assert main(words) == 0
    assert capsys.readouterr().err == ""
