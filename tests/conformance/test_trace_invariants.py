"""Replaying what the real kernel did, the model agrees with itself after every boot step and operation."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from engine.inputs.kernel_trace import Segment, replay_trace
from engine.inputs.traces.report import Tally
from engine.invariants import CALLERS_RULES, violations

pytestmark = pytest.mark.slow

FILES = (
    *("boot_1socket", "boot_2socket", "boot_4socket", "boot_large", "color", "widening", "alloc_flags"),
    *("cache_steal", "queues", "busy", "softbusy", "stats", "scan2", "commit", "contig", "dontneed", "fict"),
    *("hash", "hold", "lookup", "lowmem", "more", "panics", "pmap", "predicates", "random_a", "random_b"),
    *("random_c", "random_d", "random_e", "valid", "wire"),
)

RUN_QUEUES = frozenset({"run_queues"})
"""A trace says itself who runs: its driver puts threads on cpus without a look at the run queues."""

MISUSE = {
    "more": [(40, "vm_page_flag_set", "never queued")],
    "panics": [
        (12, "vm_page_flag_set", "never queued"),
        (12, "vm_page_flag_set", "never queued"),
        (14, "vm_page_wire", "a free page is not wired"),
    ],
}
"""Where a trace breaks the kernel's rules for its callers: operation, name, and what is found there."""


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, str, str]]:
    """Every first breach of a segment: the operation's number and name, and what is broken.

    Whatever a caller cannot break is looked at after that too. What a panic leaves half done is not.
    """
    found: list[tuple[int, str, str]] = []
    misused: list[Segment] = []
    replay = Segment.replay

    def watch(self: Segment, line: dict[str, Any]) -> Any:
        differences = replay(self, line)
        if self.vm is not None and not self.over and self.ended is None:
            skip = RUN_QUEUES | CALLERS_RULES if self in misused else RUN_QUEUES
            for breach in violations(self.vm, skip):
                found.append((self.index, self.name, breach.check))
                misused.append(self)
        return differences

    monkeypatch.setattr(Segment, "replay", watch)
    return found


@pytest.mark.parametrize("name", FILES)
def test_the_model_agrees_with_itself_after_each_line(
    golden: Path, watched: list[tuple[int, str, str]], name: str
) -> None:
    tally = Tally()
    assert list(replay_trace(str(golden / f"{name}.jsonl.gz"), tally)) == []
    assert watched == MISUSE.get(name, [])
