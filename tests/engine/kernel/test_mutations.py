"""Each precaution of the kernel is tested: when one is removed, a test of the page layer fails.

A mutation is a module, a text that occurs in it once, its replacement, and the tests that must fail. It is
made in this process (mutated.py). One whose text no longer matches fails.
"""

from __future__ import annotations

from pathlib import Path, PurePath
from typing import Final

import pytest

from engine.kernel import busy, search
from tests.engine.kernel.mutated import ROOT, changed, mutation, run_with

pytestmark = pytest.mark.slow

HERE: Final = Path(__file__).resolve().parent
KERNEL: Final = HERE.relative_to(ROOT)

MUTATIONS: Final = [
    (
        "a waiter that sets WANTED before its interlock",
        "busy",
        '    yield from tsleep_interlock(vm, CHAN_PAGE + m)\n    yield "compare-and-set WANTED"\n'
        "    if not vm.cmpset(vm.page.busy_count, m, seen, seen | PBUSY_WANTED):\n        return False\n",
        '    yield "compare-and-set WANTED"\n'
        "    if not vm.cmpset(vm.page.busy_count, m, seen, seen | PBUSY_WANTED):\n        return False\n"
        "    yield from tsleep_interlock(vm, CHAN_PAGE + m)\n",
        "busy",
    ),
    (
        "WANTED that a release does not clear",
        "busy",
        "busy & ~(PBUSY_LOCKED | PBUSY_WANTED)",
        "busy & ~PBUSY_LOCKED",
        "busy",
    ),
    (
        "a soft busy that is released as if WANTED alone did not matter",
        "busy",
        "if old - 1 == PBUSY_WANTED:",
        "if old & PBUSY_WANTED:",
        "busy",
    ),
    (
        "a free that gives the page's lock back before its busy",
        "free",
        "    busy = yield from _clear_locked(vm, m)\n    yield from vm_page_spin_unlock(vm, m)\n",
        "    yield from vm_page_spin_unlock(vm, m)\n    busy = yield from _clear_locked(vm, m)\n",
        "free",
    ),
    ("a queue whose length is not counted down", "queues", "    vm.queue.lcnt[q] -= 1\n", "", "age"),
    (
        "a page that is freed to the tail",
        "queues",
        "if athead or PQ_FREE <= q < PQ_INACTIVE:",
        "if athead and not PQ_FREE <= q < PQ_INACTIVE:",
        "free",
    ),
    (
        "an adjustment that is counted twice",
        "queues",
        "    vm.gd_vmstats.adj[at] = adj\n",
        "    vm.gd_vmstats.adj[at] = adj + delta\n",
        "age",
    ),
    (
        "no second look after the mappings are gone",
        "age",
        "if vm.page.flags[m] & (PG_UNQUEUED | PG_MAPPED) or _pinned(vm, m):",
        "if vm.page.flags[m] & (PG_UNQUEUED | PG_MAPPED):",
        "age",
    ),
    (
        "a page that is freed though unmapping made it dirty",
        "age",
        '    yield "check whether unmapping made it dirty"\n'
        "    if vm.page.dirty[m] or vm.page.flags[m] & PG_NEED_COMMIT:\n",
        '    yield "check whether unmapping made it dirty"\n    if vm.page.flags[m] & PG_NEED_COMMIT:\n',
        "age",
    ),
    (
        "a deactivation that forgets adds",
        "age",
        "        vm.queue.adds[vm.page.queue[m]] += 1\n",
        "        pass\n",
        "age",
    ),
    (
        "dontneed's counter without its pause",
        "age",
        "if not weight & 0x1F0 or",
        "if not weight & 0x1E0 or",
        "age",
    ),
    (
        "a page of the hash that is not looked at again",
        "hash",
        "        if _is_page_of(vm, m, obj, pindex):\n",
        "        if m != NULL:\n",
        "hash",
    ),
    (
        "an unhold that does not look again under the lock",
        "hold",
        "if vm.page.hold_count[m] == 0 and base_queue(vm, m) == PQ_HOLD:",
        "if base_queue(vm, m) == PQ_HOLD:",
        "hold",
    ),
    (
        "a hold scan that frees held pages",
        "pageout.hold",
        "if m == NULL or vm.page.hold_count[m]:",
        "if m == NULL:",
        "pageout/hold",
    ),
    (
        "a first wiring that is not accounted",
        "wire",
        "        count_pages(vm, V_WIRE_COUNT, 1)\n",
        "        pass\n",
        "wire",
    ),
    (
        "a rollup that loses an amount",
        "stats",
        "        vm.vmstats.count[counter] += amount\n",
        "        vm.vmstats.count[counter] += amount if amount > 0 else 0\n",
        "stats",
    ),
    (
        "a removal that synchronises for plenty of memory too",
        "queues",
        " and vm_paging_needed(vm, SYNC_LIMIT * vm.ncpus):",
        ":",
        "queues",
    ),
    (
        "an insertion that counts no resident",
        "objects",
        "    vm.object.resident_page_count[obj] += 1\n",
        "",
        "objects",
    ),
    (
        "a lookup that does not search again after its sleep",
        "lookup",
        "            if (yield from _sleep_on_page(vm, m, busy, wmesg)):\n"
        '                m = yield from _find(vm, obj, pindex, "vm_page_lookup_busy_wait")\n',
        "            yield from _sleep_on_page(vm, m, busy, wmesg)\n",
        "lookup",
    ),
    (
        "an allocation that keeps flags",
        "alloc",
        "    vm.page.flags[m] = 0\n",
        "    vm.page.flags[m] &= ~PG_MAPPED\n",
        "alloc",
    ),
    (
        "a cached page's object that is waited for",
        "alloc",
        "    if obj != NULL and not (yield from vm_object_hold_try(vm, obj)):\n",
        "    if obj != NULL and (yield from vm_object_hold_try(vm, obj)) == 2:\n",
        "alloc",
    ),
    (
        "a rejected page whose waiter is not woken",
        "search",
        "    if busy & PBUSY_WANTED:\n        yield from wakeup(vm, CHAN_PAGE + m)\n\n\n"
        "def vm_page_select_cache",
        "\n\ndef vm_page_select_cache",
        "alloc",
    ),
    ("a search that remembers near hits", "search", "FAR: Final = 8", "FAR: Final = 7", "search"),
    (
        "a cached page that is renamed and stays cached",
        "rename",
        "    if base_queue(vm, m) == PQ_CACHE:\n        yield from vm_page_deactivate(vm, m)\n",
        "",
        "rename",
    ),
    (
        "fragments that are zeroed after the chunks are valid",
        "valid_dirty",
        "    _zero_fragments(vm, m, base, size)\n    vm.page.valid[m] |= page_bits(base, size, m)\n",
        "    vm.page.valid[m] |= page_bits(base, size, m)\n    _zero_fragments(vm, m, base, size)\n",
        "valid_dirty",
    ),
    (
        "a high limit that is not reached",
        "contig",
        "(blk + _pages(size) << PAGE_SHIFT) > high",
        "(blk + _pages(size) << PAGE_SHIFT) >= high",
        "contig",
    ),
    (
        "waiters that are let go without hysteresis",
        "memory_pressure",
        "return not vm_page_count_min(vm, hysteresis) or",
        "return not vm_page_count_min(vm, 0 * hysteresis) or",
        "memory_pressure",
    ),
    (
        "a fault that waits on though its process is to be killed",
        "memory_wait",
        "        if (vm.thread.p_flags[t] if p == NULL else vm.process.p_flags[p])"
        " & P_LOWMEMKILL:\n            break\n",
        "",
        "memory_wait",
    ),
    (
        "tokens that a sleeper keeps",
        "sleep",
        "        lwkt_relalltokens(vm, t)\n",
        "        pass\n",
        "tokens",
    ),
    (
        "tokens that are taken again in the wrong order",
        "tokens",
        "    for obj, mode in tokens:\n",
        "    for obj, mode in tokens[::-1]:\n",
        "tokens",
    ),
    (
        "an unmapping that forgets the modified bit",
        "pmap",
        "    yield from _collect_modified(vm, m)\n"
        '    yield "collect references and clear the mapping flags"\n',
        '    yield "collect references and clear the mapping flags"\n',
        "pmap",
    ),
]

TESTED: Final = sorted({row[-1] for row in MUTATIONS})


def outcome(module: str, old: str, new: str, tests: list[str]) -> int | None:
    """Run the page layer's tests of these names against a changed kernel."""
    paths = [str(KERNEL / path.parent / f"test_{path.name}.py") for path in map(PurePath, tests)]
    return run_with(f"engine.kernel.{module}", old, new, paths)


@pytest.mark.parametrize(
    ("module", "old", "new", "tests"), [row[1:] for row in MUTATIONS], ids=[row[0] for row in MUTATIONS]
)
def test_it_is_caught(module: str, old: str, new: str, tests: str) -> None:
    assert outcome(module, old, new, [tests]) == pytest.ExitCode.TESTS_FAILED


def test_the_kernel_as_it_is_passes_the_same_tests() -> None:
    same = "def vm_page_busy_wait("
    assert outcome("busy", same, same, TESTED) == pytest.ExitCode.OK


def test_a_change_of_what_is_not_there_once_is_refused() -> None:
    assert outcome("busy", "there is no such line", "", ["busy"]) is None
    assert changed("a b a", "a", "c") is None
    assert changed("a b", "a", "c") == "c b"


def test_a_change_is_taken_back_and_no_file_was_written() -> None:
    before = {path: path.read_bytes() for path in (ROOT / "engine" / "kernel").rglob("*.py")}
    code, far = busy.vm_page_wakeup.__code__, search.FAR
    with mutation("engine.kernel.busy", "busy & ~(PBUSY_LOCKED | PBUSY_WANTED)", "busy & ~PBUSY_LOCKED"):
        assert busy.vm_page_wakeup.__code__ is not code
    with mutation("engine.kernel.search", "FAR: Final = 8", "FAR: Final = 7"):
        assert far - 1 == search.FAR
    assert busy.vm_page_wakeup.__code__ is code
    assert far == search.FAR
    assert {path: path.read_bytes() for path in (ROOT / "engine" / "kernel").rglob("*.py")} == before
