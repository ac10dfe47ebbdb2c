"""The scripts of the usage patterns make the design document's calls, as it writes them, in its order."""

from __future__ import annotations

import pytest

from engine.scenario.loader import load

PATTERNS = {
    ("usage-pattern-fault", "recipe", ("heap", "0")): (
        "vm_object_hold(object)",
        'm = vm_page_lookup_busy_wait(object, pindex, TRUE, "fault")',
        "m = vm_page_alloc(object, pindex, VM_ALLOC_NORMAL)",
        "vm_wait_pfault(curproc, 0)",
        "error = pager_getpage(object, &m, 1)",
        "vm_page_set_valid(m, 0, PAGE_SIZE)",
        "pmap_enter(pmap, 0x10000, m, VM_PROT_READ | VM_PROT_WRITE, FALSE)",
        "vm_page_wakeup(m)",
        "vm_object_drop(object)",
    ),
    ("usage-pattern-pageout-scan", "scan", ()): (
        "if vm_page_busy_try(m, TRUE) != 0:",
        "continue",
        "vm_pageout_clean(m)",
        "vm_page_deactivate(m)",
        "vm_page_cache(m)",
        "vm_page_wakeup(m)",
    ),
    ("usage-pattern-dma-buffer", "driver", ()): (
        "m = vm_page_alloc_contig(0, 0xFFFFFFFFULL, 16, 0, 64 * 1024, VM_MEMATTR_UNCACHEABLE)",
        "phys_addr = VM_PAGE_TO_PHYS(m)",
        "vm_page_free_contig(m, 64 * 1024)",
    ),
    ("usage-pattern-wiring", "writer", ()): ("vm_page_wire(m)", "vm_page_unwire(m, 0)"),
}
"""Scenario, its thread, and what the document's object and pindex are there -> the document's calls."""


@pytest.mark.parametrize(("name", "thread", "named"), PATTERNS)
def test_the_script_makes_the_calls_of_the_document(name: str, thread: str, named: tuple[str, ...]) -> None:
    form = next(form for form in load(name).form.threads if form.name == thread)
    lines = [line.partition("#")[0].strip() for line in form.script.text.splitlines()]
    expected = list(PATTERNS[name, thread, named])
    for word, actual in zip(("object", "pindex"), named, strict=False):
        expected = [
            call.replace(f"{word},", f"{actual},").replace(f"{word})", f"{actual})") for call in expected
        ]
    assert [line for line in lines if line in expected] == expected
