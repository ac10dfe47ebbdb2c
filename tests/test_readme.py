"""The README is true: its example scenario runs, its code works, its commands exist."""

from __future__ import annotations

import re
from pathlib import Path

from engine.scenario.loader import load_text
from explorer.cli.entry import build_parser

README = (Path(__file__).resolve().parents[1] / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    """The fenced blocks in one language."""
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def test_the_example_scenario_does_what_it_expects() -> None:
    (text,) = blocks("toml")
    scenario = load_text(text)
    history = scenario.start()
    assert scenario.run(history) == "completed"
    assert all(check.ok for check in scenario.check_expectations(history))


def test_the_library_example_runs() -> None:
    (code,) = blocks("python")
    names: dict[str, object] = {}
    exec(code, names)
    assert names["history"].step == 3  # type: ignore[attr-defined]  # a History


def test_there_are_exactly_two_commands_to_start_with() -> None:
    lines = [line for block in blocks("sh") for line in block.splitlines()]
    assert len(lines) == 2
    assert all(line.startswith("python3 -m venv .venv && .venv/bin/pip install") for line in lines)


def test_the_table_lists_exactly_the_commands() -> None:
    known = set(build_parser()._subparsers._group_actions[0].choices)  # type: ignore[union-attr,arg-type]
    named = set(re.findall(r"`pageq ([a-z]+)", README))
    assert named
    assert named <= known
    assert known <= named


def test_every_picture_exists() -> None:
    root = Path(__file__).resolve().parents[1]
    pictures = re.findall(r"\]\((screenshots/[^)]+)\)", README)
    assert pictures
    assert all((root / picture).exists() for picture in pictures)
