"""Searching the queues: which colours are searched, in which order, and what lastq records (spec 03)."""

from __future__ import annotations

import pytest

from engine.constants import NULL, PQ_ACTIVE, PQ_CACHE, PQ_FREE, QUEUE_BASES
from engine.errors import KernelPanic
from engine.kernel.locks import (
    vm_page_queues_spin_lock,
    vm_page_queues_spin_unlock,
    vm_page_spin_lock,
    vm_page_spin_trylock,
    vm_page_spin_unlock,
)
from engine.kernel.search import (
    vm_page_list_find,
    vm_page_select_cache,
    vm_page_select_free,
    vm_page_select_free_or_cache,
)
from tests.engine.kernel.checked_crew import DONE, THERE, Crew, chain, configuration, unchecked

KB = 1024


def emptied(mask: int = 15, find2_full: bool = True, colors: int = 1024, spec: str = "1MiB:1x1x1") -> Crew:
    """A machine with nothing on FREE, whose search starts with windows of mask + 1 colours."""
    crew = Crew(configuration(spec, colors=colors, find2_full=find2_full), (0,), unchecked)
    vm = crew.vm
    for color in range(colors):
        for m in chain(vm, PQ_FREE + color):
            vm.page.queue[m] = 0
            vm.page.next[m] = vm.page.prev[m] = NULL
        vm.queue.head[PQ_FREE + color] = vm.queue.tail[PQ_FREE + color] = NULL
        vm.queue.lcnt[PQ_FREE + color] = 0
    vm.glob.set_assoc_mask[0] = mask
    return crew


def put(crew: Crew, queue: str, color: int, m: int = 100) -> int:
    """Put a page on a queue of a colour other than its own, with all counters and links."""
    vm, q = crew.vm, QUEUE_BASES[queue] + color
    vm.page.pc[m], vm.page.queue[m] = color, q
    vm.queue.head[q] = vm.queue.tail[q] = m
    vm.queue.lcnt[q] = 1
    return m


def colors_looked_at(crew: Crew, function: object, *arguments: int) -> list[str]:
    """The queues that a call looks at, in order."""
    crew.begin(0, function, *arguments)  # type: ignore[arg-type]  # a kernel function
    looked = []
    while crew.stands(0) is None:
        action = crew.step(0)
        if action.startswith("look at "):
            looked.append(action.removeprefix("look at ").split(",")[0])
    return looked


def window(queue: str, index: int, width: int, before: int) -> list[str]:
    """The queues of the aligned window of `width` around `index`, except those of the window of `before`."""
    base, seen = index & -width, range(index & -before, (index & -before) + before) if before else ()
    colors = [base + (index - base + offset) % width for offset in range(width)]
    return [f"{queue}[{color}]" for color in colors if color not in seen]


def windows_of(text: str, index: int) -> list[str]:
    """The queues of windows written as `F16 F32 C16`, in order."""
    names, last = [], {"F": 0, "C": 0, "A": 0}
    for word in text.split():
        kind, width = word[0], int(word[1:])
        names += window({"F": "FREE", "C": "CACHE", "A": "ACTIVE"}[kind], index, width, last[kind])
        last[kind] = width
    return names


@pytest.mark.parametrize(("index", "mask"), [(5, 15), (0, 15), (1023, 15), (500, 127), (700, 1023)])
def test_a_wide_search_looks_at_each_colour_once_in_growing_aligned_windows(index: int, mask: int) -> None:
    crew = emptied(mask)
    widths = " ".join(f"A{1 << bits}" for bits in range(mask.bit_length(), 11))
    looked = colors_looked_at(crew, vm_page_list_find, PQ_ACTIVE, index)
    assert looked == [f"ACTIVE[{index}]", *windows_of(widths, index)]
    assert len(looked) == KB + 1
    assert crew.results[0] == NULL


WINDOWS = [
    # set_assoc_mask, find2_full, the windows in order: F of FREE, C of CACHE
    ("fifteen", 15, False, "F16 F32 C16 F64 C32 F128 C64 F256 C128 F512 C256 F1024 C512"),
    ("fifteen, in full", 15, True, "F16 F32 C16 F64 C32 F128 C64 F256 C128 F512 C256 F1024 C512 C1024"),
    ("two cpus by the source", 511, False, "F512 F1024 C512"),
    ("two cpus in full", 511, True, "F512 F1024 C512 C1024"),
    ("one cpu by the source never searches the cache", 1023, False, "F1024"),
    ("one cpu in full", 1023, True, "F1024 C1024"),
]


@pytest.mark.parametrize(
    ("mask", "full", "windows"), [row[1:] for row in WINDOWS], ids=[row[0] for row in WINDOWS]
)
def test_free_and_cache_are_searched_in_turns(mask: int, full: bool, windows: str) -> None:
    crew = emptied(mask, full)
    looked = colors_looked_at(crew, vm_page_select_free_or_cache, 5)
    assert looked == ["FREE[5]", *windows_of(windows, 5)]
    assert crew.results[0] == (NULL, 0)


FAR = [
    # asked for, the page's colour, lastq of the asked colour after
    ("the exact colour forgets", 5, 5, -1),
    ("the eighth queue is near", 5, 12, -1),
    ("the ninth is far", 5, 13, 13),
    ("the last of the window is far", 5, 4, 4),
    ("another window is far", 5, 32, 32),
]


@pytest.mark.parametrize(("index", "color", "lastq"), [row[1:] for row in FAR], ids=[row[0] for row in FAR])
def test_what_a_search_remembers(index: int, color: int, lastq: int) -> None:
    for queue, function in (("FREE", vm_page_select_free), ("CACHE", vm_page_select_cache)):
        crew = emptied()
        base = QUEUE_BASES[queue]
        m = put(crew, queue, color)
        crew.vm.queue.lastq[base + index] = 77 if color == index else -1
        assert crew.call(function, index) == m
        assert crew.vm.queue.lastq[base + index] == lastq


def test_a_far_search_starts_next_time_where_it_ended() -> None:
    crew = emptied()
    put(crew, "FREE", 600)
    crew.call(vm_page_select_free, 5)
    assert crew.vm.queue.lastq[PQ_FREE + 5] == 600
    put(crew, "FREE", 601, 102)
    assert colors_looked_at(crew, vm_page_select_free, 5) == ["FREE[5]", "FREE[600]", "FREE[601]"]
    assert crew.vm.queue.lastq[PQ_FREE + 5] == 600, "a near hit is not remembered"


def test_only_the_free_queues_memory_redirects_a_search_for_both() -> None:
    crew = emptied()
    crew.vm.queue.lastq[PQ_CACHE + 5] = 300
    m = put(crew, "CACHE", 20)
    looked = colors_looked_at(crew, vm_page_select_free_or_cache, 5)
    assert looked[:3] == ["FREE[5]", "FREE[5]", "FREE[6]"]
    assert crew.results[0] == (m, 1)
    assert crew.vm.queue.lastq[PQ_CACHE + 5] == 20


def test_a_hit_of_the_exact_colour_forgets_both_memories() -> None:
    crew = emptied()
    for base in (PQ_FREE, PQ_CACHE):
        crew.vm.queue.lastq[base + 5] = 300
    put(crew, "FREE", 5)
    crew.call(vm_page_select_free_or_cache, 5)
    assert [crew.vm.queue.lastq[base + 5] for base in (PQ_FREE, PQ_CACHE)] == [-1, -1]


def test_a_failed_search_forgets_nothing() -> None:
    crew = emptied()
    crew.vm.queue.lastq[PQ_FREE + 5] = 300
    assert crew.call(vm_page_select_free, 5) == NULL
    assert crew.vm.queue.lastq[PQ_FREE + 5] == 300


def test_a_colour_is_taken_modulo_the_colours() -> None:
    for colors, index in ((1024, 1029), (16, 21), (1, 5)):
        crew = emptied(colors=colors, mask=min(15, colors - 1))
        m = put(crew, "FREE", 5 % colors)
        assert crew.call(vm_page_select_free, index) == m


def test_list_find_takes_the_page_off_its_queue_and_keeps_its_lock() -> None:
    crew = emptied()
    m = put(crew, "ACTIVE", 5)
    assert crew.call(vm_page_list_find, PQ_ACTIVE, 5) == m
    assert crew.queue_of(m) == "NONE"
    assert crew.vm.thread.page_spin[0] == m
    assert crew.vm.thread.queue_spin[0] == 0
    crew.call(vm_page_spin_unlock, m)
    assert crew.vm.page.spin[m] == 0


def test_a_locked_page_is_skipped_and_the_next_one_taken() -> None:
    crew = Crew(configuration(colors=1))
    first = crew.page("ACTIVE")
    second = crew.page("ACTIVE")
    crew.call(vm_page_spin_lock, first, t=1)
    assert crew.call(vm_page_list_find, PQ_ACTIVE, 0) == second
    assert crew.queue_of(first) == "ACTIVE"


def test_a_page_on_a_list_that_names_another_queue_is_a_panic() -> None:
    crew = emptied()
    m = put(crew, "FREE", 5)
    crew.vm.page.queue[m] = PQ_FREE + 6
    with pytest.raises(KernelPanic) as caught:
        crew.call(vm_page_list_find, PQ_FREE, 5)
    assert (caught.value.kind, caught.value.function) == ("KKASSERT", "vm_page_list_find")


# --- the locks themselves ---------------------------------------------------------------------------------


def test_the_spinlocks_are_held_by_one_thread_and_waited_for_by_the_others() -> None:
    crew = Crew()
    crew.call(vm_page_spin_lock, 7)
    assert crew.call(vm_page_spin_trylock, 7, t=1) is False
    assert crew.start(1, vm_page_spin_lock, 7) == "waits for a lock"
    crew.call(vm_page_spin_unlock, 7)
    assert crew.play(1) == DONE
    assert crew.vm.page.spin[7] == 2
    crew.call(vm_page_queues_spin_lock, 9)
    crew.begin(1, vm_page_queues_spin_lock, 9)
    assert crew.play(1, until="take the queue's spinlock") == "waits for a lock"
    crew.call(vm_page_queues_spin_unlock, 9)
    assert crew.play(1) == DONE


def test_a_lock_is_released_only_by_its_owner() -> None:
    for function, number in ((vm_page_spin_unlock, 7), (vm_page_queues_spin_unlock, 9)):
        with pytest.raises(KernelPanic) as caught:
            Crew().call(function, number)
        assert (caught.value.kind, caught.value.function) == ("KKASSERT", function.__name__)


def test_a_page_that_is_taken_between_the_peek_and_the_lock_is_not_found_twice() -> None:
    crew = Crew(configuration(colors=1), cpus=(0, 1))
    only = crew.page("ACTIVE")
    crew.begin(0, vm_page_list_find, PQ_ACTIVE, 0)
    assert crew.play(0, until="take the queue's spinlock") == THERE
    assert crew.call(vm_page_list_find, PQ_ACTIVE, 0, t=1) == only
    assert crew.play(0) == DONE
    assert crew.results[0] == NULL
