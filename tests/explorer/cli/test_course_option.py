"""`--course DIR` on each command that takes a scenario: names are looked up in the course."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from explorer.cli.entry import build_parser, sub_commands
from tests.engine.scenario.course_folder import write_course
from tests.explorer.cli.command_output import Run

HIDDEN = ("first", "second", "tour")
"""Scenarios of a course; the last one hides a scenario of the library."""


@pytest.fixture
def course(tmp_path: Path) -> str:
    return str(write_course(tmp_path / "mine", names=HIDDEN))


COMMANDS = (
    ("run", "tour", "--json", "--steps", "1"),
    ("explore", "tour", "--json"),
    ("why", "tour", "vmstats.v_free_count", "--json"),
    ("whynot", "tour", "free", "app.m", "--at", "end"),
    ("biography", "tour", "queue FREE[0]"),
    ("check", "tour"),
    ("show", "pageq", "tour"),
    ("export", "tour", "--format", "json"),
    ("questions", "tour"),
    ("text", "tour"),
)
"""A command line of each command that takes one scenario, and works without a terminal."""


@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: words[0])
def test_a_name_is_that_of_the_course(
    run: Run, course: str, words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    def printed(*more: str) -> str:
        monkeypatch.setattr("sys.stdin", io.StringIO(""))
        code, out, err = run(*words, *more)
        assert (code, err) == (0, "")
        return out

    assert printed("--course", course) != printed()


def test_each_command_that_takes_a_scenario_takes_a_course() -> None:
    for name in sub_commands():
        (action,) = build_parser(name)._subparsers._group_actions  # type: ignore[union-attr]
        actions = action.choices[name]._actions  # type: ignore[index]
        options = {option for one in actions for option in one.option_strings}
        assert "--set" not in options or "--course" in options, name


def test_a_scenario_of_the_library_is_found_too(run: Run, course: str) -> None:
    assert run("run", "life-of-a-page", "--quiet", "--course", course)[0] == 0


def test_all_runs_the_scenarios_of_the_course(run: Run, course: str) -> None:
    code, out, _ = run("run", "--all", "--json", "--course", course)
    assert [json.loads(line)["scenario"] for line in out.splitlines()] == list(HIDDEN)
    assert code == 0


def test_all_questions_are_in_the_order_of_the_course(run: Run, course: str) -> None:
    _, out, _ = run("questions", "--format", "json", "--course", course)
    found = [question["scenario"] for question in json.loads(out)["questions"]]
    assert found == ["first", "tour", "second"]


def test_every_scenario_of_a_course_is_checked(run: Run, course: str) -> None:
    code, out, err = run("check", "--course", course)
    assert (code, err) == (0, "")
    assert out.splitlines() == [f"{name}: The scenario {name}: 1 thread, ok" for name in HIDDEN]
    bad = Path(course) / "second.toml"
    bad.write_text(bad.read_text().replace("vm_page_free(m)", "vm_page_free(q)"))
    code, out, err = run("check", "--course", course)
    assert (code, len(out.splitlines())) == (2, 2)
    assert err.startswith(f"{bad}:16: ")


def test_a_check_of_nothing_says_what_to_give(run: Run) -> None:
    code, _, err = run("check")
    assert (code, err) == (
        2,
        "pageq: there is nothing to check; give a FILE, or --course DIR for all of a course\n",
    )


def test_a_link_to_a_scenario_of_the_course_is_right_only_within_it(run: Run, course: str) -> None:
    file = str(Path(course) / "first.toml")
    assert run("check", file, "--course", course)[0] == 0
    code, _, err = run("check", file)
    assert code == 2
    assert err.startswith(f"{file}:20: (scenario:second): there is no scenario 'second'; ")


@pytest.mark.parametrize("line", ["run first", "list", "course", "questions", "tui"])
def test_a_folder_without_a_course_file_says_what_to_do(run: Run, tmp_path: Path, line: str) -> None:
    code, out, err = run(*line.split(), "--course", str(tmp_path))
    assert (code, out) == (2, "")
    right = "write one that lists its scenarios (pageq help courses)"
    assert err == f"{tmp_path}: this folder has no course.toml; {right}\n"


def test_a_state_string_of_a_course_opens_without_the_course(run: Run, course: str) -> None:
    _, out, _ = run("run", "tour", "--course", course, "--quiet", "--steps", "2", "--state", "-", "--json")
    (token,) = [entry["token"] for entry in map(json.loads, out.splitlines()) if entry["type"] == "token"]
    code, out, _ = run("run", "--open", token, "--json")
    assert (code, json.loads(out.splitlines()[0])["scenario"]) == (0, "tour.toml")
    code, out, _ = run("run", "--open", token, "--json", "--course", course)
    assert (code, json.loads(out.splitlines()[0])["scenario"]) == (0, "tour")
