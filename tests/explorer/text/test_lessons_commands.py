"""What a lesson says to type works: on the console of its scenario, and on the command line."""

from __future__ import annotations

import re

import pytest

from engine.scenario.library import OWN
from engine.scenario.loader import load
from explorer.cli.entry import main
from explorer.session.session import Session
from explorer.text.mode import TextDesk

TEXTS = {
    name: re.sub(r"\\\n\s*", "", (OWN.path / f"{name}.toml").read_text(encoding="utf-8"))
    for name in OWN.names
}
"""Scenario -> its file: loading it would cost every process that collects these tests seconds."""

TYPED = {
    name: typed
    for name, text in TEXTS.items()
    if (typed := re.findall(r"`([:/](?!proc)[a-z0-9][^`]*)`", " ".join(text.split())))
}
"""Scenario -> what its lesson says to type on the console."""

CALLED = sorted(
    {
        call
        for text in TEXTS.values()
        for call in re.findall(r"(?:`|^    )pageq ([^`\n]+)", text, re.MULTILINE)
    }
)
"""The command lines of the lessons."""


@pytest.mark.parametrize("name", TYPED)
def test_every_console_command_of_a_lesson_is_accepted(name: str) -> None:
    scenario = load(name)
    desk = TextDesk(Session(scenario.start(), scenario))
    desk.do_line("continue")
    for line in TYPED[name]:
        # On the screen the key / opens the console with `find`; text mode wants a blank after it.
        printed = desk.do_line(line.replace("/", "/ ", 1) if line.startswith("/") else line)
        assert printed, line
        assert not printed[0].startswith("Error"), f"{line}: {printed[0]}"


def test_the_tour_types_a_step_and_a_line() -> None:
    assert [line.strip() for line in TYPED["tour"]] == [":24", ":goto app:6", ":explain wired"]


@pytest.mark.parametrize("call", CALLED)
def test_every_command_line_of_a_lesson_runs(call: str, capsys: pytest.CaptureFixture[str]) -> None:
    # Another schedule than the scenario's own may end differently, which is a finding: 1.
    assert main(call.split()) in ((0, 1) if "--schedule" in call else (0,))
    printed = capsys.readouterr()
    assert printed.out
    assert not printed.err
