"""The arguments of kernel functions: ranges, and the message for a number outside one."""

from __future__ import annotations

from typing import Any, get_args

import pytest

from engine.constants import (
    NULL,
    PQ_CACHE,
    PQ_COUNT,
    PQ_FREE,
    PQ_INACTIVE,
    PQ_NONE,
    VM_ALLOC_CPU_SHIFT,
    VM_ALLOC_CPU_SPEC,
    VM_ALLOC_NORMAL,
    Cpu,
    Obj,
    Page,
    Queue,
    Thread,
)
from engine.kernel.arguments import (
    RANGES,
    BaseQueue,
    Int,
    Mark,
    MaybePage,
    Nice,
    PageFlags,
    PageReq,
    Process,
    Protection,
    Quad,
    Range,
)
from engine.machine.machine import Machine
from tests.engine.kernel.checked_crew import Crew


@pytest.fixture(scope="module")
def vm() -> Machine:
    return Crew().vm


def range_of(annotation: Any) -> Range:
    """The range that an annotation carries."""
    return next(mark for mark in get_args(annotation) if isinstance(mark, Range))


@pytest.mark.parametrize(
    ("annotation", "low", "high"),
    [
        (Int, -(2**31), 2**31 - 1),
        (PageFlags, -(2**31), 2**32 - 1),
        (Quad, -(2**63), 2**63 - 1),
        (Nice, -20, 20),
    ],
)
def test_both_ends_of_a_range_are_possible_and_one_more_is_not(
    annotation: Any, low: int, high: int, vm: Machine
) -> None:
    allowed = range_of(annotation)
    assert allowed.limits(vm) == (low, high)
    assert (allowed.problem(vm, low), allowed.problem(vm, high)) == (None, None)
    says = f"is not possible; it is from {low} to {high}"
    assert [allowed.problem(vm, value) for value in (low - 1, high + 1)] == [says, says]


def test_a_range_has_its_own_words_where_its_limits_are_not_enough(vm: Machine) -> None:
    says = range_of(Protection).problem(vm, 8)
    assert says == "is not possible; it is made of VM_PROT_READ, _WRITE and _EXECUTE"


@pytest.mark.parametrize(
    ("kind", "low", "length"),
    [
        (Page, NULL, "page"),
        (Obj, NULL, "object"),
        (Thread, 0, "thread"),
        (Cpu, 0, "cpu"),
    ],
)
def test_a_row_is_one_that_the_machine_has(kind: object, low: int, length: str, vm: Machine) -> None:
    rows = vm.ncpus if length == "cpu" else getattr(vm, length).length
    assert RANGES[kind].limits(vm) == (low, rows - 1)


def test_a_queue_is_one_of_all_types_and_colours(vm: Machine) -> None:
    assert RANGES[Queue].limits(vm) == (1, 5 * 1024)
    assert RANGES[Queue].problem(vm, PQ_NONE) is not None
    assert RANGES[Queue].problem(vm, PQ_COUNT) is not None


def test_a_machine_without_processes_has_no_process_to_name(vm: Machine) -> None:
    assert range_of(Process).problem(vm, 0) is not None


@pytest.mark.parametrize(
    ("q", "possible"),
    [(PQ_FREE, True), (PQ_INACTIVE, True), (PQ_CACHE, True), (PQ_FREE + 5, False), (PQ_COUNT - 1, False)],
)
def test_a_queue_type_is_its_queue_of_colour_0(q: int, possible: bool, vm: Machine) -> None:
    says = range_of(BaseQueue).problem(vm, q)
    assert says == (None if possible else "is not a queue type; use PQ_FREE, PQ_ACTIVE and so on")


@pytest.mark.parametrize(
    ("flags", "possible"),
    [
        (VM_ALLOC_NORMAL, True),
        (VM_ALLOC_NORMAL | VM_ALLOC_CPU_SPEC | 1 << VM_ALLOC_CPU_SHIFT, True),
        (VM_ALLOC_NORMAL | VM_ALLOC_CPU_SPEC | 2 << VM_ALLOC_CPU_SHIFT, False),
        (VM_ALLOC_NORMAL | 2 << VM_ALLOC_CPU_SHIFT, True),
    ],
    ids=["no cpu", "the last cpu", "a cpu that is not there", "a number that is not said to be a cpu"],
)
def test_an_allocation_names_a_cpu_of_this_machine(flags: int, possible: bool, vm: Machine) -> None:
    assert vm.ncpus == 2
    says = range_of(PageReq).problem(vm, flags)
    assert says == (None if possible else "names no cpu of this machine; write VM_ALLOC_CPU(N)")


def test_a_pointer_that_may_be_null_says_so_beside_its_type() -> None:
    assert get_args(MaybePage) == (Page, Mark.NULL_OK)
