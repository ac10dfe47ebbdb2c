"""Whatever number is changed in a trace of the real kernel is reported, at its line."""

from __future__ import annotations

import gzip
import json
import random
from pathlib import Path

import pytest

from engine.inputs import kernel_trace
from tests.engine.inputs.changed_lines import changed, compared_values, reported, value_at
from tests.engine.inputs.recorded_traces import Line, Write

pytestmark = pytest.mark.slow

RECORDED = (
    *("busy", "commit", "contig", "dontneed", "fict", "hash", "hold", "lookup", "lowmem", "panics", "pmap"),
    *("random_a", "softbusy", "stats", "valid", "wire"),
)


@pytest.fixture(autouse=True)
def every_divergence_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernel_trace, "MAX_SHOWN", 1 << 30)


def recorded_lines(path: Path) -> list[Line]:
    with gzip.open(path, "rt", encoding="ascii") as stream:
        return [json.loads(line) for line in stream]


def with_a_number_changed(
    lines: list[Line], chance: random.Random
) -> tuple[list[Line], set[tuple[int, str]]]:
    """Each line with one of its compared numbers changed, and what has to be reported."""
    expected = set()
    for number, line in enumerate(lines):
        numbers = [path for path in compared_values(line) if type(value_at(line, path)) is int]
        if numbers:
            path = chance.choice(numbers)
            lines[number] = changed(line, path)
            expected.add((number + 1, path[0]))
    return lines, expected


@pytest.mark.parametrize("name", RECORDED)
def test_a_changed_number_in_any_line_of_a_kernels_trace_is_reported(
    golden: Path, write: Write, name: str
) -> None:
    lines, expected = with_a_number_changed(recorded_lines(golden / f"{name}.jsonl.gz"), random.Random(name))
    assert expected
    assert reported(write(lines)) == expected
