"""The page about `pageq explore` is true: its output is the program's, its tests pass."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from explorer.cli.entry import FOUND
from explorer.cli.help import topics
from tests.explorer.cli.command_output import ROOT, Run
from tests.explorer.reference_pages import blocks, command_lines, first_column, sections

PAGE = "exploration"


def without_numbers(text: str) -> str:
    """The text without how long the search took, and without the lines of the scenario's file."""
    text = re.sub(r", [\d.]+ s$", "", text, count=1, flags=re.MULTILINE)
    return re.sub(r"toml:\d+", "toml", text)


def test_the_first_example_prints_what_the_page_shows(run: Run) -> None:
    (shown,) = blocks(PAGE, "text")
    words = next(iter(command_lines(PAGE)))
    code, out, err = run(*words)
    assert without_numbers(out) == without_numbers(shown)
    assert (code, err) == (0, "")


def test_the_schedule_of_the_example_has_that_outcome(run: Run) -> None:
    (shown,) = blocks(PAGE, "text")
    words = list(command_lines(PAGE))[1]
    assert f"simplest: {words[words.index('--schedule') + 1]}  " in shown
    code, out, _ = run(*words)
    assert code == FOUND
    assert out.startswith("panic:vm_page_alloc after step ")


@pytest.mark.slow
def test_the_tests_of_the_page_pass(tmp_path: Path) -> None:
    (code,) = blocks(PAGE, "python")
    (tmp_path / "test_page.py").write_text(code)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_page.py"],
        check=False,
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{code.count('def test_')} passed" in done.stdout


@pytest.mark.parametrize("heading", ["The first line", "Checking"])
def test_an_option_of_the_page_is_one_of_the_command(heading: str) -> None:
    known = {term.split()[0] for term in first_column(sections("commands")["pageq explore"])}
    assert {term.split()[0] for term in first_column(sections(PAGE)[heading])} <= known


def test_every_option_of_a_search_is_on_the_page() -> None:
    shared = {"SCENARIO", "--json", "--machine", "--rules", "--set", "--course", "--seed"}
    options = {term.split()[0] for term in first_column(sections("commands")["pageq explore"])} - shared
    assert [option for option in options if option not in topics()[PAGE].text] == []
