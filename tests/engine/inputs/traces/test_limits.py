"""The daemon's limits on machines of many sizes: compared entry by entry, each difference at its line."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from engine.errors import BadInput
from engine.inputs.traces.limits import compare_limits, is_limits_file
from engine.inputs.traces.report import ABSENT, Divergence, Tally
from tests.engine.inputs.recorded_traces import LIMITS

GIVEN = ("mem_mb", "v_page_count", "v_free_count")
COMPUTED = [key for key in LIMITS if key not in GIVEN]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "limits.json"


def compare(path: Path, *entries: Any) -> tuple[Tally, list[Divergence]]:
    """What is found in a file of such entries, each member of which has a line of its own."""
    path.write_text(json.dumps(list(entries), indent=1), encoding="utf-8")
    tally = Tally()
    return tally, list(compare_limits(str(path), tally))


def test_the_limits_of_the_real_daemon_are_the_models(path: Path) -> None:
    tally, found = compare(path, LIMITS, LIMITS)
    assert found == []
    assert (tally.files, tally.segments, tally.operations) == (1, 1, 2)
    assert tally.comparisons == 2 * len(COMPUTED)


@pytest.mark.parametrize("key", COMPUTED)
def test_a_wrong_limit_is_reported_at_its_line(path: Path, key: str) -> None:
    tally, found = compare(path, LIMITS, LIMITS | {key: LIMITS[key] + 1})
    # "[", then the first entry between its braces, then the second one's "{".
    line = 1 + (len(LIMITS) + 2) + 2 + list(LIMITS).index(key)
    assert found == [Divergence(str(path), line, 2, "vm_pageout_thread", key, LIMITS[key] + 1, LIMITS[key])]
    assert tally.divergences == 1


def test_a_missing_and_an_unknown_limit_are_reported(path: Path) -> None:
    entry = {key: value for key, value in LIMITS.items() if key != "v_free_min"} | {"v_tea": 1}
    _, found = compare(path, entry)
    assert [(each.key, each.trace, each.model) for each in found] == [
        ("v_free_min", ABSENT, 73),
        ("v_tea", 1, ABSENT),
    ]


@pytest.mark.parametrize("key", GIVEN)
def test_an_entry_must_describe_its_machine(path: Path, key: str) -> None:
    with pytest.raises(BadInput, match=f"the entry has no `{key}`; it must describe its machine"):
        compare(path, {name: value for name, value in LIMITS.items() if name != key})


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        (5, "not an object; the array has one for each machine"),
        (LIMITS | {"v_free_min": "73"}, '`v_free_min` is "73"; it must be an integer'),
        (LIMITS | {"v_free_min": 7.5}, "not JSON with integers: 7.5 is not an integer"),
    ],
)
def test_an_entry_of_another_shape_is_refused_at_its_line(path: Path, entry: Any, message: str) -> None:
    with pytest.raises(BadInput, match=message) as caught:
        compare(path, LIMITS, entry)
    assert (caught.value.file, caught.value.line) == (str(path), 1 + len(LIMITS) + 2 + 1)


def test_a_truncated_list_is_refused(path: Path) -> None:
    path.write_text('[\n{"mem_mb": 8,\n', encoding="utf-8")
    with pytest.raises(BadInput, match="not JSON with integers") as caught:
        list(compare_limits(str(path), Tally()))
    assert caught.value.line == 3


def test_a_file_of_limits_is_distinguished_from_a_trace(path: Path) -> None:
    path.write_text(" \n[]", encoding="utf-8")
    assert is_limits_file(str(path))
    path.write_text('{"header": "x"}', encoding="utf-8")
    assert not is_limits_file(str(path))


def test_many_entries_take_little_time(path: Path) -> None:
    path.write_text("[" + ",\n".join([json.dumps(LIMITS | {"v_free_min": 1})] * 20_000) + "]")
    begun = time.process_time()
    found = list(compare_limits(str(path), Tally()))
    # Searching each entry from the start of the file took a minute.
    assert time.process_time() - begun < 5
    assert [each.line for each in (found[0], found[-1])] == [1, 20_000]
