"""Traces that the tests record on the model itself: every change in one must be detected.

They say nothing about the real kernel - the golden files do - but they hold every key that a trace can have.
A `conftest.py` imports the fixtures that its tests use.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Final

import pytest

from engine.errors import KernelPanic
from engine.inputs.traces.boot import boot_digest, run_boot_step
from engine.inputs.traces.driver import TraceDriver, describe_panic
from engine.inputs.traces.machine import read_header
from engine.kernel.boot.sequence import load_kernel

Line = dict[str, Any]
Write = Callable[[Iterable[Line]], str]
"""Writes lines to a file and gives its path."""

Recorder = Callable[..., list[Line]]
"""`record`."""

Operation = tuple[str, Line, int, int]
"""Name, arguments, thread, cpu. An argument `@N` is what operation N returned."""

OBJECT_BASE: Final = 18446735281911496704


def header(**config: Any) -> Line:
    """A header line: a small machine of two sockets far apart, so that memory has few and long queues."""
    machine = {
        "ncpus": 2,
        "phys_ids": 512,
        "core_ids": 1,
        "ht_ids": 1,
        "phys_avail": [[4096, 6 << 20]],
        "numa": [[0, 6 << 20, 0]],
        "finalize": False,
        "ncpus_fit": 2,
        "vm_dma_reserved": 0,
        "ticks": 1000,
        "hz": 100,
        "cpu_ids": [[0, 0, 0], [511, 0, 0]],
        "physmem": 1535,
    }
    return {
        "header": "recorded",
        "desc": "recorded on the model by a test",
        "format": 1,
        "config": machine | config,
        "object_addr_base": OBJECT_BASE,
        "object_addr_stride": 512,
        "PQ_L2_SIZE": 1024,
        "pagethread": 30,
        "emergpager": 31,
    }


def record(operations: Iterable[Operation], **config: Any) -> list[Line]:
    """A segment: the header, its boot lines, and what each operation does on the model."""
    first = header(**config)
    known = read_header(first)
    assert known.config is not None
    assert not known.complaints
    vm = load_kernel(known.config)
    lines = [first]
    for step, arguments in known.steps:
        try:
            run_boot_step(vm, step, arguments)
        except KernelPanic as panic:
            return [*lines, {"boot": step, "args": arguments} | describe_panic(panic)]
        lines.append({"boot": step, "args": arguments} | boot_digest(vm, step))
        if known.brief:
            del lines[-1]["lcnt"]
    driver = TraceDriver(vm, known.object_base)
    returned: dict[str, Any] = {}
    for number, (name, arguments, thread, cpu) in enumerate(operations, 1):
        given = {key: returned.get(str(value), value) for key, value in arguments.items()}
        line: Line = {"i": number, "op": name, "args": given, "thread": thread, "cpu": cpu}
        line |= driver.perform(line, number)
        line |= driver.state.collect() | driver.state.effects()
        returned[f"@{number}"] = line.get("ret")
        lines.append(line)
    return lines


def create(number: int, kind: str) -> Operation:
    """The operation that creates object `number`."""
    address = OBJECT_BASE + 512 * number
    created = {"object": number, "type": kind, "pg_color": 0, "size": 100, "addr": address}
    return "object_create", created, 0, 0


PAGE: Final = {"page": "@7"}
"""The page that operation 7 of STORY allocates."""

STORY: Final[tuple[Operation, ...]] = (
    ("set_threshold", {"name": "v_free_min", "value": 20}, 0, 0),
    ("set_threshold", {"name": "v_free_reserved", "value": 10}, 0, 0),
    ("set_threshold", {"name": "v_free_target", "value": 40}, 0, 0),
    ("hardclock", {}, 0, 0),
    ("hardclock", {}, 0, 1),
    create(1, "vnode"),
    ("vm_page_alloc", {"object": 1, "pindex": 3, "page_req": 1}, 0, 0),
    ("vm_page_set_valid", {**PAGE, "base": 100, "size": 1000}, 0, 0),
    ("vm_page_flag_set", {**PAGE, "bits": 0x40}, 0, 0),
    ("vm_page_busy_wait", {**PAGE, "also_m_busy": 0}, 1, 1),
    ("vm_page_wakeup", PAGE, 0, 0),
    ("resume", {}, 1, 1),
    ("vm_page_wakeup", PAGE, 1, 1),
    ("vm_page_lookup_busy_try", {"object": 1, "pindex": 3, "also_m_busy": 0}, 0, 0),
    ("vm_page_activate", PAGE, 0, 1),
    ("vm_page_wire", PAGE, 0, 0),
    ("vm_page_hold", PAGE, 0, 0),
    ("pmap_enter", {**PAGE, "writeable": 1}, 0, 0),
    ("pmap_modify", PAGE, 0, 0),
    ("vm_page_protect", {**PAGE, "prot": 0}, 0, 0),
    ("tick", {"n": 5}, 0, 0),
    ("vm_page_grab", {"object": 1, "pindex": 4, "allocflags": 0x89}, 0, 0),
    ("set_threshold", {"name": "v_free_target", "value": 100000}, 0, 0),
    ("hardclock", {}, 0, 0),
    ("vm_wait", {"timo": 50}, 2, 0),
    ("tick", {"n": 50}, 0, 0),
    ("resume", {}, 2, 0),
    ("set_threshold", {"name": "v_free_reserved", "value": 5000}, 0, 0),
    ("hardclock", {}, 0, 0),
    ("vm_page_alloc", {"object": 1, "pindex": 9, "page_req": 1}, 0, 0),
    ("vm_page_unwire", {**PAGE, "activate": 0}, 0, 0),
    ("vm_page_busy_try", {"page": 1000, "also_m_busy": 0}, 0, 0),
    ("vm_page_free", {"page": 1000}, 0, 0),
)
"""One operation after another until every key of a trace has appeared; the last one panics."""


LIMITS: Final = {
    "mem_mb": 8,
    "physmem": 2048,
    "v_page_count": 1984,
    "v_free_count": 1860,
    "v_free_reserved": 43,
    "v_free_target": 335,
    "v_free_min": 73,
    "v_cache_min": 0,
    "v_cache_max": 0,
    "v_pageout_free_min": 25,
    "v_interrupt_free_min": 16,
    "v_free_severe": 36,
    "v_inactive_target": 465,
}
"""What the real daemon set on 8 MiB (golden/pageout_thresholds.json)."""


@pytest.fixture
def recorder() -> Recorder:
    """Records a segment: recorder(operations, **config)."""
    return record


@pytest.fixture(scope="session")
def story() -> tuple[Line, ...]:
    """The recorded STORY, without the lengths of a thousand queues in its boot lines."""
    return tuple(record(STORY, brief=True))


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes lines to a file and gives its path."""

    def written(lines: Iterable[Line]) -> str:
        path = tmp_path / "trace.jsonl"
        path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
        return str(path)

    return written
