"""What the condition of a failed check had read, the last read first."""

from __future__ import annotations

from engine.debug.check_reads import check_reads
from engine.language.naming import name_of
from tests.engine.debug.test_failed_check import run_of


def reads_of(script: str) -> list[tuple[str, int]]:
    scenario, history = run_of(script)
    digest, step = history.vm.memory.digest(), history.step
    found = list(check_reads(history, history.total))
    assert (history.vm.memory.digest(), history.step) == (digest, step)
    assert all(read.step <= history.total for read in found)
    return [(name_of(history.vm, read.address, scenario.names), read.value) for read in found]


def test_the_reads_of_the_condition_come_before_those_of_what_led_to_it() -> None:
    reads = reads_of("vm_page_unwire(m, 0)")
    assert reads[0] == ("page[0x40].wire_count", 0)
    assert ("page[0x40].busy_count", 0x80000000) not in reads  # the assertion before it held
    assert [cell for cell, _ in reads].count("page[0x40].flags") == 1


def test_the_reads_of_a_call_in_the_condition_are_its_reads() -> None:
    reads = reads_of("x = vm_page_alloc(heap, 0, VM_ALLOC_NORMAL)")
    cells = [cell for cell, _ in reads]
    assert "object[heap].page[0]" in cells
    assert "page[0x42].object" in cells


def test_a_check_of_arguments_has_read_only_these() -> None:
    assert reads_of("x = vm_page_alloc(heap, 9, 0)") == []
    assert reads_of("flags = 0; x = vm_page_alloc(heap, 9, flags)") == [("thread[a].var.flags", 0)]


def test_a_step_without_a_panic_has_no_reads() -> None:
    _, history = run_of("vm_page_wakeup(m)")
    assert list(check_reads(history, history.total)) == []
