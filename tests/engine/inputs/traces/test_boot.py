"""The digest of each boot step: what golden/FORMAT.md section 2 says about a machine of 1,535 frames."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from engine.constants import NULL, PQ_COUNT
from engine.errors import BadInput
from engine.inputs.traces.boot import boot_digest, run_boot_step
from engine.inputs.traces.machine import read_header
from engine.kernel.boot.sequence import load_kernel
from engine.machine.machine import Machine
from tests.engine.inputs.recorded_traces import header

FRAMES = 1535
"""Frames 1 to 1,535 of the header's 6 MiB."""

USED = 49
"""The page array takes 1,535 x 128 bytes, 48 pages of them, and the bitmap of a minidump one page."""


def before_boot(**config: Any) -> tuple[Machine, list[tuple[str, dict[str, int]]]]:
    known = read_header(header(set_page_size=1, **config))
    assert known.config is not None
    return load_kernel(known.config), list(known.steps)


@pytest.fixture(scope="module")
def digests() -> dict[str, dict[str, Any]]:
    """Each step's digest, in order, and of the last step what the machine shows when it is walked."""
    vm, steps = before_boot(finalize=True)
    found = {}
    for step, arguments in steps:
        run_boot_step(vm, step, arguments)
        found[step] = boot_digest(vm, step)
    return found | {"walked": walked(vm)}


def walked(vm: Machine) -> dict[str, Any]:
    """The digests of the queues and of the colours, worked out page by page."""
    text = ""
    for q in range(PQ_COUNT):
        pages, m = [], vm.queue.head[q]
        while m != NULL:
            pages.append(str(m + 1))
            m = vm.page.next[m]
        text += f"{q}:{','.join(pages)};" if pages else ""
    colors = ",".join(str(vm.page.pc[m]) for m in range(FRAMES))
    return {"queues_sha256": sha256(text), "pc_sha256": sha256(colors)}


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def test_all_is_empty_before_the_page_array_is_there(digests: dict[str, dict[str, Any]]) -> None:
    first = digests["vm_set_page_size"]
    assert (first["vm_page_array_size"], first["first_page"], first["set_assoc_mask"]) == (0, 0, 15)
    assert (first["lcnt"], first["cpu0_adj"]) == ({}, {})
    assert set(first["vmstats"].values()) == {0}
    assert first["queues_sha256"] == first["pc_sha256"] == sha256("")
    assert "kprintf" not in first


def test_the_startup_hands_out_every_page_that_it_does_not_use_itself(
    digests: dict[str, dict[str, Any]],
) -> None:
    started = digests["vm_page_startup"]
    assert (started["vm_page_array_size"], started["first_page"]) == (FRAMES, 1)
    counts = started["vmstats"]
    assert counts["v_page_count"] == FRAMES - USED
    assert counts["v_free_count"] + counts["v_wire_count"] == FRAMES - USED
    assert counts["v_wire_count"] == counts["v_dma_pages"] == started["alist_free"]
    assert sum(started["lcnt"].values()) == counts["v_free_count"]
    assert started["lcnt_index0"] == 0
    assert started["cpu0_view"] == counts
    assert started["vm_page_hash_size"] == 0


def test_organizing_memory_moves_pages_to_the_colours_of_their_socket(
    digests: dict[str, dict[str, Any]],
) -> None:
    started, organized = digests["vm_page_startup"], digests["vm_numa_organize"]
    # Socket 0 of 512 has 2 of the 1,024 colours: the free queues 1 and 2.
    assert organized["lcnt"].keys() == {"1", "2"}
    assert sum(organized["lcnt"].values()) == sum(started["lcnt"].values())
    assert organized["pc_sha256"] != started["pc_sha256"]


def test_the_end_of_boot_makes_the_hash_and_says_how_much_is_left_for_dma(
    digests: dict[str, dict[str, Any]],
) -> None:
    before, last = digests["vm_numa_organize_finalize"], digests["vm_page_startup_finish"]
    freed = before["alist_free"] - last["alist_free"]
    assert last["vm_page_hash_size"] > 0
    assert last["cpu0_adj"] == {"v_free_count": freed, "v_wire_count": -freed}
    assert last["kprintf"] == ["DMA space used: "]


def test_the_digests_are_those_of_the_lists_and_colours_page_by_page(
    digests: dict[str, dict[str, Any]],
) -> None:
    last = digests["vm_page_startup_finish"]
    assert {key: last[key] for key in ("queues_sha256", "pc_sha256")} == digests["walked"]


def test_a_step_reports_only_its_own_output() -> None:
    vm, _ = before_boot()
    vm.effects.append(("kprintf", "printed before"))
    run_boot_step(vm, "vm_set_page_size", {})
    assert vm.effects == []


def test_a_machine_too_small_for_its_page_array_is_refused() -> None:
    vm, _ = before_boot(phys_avail=[[4096, 8192]], numa=[])
    run_boot_step(vm, "vm_set_page_size", {})
    with pytest.raises(BadInput, match="the page array needs 4224 bytes"):
        run_boot_step(vm, "vm_page_startup", {})
