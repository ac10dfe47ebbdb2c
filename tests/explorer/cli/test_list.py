"""`pageq list`: the scenarios in the order of the course, by topic or by level, and as a JSON array."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from time import perf_counter

import pytest

from engine.scenario.headings import HEADINGS
from engine.scenario.library import OWN
from tests.engine.scenario.course_folder import write_course
from tests.explorer.cli.command_output import Run

KEYS = ["name", "title", "level", "rules", "covers", "teaches", "unit"]


@pytest.fixture(autouse=True)
def width(monkeypatch: pytest.MonkeyPatch) -> None:
    """Print for a terminal of 80 columns."""
    monkeypatch.setenv("COLUMNS", "80")


def heads(lines: list[str]) -> list[str]:
    return [line for line in lines if line and not line.startswith(" ")]


def names(lines: list[str]) -> list[str]:
    """The first word of each line that starts a scenario."""
    return [line.split()[0].rstrip(":") for line in lines if line.startswith("   ") and line[3:4].strip()]


def test_the_list_follows_the_course_and_says_what_each_teaches(run: Run) -> None:
    code, out, _ = run("list")
    lines = out.splitlines()
    assert code == 0
    assert heads(lines)[0] == "1. First look (40 minutes)"
    assert [head.split(". ")[0] for head in heads(lines)] == [str(number) for number in range(1, 13)]
    assert names(lines) == list(OWN.course.scenarios)
    said = " ".join(out.split())
    assert all(one.teaches in said and one.title in said for one in OWN.listings())
    assert max(map(len, lines)) <= 80


def test_the_list_by_topic_goes_by_the_document(run: Run) -> None:
    _, out, _ = run("list", "--by-topic")
    lines = out.splitlines()
    covered = [one for heading in HEADINGS if (one := heading.replace("`", ""))]
    assert heads(lines) == covered
    at = lines.index("Low Memory Kill")
    assert names(lines[at : at + 2]) == ["swap-full"]
    assert max(map(len, lines)) <= 80


def test_the_list_by_level_starts_with_the_easiest(run: Run) -> None:
    _, out, _ = run("list", "--by-level")
    lines = out.splitlines()
    assert heads(lines) == ["beginner", "intermediate", "expert"]
    assert names(lines) == [one.name for one in OWN.listings()]
    assert lines[1].split() == ["life-of-a-page", "The", "life", "of", "a", "page"]


def test_the_json_list_has_the_contracts_keys(run: Run) -> None:
    code, out, _ = run("list", "--json")
    entries = json.loads(out)
    assert code == 0
    assert all(list(entry) == KEYS for entry in entries)
    assert [entry["name"] for entry in entries] == list(OWN.course.scenarios)
    assert [entry["unit"] for entry in entries][:6] == ["first-look"] * 5 + ["boot-colour-home"]
    by_level = json.loads(run("list", "--json", "--by-level")[1])
    assert [entry["name"] for entry in by_level] == [one.name for one in OWN.listings()]


def test_one_order_is_chosen(run: Run) -> None:
    assert run("list", "--by-topic", "--by-level")[0] == 2


def test_a_course_of_a_folder_is_listed(run: Run, tmp_path: Path) -> None:
    folder = write_course(tmp_path, names=("first", "second", "extra"))
    path = folder / "extra.toml"
    path.write_text(path.read_text().replace('covers = ["Overview"]', 'covers = ["My own topic"]'))
    code, out, _ = run("list", "--course", str(folder))
    assert (code, names(out.splitlines())) == (0, ["first", "tour", "second", "extra"])
    assert heads(out.splitlines()) == ["1. The first unit (20 minutes)", "2. The second unit", "In no unit"]
    topics = heads(run("list", "--course", str(folder), "--by-topic")[1].splitlines())
    assert topics == ["When You Need This", "Overview", "My own topic"]
    entries = json.loads(run("list", "--course", str(folder), "--json")[1])
    assert [(entry["name"], entry["unit"]) for entry in entries][-1] == ("extra", None)


def test_a_scenario_without_topics_is_listed_by_topic_too(run: Run, tmp_path: Path) -> None:
    folder = write_course(tmp_path, names=("first", "second", "extra"))
    path = folder / "extra.toml"
    path.write_text(path.read_text().replace('covers = ["Overview"]\n', ""))
    out = run("list", "--course", str(folder), "--by-topic")[1]
    assert out.splitlines()[-2:] == ["Without a topic", "   extra  The scenario extra"]


def test_a_broken_scenario_of_a_course_is_a_message_with_its_line(run: Run, tmp_path: Path) -> None:
    folder = write_course(tmp_path)
    (folder / "second.toml").write_text('format = 1\ntitle = "t"\nlevel = "hard"\n')
    code, out, err = run("list", "--course", str(folder))
    assert (code, out) == (2, "")
    assert err.startswith(f"{folder / 'second.toml'}:3: level = 'hard' is not possible; use one of beginner")


@pytest.mark.slow
@pytest.mark.parametrize("words", [("list",), ("list", "--by-topic"), ("course",)], ids=" ".join)
def test_the_list_is_there_at_once(words: tuple[str, ...]) -> None:
    times = []
    for _ in range(5):
        start = perf_counter()
        command = [sys.executable, "-m", "explorer.cli", *words]
        subprocess.run(command, check=True, capture_output=True, env={**os.environ, "PYTHONPATH": "."})
        times.append(perf_counter() - start)
    assert min(times) <= 0.3
