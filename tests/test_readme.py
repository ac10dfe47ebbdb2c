"""What the README promises is true: its commands, topics, pictures and figures exist as it names them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from explorer.cli.entry import build_parser, main, sub_commands
from explorer.cli.help import topics
from explorer.commands.table import VERBS

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")

LONGEST = 160


def test_it_is_short() -> None:
    assert README.count("\n") <= LONGEST


def test_there_are_exactly_two_commands_to_begin_with() -> None:
    blocks = re.findall(r"```(\w*)\n(.*?)```", README, re.DOTALL)
    assert [language for language, _ in blocks] == ["sh", "sh"]
    lines = [line for _, block in blocks for line in block.splitlines()]
    assert len(lines) == 2
    assert all(line.startswith("python3 -m venv .venv && .venv/bin/pip install") for line in lines)
    assert [line.split("/")[-1] for line in lines] == ["pageq", "pytest"]


def rows(heading: str) -> list[list[str]]:
    """The rows of the table under a heading, without its head."""
    section = re.split(rf"^## {heading}$", README, flags=re.MULTILINE)[1].partition("\n## ")[0]
    return [line.strip("|").split("|") for line in section.splitlines() if line.startswith("| `")]


def test_the_table_has_every_command_in_one_line_each() -> None:
    named = [re.findall(r"`pageq ([a-z]+)`", row[0]) for row in rows("Commands")]
    assert sorted(named) == sorted([name] for name in sub_commands())


def test_every_command_that_is_named_exists() -> None:
    assert set(re.findall(r"`pageq ([a-z]+)", README)) == set(sub_commands())
    for line in re.findall(r"`pageq ([a-z]+ [^`]+)`", README):
        if line != "help TOPIC":
            build_parser().parse_args(line.split())


def test_every_topic_is_named() -> None:
    named = [name for row in rows("The reference") for name in re.findall(r"`([a-z-]+)`", row[0])]
    assert sorted(named) == sorted(topics())


def test_every_console_command_that_is_named_exists() -> None:
    assert set(re.findall(r"`:([a-z-]+)", README)) <= set(VERBS)


def test_every_picture_and_every_file_is_there() -> None:
    targets = re.findall(r"\]\(([^)]+)\)", README)
    assert len([target for target in targets if target.endswith(".svg")]) >= 1
    assert [target for target in targets if not (ROOT / target).exists()] == []


def figures(text: str) -> list[str]:
    """The number of files, operations, comparisons and divergences that a text claims."""
    found = re.search(r"([\d,]+) files\D+?([\d,]+) operations\D+?([\d,]+)\s+comparisons", text)
    assert found is not None
    return [number.replace(",", "") for number in found.groups()]


def test_the_reference_has_the_same_figures() -> None:
    assert figures(README) == figures(topics()["model"].text)


@pytest.mark.slow
def test_the_figures_are_those_of_the_traces(capsys: pytest.CaptureFixture[str]) -> None:
    traces = sorted((ROOT / "tests" / "conformance" / "golden").glob("*.json*"))
    assert main(["conform", *map(str, traces)]) == 0
    last = capsys.readouterr().out.splitlines()[-1]
    files, operations, comparisons = figures(README)
    assert last.startswith(f"{files} files, ")
    assert f" {operations} operations, {comparisons} comparisons, 0 not covered, 0 divergences" in last
