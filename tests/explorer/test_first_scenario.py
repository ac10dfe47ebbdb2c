"""The page "Your first scenario in ten minutes" is true: its files and commands are tried in their order."""

from __future__ import annotations

import io
import re
import shlex
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import NamedTuple

import pytest

from engine.scenario.every_error import every_error
from engine.scenario.loader import load
from explorer.cli.entry import BAD, FOUND, main
from explorer.cli.help import topics
from explorer.commands.config import Settings
from explorer.tui.app import make_app
from tests.explorer.reference_pages import sections, table, terms
from tests.explorer.screen_at_rest import presses

PAGE = topics()["first-scenario"].text

_STEP = re.compile(
    r"^[^\n]*\b(?P<how>Write|Add to) `(?P<file>[^`]+)`:\n\n```toml\n(?P<content>.*?)^```$"
    r"|^```sh\n(?P<commands>.*?)^```$(?:\n\n^```text\n(?P<output>.*?)^```$)?",
    re.MULTILINE | re.DOTALL,
)


class Commands(NamedTuple):
    """Commands of the page, and what it says that they print together; None if it does not say."""

    lines: list[str]
    output: str | None


def steps(folder: Path) -> Iterator[Commands]:
    """Carry out what the page says about files, and yield the commands between."""
    for step in _STEP.finditer(PAGE):
        if step["commands"] is not None:
            yield Commands(step["commands"].splitlines(), step["output"])
            continue
        path = folder / step["file"]
        assert path.exists() is (step["how"] == "Add to"), step[0]
        with path.open("a", encoding="utf-8") as file:
            file.write(step["content"])


def printed(line: str) -> tuple[int, str]:
    """The exit code of a command line, and what it prints on a terminal."""
    program, *words = shlex.split(line)
    if program == "mkdir":
        Path(*words).mkdir()
        return 0, ""
    assert program == "pageq", line
    out = io.StringIO()
    with redirect_stdout(out), redirect_stderr(out):
        code = main(words)
    return code, out.getvalue()


def pattern_of(output: str) -> re.Pattern[str]:
    """The pattern of an output in which `...` is the rest of a line, and as a line, any lines."""
    lines = (re.escape(line) for line in output.splitlines())
    return re.compile(
        "".join("(?:.*\n)*" if line == r"\.\.\." else f"{line}\n" for line in lines).replace(r"\.\.\.", ".*")
    )


def wanted_code(output: str) -> int:
    """The exit code of commands by what they print: a finding, a message about a file, or neither."""
    if re.search(r"^\S+\.toml:\d+: ", output, re.MULTILINE):
        return BAD
    return FOUND if "FAILS" in output else 0


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, which is the current one, and a terminal of 80 columns."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    return tmp_path


def test_each_command_prints_what_the_page_shows(folder: Path) -> None:
    tried = 0
    for commands in steps(folder):
        if commands.output is None:
            assert commands.lines == ["pageq tui first.toml"]
            continue
        results = [printed(line) for line in commands.lines]
        output = "".join(text for _, text in results)
        assert pattern_of(commands.output).fullmatch(output), f"{commands.lines}:\n{output}"
        assert max(code for code, _ in results) == wanted_code(commands.output)
        tried += len(results)
    assert tried >= 10
    assert every_error("first.toml") == []


def test_the_page_leaves_out_no_more_than_a_digest_and_a_list() -> None:
    shown = [step["output"] for step in _STEP.finditer(PAGE) if step["output"]]
    left_out = [line for text in shown for line in text.splitlines() if "..." in line]
    assert all(line == "..." or line.endswith(("digest ...", "or ...")) for line in left_out)


def test_every_file_and_command_of_the_page_is_tried() -> None:
    found = list(_STEP.finditer(PAGE))
    languages = re.findall(r"^```(\w+)$", PAGE, re.MULTILINE)
    assert languages.count("toml") == sum(step["content"] is not None for step in found)
    assert languages.count("sh") == sum(step["commands"] is not None for step in found)
    assert languages.count("text") == sum(step["output"] is not None for step in found)


async def test_the_keys_show_what_the_page_says(folder: Path) -> None:
    for commands in steps(folder):
        if commands.output is None:
            break
    scenario = load("first.toml")
    app = make_app(scenario, scenario.start(), settings=Settings())
    app.animation_level = "none"
    rows = table(sections("first-scenario")["5. On the screen"])
    async with app.run_test(size=(120, 40)) as person:
        for key, shows in rows[:-1]:
            shown = await presses(person, *terms(key))
            assert [words for words in terms(shows) if words not in shown] == [], shown
    assert terms(rows[-1][0]) == ["q"]


def test_the_last_file_keeps_its_lesson_and_its_question(folder: Path) -> None:
    for commands in steps(folder):
        for line in commands.lines:
            if line.startswith("mkdir"):
                printed(line)
    scenario = load("first.toml")
    history = scenario.start()
    assert scenario.run(history) == "completed"
    assert [answer.ok for answer in scenario.answers(history)] == [True]
    assert [check.ok for check in scenario.check_expectations(history)] == [True, True, True]
    assert len(scenario.pages) == 2
