"""The model against the traces of the real kernel."""

from __future__ import annotations

import gzip
import io
import json
import re
from collections import Counter
from pathlib import Path

import pytest

from explorer.cli.conform import run_conform

COVERED = (
    *("boot_1socket", "boot_2socket", "boot_4socket", "boot_large", "color", "widening"),
    *("alloc_flags", "cache_steal", "queues", "busy", "softbusy", "stats", "scan2", "commit", "contig"),
    *("dontneed", "fict", "hash", "hold", "lookup", "lowmem", "more", "panics", "pmap", "predicates"),
    *("random_a", "random_b", "random_c", "random_d", "random_e", "valid", "wire"),
    *("pageout_cluster", "pageout_daemon", "pageout_page", "pageout_panics", "pageout_random_a"),
    *("pageout_random_b", "pageout_scan_active", "pageout_scan_cache", "pageout_scan_inactive"),
)


def conform(path: Path) -> tuple[int, list[str]]:
    out, err = io.StringIO(), io.StringIO()
    code = run_conform([str(path)], out, err)
    assert err.getvalue() == ""
    return code, out.getvalue().splitlines()


LONG = {"pageout_daemon", "pageout_random_a", "pageout_random_b", "boot_large", "boot_2socket", "panics"}
"""The traces that take long: only test_readme runs them, with all others, for the figures of the README."""


@pytest.mark.parametrize("name", [name for name in COVERED if name not in LONG])
def test_the_model_does_all_that_the_kernel_did(golden: Path, name: str) -> None:
    code, lines = conform(golden / f"{name}.jsonl.gz")
    assert lines[-1].endswith(" 0 not covered, 0 divergences"), lines
    assert len(lines) == 1
    assert code == 0


def test_the_daemon_sets_the_limits_that_the_kernel_set(golden: Path) -> None:
    code, lines = conform(golden / "pageout_thresholds.json")
    assert lines == ["1 files, 1 segments, 22 operations, 220 comparisons, 0 not covered, 0 divergences"]
    assert code == 0


def test_every_golden_file_is_tested(golden: Path) -> None:
    found = {path.name.removesuffix(".jsonl.gz") for path in golden.glob("*.jsonl.gz")}
    assert found == set(COVERED)


def test_the_index_has_each_file_with_its_segments_and_operations(golden: Path) -> None:
    rows = re.findall(
        r"^\| (\w+) \| (\d+) \| (\d+) \| (\d+) \|", (golden / "FILES.md").read_text("utf-8"), re.M
    )
    for name, segments, operations, size in rows:
        path = golden / f"{name}.jsonl.gz"
        with gzip.open(path, "rt", encoding="ascii") as lines:
            keys = Counter(key for line in lines for key in ("header", "op") if key in json.loads(line))
        assert (keys["header"], keys["op"]) == (int(segments), int(operations)), name
        assert path.stat().st_size == int(size), name
    assert {name for name, *_ in rows} == {path.name.split(".")[0] for path in golden.glob("*.jsonl.gz")}
