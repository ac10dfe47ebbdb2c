"""The valid and dirty bits of a page's chunks, and what is zeroed (spec 07)."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.constants import (
    NULL,
    OBJ_MIGHTBEDIRTY,
    OBJ_WRITEABLE,
    PG_FICTITIOUS,
    PG_NOSYNC,
    PG_WRITEABLE,
)
from engine.errors import KernelPanic
from engine.kernel.valid_dirty import (
    page_bits,
    vm_page_bits,
    vm_page_clear_dirty,
    vm_page_clear_dirty_beg_nonincl,
    vm_page_clear_dirty_end_nonincl,
    vm_page_copy,
    vm_page_dirty,
    vm_page_flag_clear,
    vm_page_flag_set,
    vm_page_is_valid,
    vm_page_set_invalid,
    vm_page_set_valid,
    vm_page_set_validclean,
    vm_page_set_validdirty,
    vm_page_test_dirty,
    vm_page_undirty,
    vm_page_zero_fill,
    vm_page_zero_invalid,
)
from tests.engine.kernel.checked_crew import Crew

MASKS = [
    (0, 4096, 0xFF),
    (0, 1, 0x01),
    (511, 2, 0x03),
    (512, 512, 0x02),
    (100, 3000, 0x7F),
    (4095, 1, 0x80),
    (4096, 0, 0x00),
    (0, 0, 0x00),
    (513, 0, 0x00),
]


@pytest.mark.parametrize(("base", "size", "mask"), MASKS)
def test_a_range_touches_every_chunk_it_reaches_into(base: int, size: int, mask: int) -> None:
    assert Crew().call(vm_page_bits, base, size) == mask


@given(base=st.integers(0, 4096), size=st.integers(0, 4096))
def test_a_mask_is_of_the_chunks_of_its_bytes(base: int, size: int) -> None:
    size = min(size, 4096 - base)
    assert page_bits(base, size) == sum({1 << byte // 512 for byte in range(base, base + size)})


ZEROED = [
    # valid before, base, size, zeroed areas (start, length), valid after
    ("both edges of a range", 0x00, 100, 1000, [(0, 100), (1100, 436)], 0x07),
    ("no edge where there is data", 0x07, 100, 1000, [], 0x07),
    ("the front alone", 0x04, 100, 1000, [(0, 100)], 0x07),
    ("the back alone", 0x01, 100, 1000, [(1100, 436)], 0x07),
    ("an aligned range has no edges", 0x00, 512, 1024, [], 0x06),
    ("both edges in one chunk", 0x00, 600, 100, [(512, 88), (700, 324)], 0x02),
    ("an empty range has none", 0x00, 100, 0, [], 0x00),
    ("a range to the last byte", 0x00, 4000, 96, [(3584, 416)], 0x80),
    ("a single byte in the middle", 0x00, 513, 1, [(512, 1), (514, 510)], 0x02),
    ("a single first byte", 0x00, 512, 1, [(513, 511)], 0x02),
    ("a single last byte", 0x00, 1023, 1, [(512, 511)], 0x02),
    ("an empty range at the end of the page", 0x0F, 4096, 0, [], 0x0F),
    ("the whole page", 0x10, 0, 4096, [], 0xFF),
]


@pytest.mark.parametrize("function", [vm_page_set_valid, vm_page_set_validclean])
@pytest.mark.parametrize(
    ("valid", "base", "size", "areas", "after"), [row[1:] for row in ZEROED], ids=[row[0] for row in ZEROED]
)
def test_only_the_edges_of_invalid_chunks_are_zeroed(
    function: Any, valid: int, base: int, size: int, areas: list[tuple[int, int]], after: int
) -> None:
    crew = Crew()
    m = crew.page(valid=valid)
    crew.effects.clear()
    crew.call(function, m, base, size)
    assert crew.effects == [("zero_area", m, *area) for area in areas]
    assert crew.vm.page.valid[m] == after


CHANGES = [
    # function, base, size, (valid, dirty) before, after, whether NOSYNC stays
    ("set_valid leaves dirty alone", vm_page_set_valid, 0, 4096, (0x00, 0x0F), (0xFF, 0x0F), True),
    ("set_validclean cleans partial chunks too", vm_page_set_validclean, 600, 100, (7, 7), (7, 5), True),
    ("set_validclean of the page", vm_page_set_validclean, 0, 4096, (0x01, 0xFF), (0xFF, 0x00), False),
    ("set_validdirty", vm_page_set_validdirty, 511, 2, (0x00, 0x00), (0x03, 0x03), True),
    ("clear_dirty cleans partial chunks too", vm_page_clear_dirty, 100, 1000, (0xFF, 0xFF), (0xFF, 0xF8), 1),
    ("clear_dirty of the page", vm_page_clear_dirty, 0, 4096, (0xFF, 0xFF), (0xFF, 0x00), False),
    ("clear_dirty of no bytes", vm_page_clear_dirty, 0, 0, (0xFF, 0xFF), (0xFF, 0xFF), True),
    ("the end not inclusive", vm_page_clear_dirty_end_nonincl, 100, 1000, (0xFF, 0xFF), (0xFF, 0xFC), True),
    ("no whole chunk, end", vm_page_clear_dirty_end_nonincl, 100, 100, (0xFF, 0xFF), (0xFF, 0xFF), True),
    ("the page, end", vm_page_clear_dirty_end_nonincl, 0, 4096, (0xFF, 0xFF), (0xFF, 0x00), False),
    ("the start not inclusive", vm_page_clear_dirty_beg_nonincl, 100, 1000, (0xFF, 0xFF), (0xFF, 0xF9), True),
    ("no whole chunk, begin", vm_page_clear_dirty_beg_nonincl, 100, 412, (0xFF, 0xFF), (0xFF, 0xFF), True),
    ("one byte beyond", vm_page_clear_dirty_beg_nonincl, 100, 413, (0xFF, 0xFF), (0xFF, 0xFD), True),
    ("set_invalid", vm_page_set_invalid, 511, 2, (0xFF, 0xFF), (0xFC, 0xFC), True),
]


@pytest.mark.parametrize(
    ("function", "base", "size", "before", "after", "nosync"),
    [row[1:] for row in CHANGES],
    ids=[row[0] for row in CHANGES],
)
def test_what_a_range_does_to_valid_and_dirty(
    function: Any, base: int, size: int, before: tuple[int, int], after: tuple[int, int], nosync: bool
) -> None:
    crew = Crew()
    m = crew.page(obj=1, valid=before[0], dirty=before[1], flags=PG_NOSYNC)
    generation = crew.vm.object.generation[1]
    crew.call(function, m, base, size)
    assert (crew.vm.page.valid[m], crew.vm.page.dirty[m]) == after
    assert bool(crew.vm.page.flags[m] & PG_NOSYNC) == nosync
    assert crew.vm.object.generation[1] == generation + (function is vm_page_set_invalid)
    marked = crew.vm.object.flags[1] == OBJ_WRITEABLE | OBJ_MIGHTBEDIRTY
    assert marked is (function is vm_page_set_validdirty)


RANGED = [
    vm_page_set_valid,
    vm_page_set_validclean,
    vm_page_set_validdirty,
    vm_page_clear_dirty,
    vm_page_set_invalid,
    vm_page_is_valid,
]


@pytest.mark.parametrize("function", RANGED, ids=lambda function: function.__name__)
def test_a_range_beyond_the_page_is_a_panic(function: Any) -> None:
    crew = Crew()
    m = crew.page(obj=1)
    with pytest.raises(KernelPanic) as caught:
        crew.call(function, m, 4000, 97)
    assert (caught.value.function, caught.value.message) == (
        "vm_page_bits",
        "vm_page_bits: illegal base/size ",
    )


DIRTYING = [
    # queue, dirty before, object, panics
    ("a page on no queue", "NONE", 0, NULL, False),
    ("an active page", "ACTIVE", 0x01, 1, False),
    ("an inactive page that is dirty already", "INACTIVE", 0xFF, 1, False),
    ("a page on hold", "HOLD", 0, NULL, False),
    ("a cached page", "CACHE", 0, 1, True),
    ("a free page", "FREE", 0, NULL, True),
]


@pytest.mark.parametrize(
    ("queue", "dirty", "obj", "panics"), [row[1:] for row in DIRTYING], ids=[row[0] for row in DIRTYING]
)
def test_dirtying_a_page_is_of_the_whole_page(queue: str, dirty: int, obj: int, panics: bool) -> None:
    crew = Crew()
    m = crew.page(queue, obj=obj)
    crew.vm.page.dirty[m] = dirty
    if panics:
        with pytest.raises(KernelPanic, match="where a page must be clean") as caught:
            crew.call(vm_page_dirty, m)
        assert caught.value.message == "vm_page_dirty: page in free/cache queue!"
        return
    crew.call(vm_page_dirty, m)
    assert crew.vm.page.dirty[m] == 0xFF
    if obj != NULL:
        marked = crew.vm.object.flags[obj] == OBJ_WRITEABLE | OBJ_MIGHTBEDIRTY
        assert marked is (dirty != 0xFF)


TESTED = [
    # flags, dirty, the mappings' modified bit, dirty after
    ("a modified mapping dirties the page", PG_WRITEABLE, 0x01, 1, 0xFF),
    ("an unmodified one does not", PG_WRITEABLE, 0x01, 0, 0x01),
    ("nor one that is not writeable", 0, 0x01, 1, 0x01),
    ("nor one of a fictitious page", PG_WRITEABLE | PG_FICTITIOUS, 0x01, 1, 0x01),
    ("a dirty page is not looked at", PG_WRITEABLE, 0xFF, 1, 0xFF),
]


@pytest.mark.parametrize(
    ("flags", "dirty", "modified", "after"), [row[1:] for row in TESTED], ids=[row[0] for row in TESTED]
)
def test_the_modified_bit_of_the_mappings(flags: int, dirty: int, modified: int, after: int) -> None:
    crew = Crew()
    m = crew.page(flags=flags, dirty=dirty, pmap_modified=modified)
    crew.call(vm_page_test_dirty, m)
    assert crew.vm.page.dirty[m] == after
    assert crew.vm.page.pmap_modified[m] == modified


RUNS = [
    (0x09, [(512, 1024), (2048, 2048)]),
    (0x00, [(0, 4096)]),
    (0xFF, []),
    (0x7F, [(3584, 512)]),
    (0xFE, [(0, 512)]),
    (0xAA, [(0, 512), (1024, 512), (2048, 512), (3072, 512)]),
]


@pytest.mark.parametrize("setvalid", [0, 1])
@pytest.mark.parametrize(("valid", "areas"), RUNS)
def test_each_run_of_invalid_chunks_is_zeroed_once(
    valid: int, areas: list[tuple[int, int]], setvalid: int
) -> None:
    crew = Crew()
    m = crew.page(valid=valid, dirty=0x11)
    crew.effects.clear()
    crew.call(vm_page_zero_invalid, m, setvalid)
    assert crew.effects == [("zero_area", m, *area) for area in areas]
    assert (crew.vm.page.valid[m], crew.vm.page.dirty[m]) == (0xFF if setvalid else valid, 0x11)


VALID = [
    (0x00, 0, 0, False),
    (0x10, 0, 0, True),
    (0x03, 511, 2, True),
    (0x01, 511, 2, False),
    (0xFF, 0, 4096, True),
    (0xFE, 0, 4096, False),
]


@pytest.mark.parametrize(("valid", "base", "size", "is_valid"), VALID)
def test_a_range_is_valid_when_all_its_chunks_are(valid: int, base: int, size: int, is_valid: bool) -> None:
    crew = Crew()
    assert crew.call(vm_page_is_valid, crew.page(valid=valid), base, size) is is_valid


def test_a_copy_is_valid_and_dirty_as_a_whole_and_marks_no_object() -> None:
    crew = Crew()
    source, copy = crew.page(valid=0x01), crew.page(obj=1)
    crew.call(vm_page_copy, source, copy)
    assert (crew.vm.page.valid[copy], crew.vm.page.dirty[copy]) == (0xFF, 0xFF)
    assert (crew.vm.page.valid[source], crew.vm.object.flags[1]) == (0x01, 0)


def test_filling_with_zeros_validates_nothing() -> None:
    crew = Crew()
    m = crew.page(valid=0x02)
    crew.effects.clear()
    assert crew.call(vm_page_zero_fill, m) is True
    assert crew.effects == [("zero_page", m)]
    assert crew.vm.page.valid[m] == 0x02


def test_undirty_cleans_the_page_and_keeps_nosync() -> None:
    crew = Crew()
    m = crew.page(dirty=0x81, flags=PG_NOSYNC)
    crew.call(vm_page_undirty, m)
    assert (crew.vm.page.dirty[m], crew.vm.page.flags[m]) == (0, PG_NOSYNC)


def test_invalidating_a_page_without_an_object_is_a_null_dereference_after_the_bits_are_gone() -> None:
    crew = Crew()
    m = crew.page(valid=0xFF)
    with pytest.raises(KernelPanic) as caught:
        crew.call(vm_page_set_invalid, m, 0, 512)
    assert (caught.value.kind, caught.value.function) == ("fault", "vm_page_set_invalid")
    assert crew.vm.page.valid[m] == 0xFE


def test_flags_are_set_and_cleared_beside_the_others() -> None:
    crew = Crew()
    m = crew.page(flags=PG_NOSYNC)
    crew.call(vm_page_flag_set, m, PG_WRITEABLE)
    assert crew.vm.page.flags[m] == PG_NOSYNC | PG_WRITEABLE
    crew.call(vm_page_flag_clear, m, PG_NOSYNC)
    assert crew.vm.page.flags[m] == PG_WRITEABLE
