"""The interrupt thread: it sleeps for finished I/O and finishes it in order (spec 23, sections 3 and 4)."""

from __future__ import annotations

import pytest

from engine.constants import NULL, PBUSY_LOCKED, PBUSY_SWAPINPROG, PG_SWAPPED, Obj, Thread
from engine.kernel.object_life import vm_object_pip_add
from engine.kernel.pagers.bio import begin_io, complete, finished_ios
from engine.kernel.pagers.biodone import biodone
from engine.kernel.sleep import CHAN_BIO
from engine.machine.tables import BUF_SWAP_READ, BUF_SWAP_WRITE, BUF_UNUSED
from tests.engine.kernel.checked_crew import ASLEEP, DONE, Crew

OBJ = Obj(1)
BLOCK = 256
IRQ = 1


def crew_at_rest() -> Crew:
    """A crew whose thread IRQ is the interrupt thread, with nothing to finish yet."""
    crew = Crew()
    crew.vm.biothread = Thread(IRQ)
    assert crew.start(IRQ, biodone) == ASLEEP
    assert crew.vm.thread.chan[IRQ] == CHAN_BIO
    return crew


def read_of(crew: Crew, pindex: int) -> tuple[int, int]:
    """A page that is read from swap, and its I/O."""
    m = crew.page(obj=OBJ, pindex=pindex, busy_count=PBUSY_LOCKED | PBUSY_SWAPINPROG)
    crew.call(vm_object_pip_add, OBJ, 1)
    row = begin_io(crew.vm, BUF_SWAP_READ, OBJ, pindex, 1, BLOCK + pindex)
    crew.vm.buf.requested[row] = m
    return m, row


def test_a_finished_read_wakes_it_and_the_page_is_valid_and_still_its_readers() -> None:
    crew = crew_at_rest()
    vm = crew.vm
    m, row = read_of(crew, 3)
    complete(vm, row)
    assert not crew.asleep(IRQ)
    assert crew.play(IRQ) == DONE
    assert vm.buf.kind[row] == BUF_SWAP_READ, "it only woke; it looks in the next call"
    crew.call(biodone, t=IRQ)
    assert (vm.page.valid[m], vm.page.dirty[m], vm.page.busy_count[m]) == (0xFF, 0, PBUSY_LOCKED)
    assert vm.page.flags[m] & PG_SWAPPED
    assert (vm.buf.kind[row], vm.object.paging_in_progress[OBJ]) == (BUF_UNUSED, 0)
    assert crew.start(IRQ, biodone) == ASLEEP


def test_a_finished_write_leaves_the_page_clean_and_not_busy() -> None:
    crew = crew_at_rest()
    vm = crew.vm
    m = crew.page("INACTIVE", obj=OBJ, valid=0xFF, dirty=0xFF, busy_count=PBUSY_SWAPINPROG | 1)
    crew.call(vm_object_pip_add, OBJ, 1)
    row = begin_io(vm, BUF_SWAP_WRITE, OBJ, 0, 1, BLOCK)
    writes = vm.glob.nsw_wcount_async[0]
    complete(vm, row)
    assert crew.play(IRQ) == DONE
    crew.call(biodone, t=IRQ)
    assert (vm.page.valid[m], vm.page.dirty[m], vm.page.busy_count[m]) == (0xFF, 0, 0)
    assert (vm.buf.kind[row], vm.glob.nsw_wcount_async[0]) == (BUF_UNUSED, writes + 1)


def test_one_call_finishes_one_io_the_one_that_started_first() -> None:
    crew = crew_at_rest()
    first, second = read_of(crew, 0), read_of(crew, 1)
    for _, row in (second, first):
        complete(crew.vm, row)
    assert crew.play(IRQ) == DONE
    valid = []
    for _ in range(2):
        crew.call(biodone, t=IRQ)
        valid.append([crew.vm.page.valid[m] for m, _ in (first, second)])
    assert valid == [[0xFF, 0], [0xFF, 0xFF]]
    assert finished_ios(crew.vm) == []


@pytest.mark.parametrize("biothread", [NULL, IRQ])
def test_an_io_that_its_own_thread_waits_for_does_not_interrupt(biothread: int) -> None:
    crew = crew_at_rest()
    crew.vm.biothread = Thread(biothread)
    _, row = read_of(crew, 0)
    crew.vm.buf.sync[row] = int(biothread != NULL)
    complete(crew.vm, row)
    assert crew.asleep(IRQ)
