"""What CONTRIBUTING says is true: its files exist, its example runs, its line of a trace is one."""

from __future__ import annotations

import gzip
import re
import shlex
from pathlib import Path

from explorer.cli.entry import build_parser

ROOT = Path(__file__).resolve().parents[1]
TEXT = (ROOT / ".github" / "CONTRIBUTING.md").read_text(encoding="utf-8")
SHELL = [line.partition("#")[0].strip() for line in TEXT.splitlines() if line.startswith("    ")]


def test_every_file_that_is_named_exists() -> None:
    named = set(re.findall(r"`((?:engine|explorer|tests|\.ci|screenshots)/[\w./-]+)`", TEXT))
    assert len(named) > 40
    assert [name for name in sorted(named) if "NAME" not in name and not (ROOT / name).exists()] == []


def test_a_new_file_goes_to_a_folder_that_exists() -> None:
    named = set(re.findall(r"`((?:engine|explorer|tests)/[\w./-]*NAME\.py)`", TEXT))
    assert len(named) >= 6
    assert [name for name in sorted(named) if not (ROOT / name).parent.is_dir()] == []


def test_each_row_of_what_a_new_thing_touches_has_ten_lines() -> None:
    section = TEXT.partition("## Where a new thing goes")[2].partition("\n## ")[0]
    parts = section.split("\n### ")[1:]
    assert len(parts) == 9
    for part in parts:
        numbers = re.findall(r"^(\d+)\. ", part, re.MULTILINE)
        assert numbers == [str(number) for number in range(1, 11)], part.splitlines()[0]


def test_the_command_lines_are_accepted() -> None:
    lines = [line for line in SHELL if re.match(r"(\.venv/bin/)?pageq .", line)]
    assert len(lines) >= 6
    for line in lines:
        build_parser().parse_args(shlex.split(line)[1:])


def test_the_example_runs() -> None:
    (code,) = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
    names: dict[str, object] = {}
    exec(code, names)
    assert names["history"].step == 12  # type: ignore[attr-defined]  # a History


def test_the_line_of_a_trace_is_the_one_that_is_explained() -> None:
    shown = "".join(line for line in SHELL if line.startswith(("{", '"')))
    (number,) = re.findall(r"hold\.jsonl\.gz \| sed -n (\d+)p", TEXT)
    with gzip.open(ROOT / "tests" / "conformance" / "golden" / "hold.jsonl.gz", "rt") as stream:
        assert shown == stream.read().splitlines()[int(number) - 1]
