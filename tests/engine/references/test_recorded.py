"""The recorded strings, against a script of ten lines that knows nothing of the readers or policies."""

from __future__ import annotations

import gzip
import re
import shutil
import subprocess
from collections import OrderedDict
from pathlib import Path

import pytest

from engine.errors import BadInput
from engine.policies.comparison import compare
from engine.references.reader import Reading, open_references, read_references
from engine.references.recorded import TRACES, recorded_path
from tests.tiers import only_fast

FRAMES = (8, 16, 64, 128)

COUNTS = {
    "true": (146571, 139, 3792, 1984, 185, 139, 5020, 2735, 254, 147),
    "ls": (540519, 236, 22126, 12347, 597, 298, 27004, 16342, 972, 389),
    "awk": (698563, 260, 28166, 13336, 415, 294, 36259, 18908, 619, 336),
}
"""References, pages, and the misses of LRU and of FIFO with each number of frames."""


def counted(lines: list[str]) -> tuple[int, ...]:
    """The same from the text of a trace."""
    string: list[int] = []
    for line in lines:
        if access := re.fullmatch(r" ?[ILSM] +([0-9a-f]+),([0-9]+)\n", line):
            first, size = int(access[1], 16), int(access[2])
            string += range(first // 4096, (first + size - 1) // 4096 + 1)
    misses = []
    for again in (True, False):  # LRU moves a page that is touched again to the end, FIFO does not
        for frames in FRAMES:
            queue, missed = OrderedDict[int, None](), 0
            for page in string:
                if page not in queue:
                    missed += 1
                    if len(queue) == frames:
                        queue.popitem(last=False)
                    queue[page] = None
                elif again:
                    queue.move_to_end(page)
            misses.append(missed)
    return len(string), len({*string}), *misses


def measured(name: str) -> tuple[int, ...]:
    """The same as the readers and the policies count it."""
    found = compare(open_references(name), ["lru", "fifo"], FRAMES)
    return found.count, found.pages, *(row.counts.misses for row in found.rows)


@pytest.mark.parametrize("name", only_fast(TRACES, "true"))
def test_a_recorded_string_has_its_counts(name: str) -> None:
    assert measured(f"recorded:{name}") == COUNTS[name]


@pytest.mark.slow
@pytest.mark.parametrize("name", TRACES)
def test_an_independent_script_counts_the_same(name: str) -> None:
    assert (
        counted(gzip.decompress(Path(recorded_path(name)).read_bytes()).decode().splitlines(True))
        == COUNTS[name]
    )


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("valgrind") is None, reason="valgrind is not installed")
def test_true_recorded_again_is_read_as_the_script_reads_it(tmp_path: Path) -> None:
    """Other versions of the program touch other pages, so its counts are those of the script only."""
    log = tmp_path / "true.log"
    command = ["valgrind", "--tool=lackey", "--trace-mem=yes", f"--log-file={log}", "true"]
    subprocess.run(command, check=True, capture_output=True)
    assert measured(str(log)) == counted(log.read_text().splitlines(True))


def test_the_fetches_can_be_left_out() -> None:
    whole = read_references("recorded:true")
    found = read_references("recorded:true", Reading(code=False))
    assert 0 < len(found) < len(whole)
    assert found.writes.sum() == whole.writes.sum()


def test_pages_cannot_be_smaller_than_recorded() -> None:
    assert len(read_references("recorded:true", Reading(page_shift=16)).pages) < 139
    with pytest.raises(BadInput, match="use --page-size 4096 or more"):
        read_references("recorded:true", Reading(page_shift=11))


def test_there_is_no_other_recorded_string() -> None:
    with pytest.raises(
        BadInput, match="'cat' is not a recorded string; use recorded:NAME with true, ls, awk"
    ):
        recorded_path("recorded:cat")
