"""Instructions: what each does, in how many steps, and the next position."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from engine.errors import BadInput
from engine.machine.machine import Announcement, Machine, Steps
from engine.run.program import Assign, Branch, Call, Instruction, Pass, Program
from engine.scenario.loader import load_text


@pytest.fixture
def vm(stage: Callable[..., Any]) -> Machine:
    machine: Machine = stage().vm
    return machine


def const(value: int) -> Callable[[Machine], int]:
    return lambda _: value


def variable(slot: int) -> Callable[[Machine], int]:
    return lambda vm: vm.variable.value[slot]


def done(instruction: Instruction, vm: Machine) -> tuple[list[Announcement], int]:
    """Run an instruction to its end; return what it announced and the next position."""
    steps, announced = instruction.begin(vm), []
    try:
        while True:
            announced.append(next(steps))
    except StopIteration as end:
        return announced, instruction.end(vm, end.value)


def test_an_assignment_evaluates_every_value_before_it_stores_one(vm: Machine) -> None:
    vm.variable.value[0], vm.variable.value[1] = 3, 4
    assert done(Assign(1, "x, y = y, x", 0, variable(1), 7, ((1, variable(0)),)), vm) == (["assign"], 7)
    assert (vm.variable.value[0], vm.variable.value[1]) == (4, 3)
    assert done(Assign(1, "x = 9", 0, const(9), 8), vm) == (["assign"], 8)
    assert vm.variable.value[0] == 9


@pytest.mark.parametrize(("condition", "goes_on", "counter"), [(5, 7, 1), (0, 8, 0)])
def test_a_branch_stores_its_counter_only_if_its_condition_holds(
    condition: int, goes_on: int, counter: int, vm: Machine
) -> None:
    vm.variable.value[0] = 0
    branch = Branch(1, "for", const(condition), 7, 8, ((0, const(1)),))
    assert done(branch, vm) == (["test the condition"], goes_on)
    assert vm.variable.value[0] == counter


def test_nothing_is_done_before_the_first_step(vm: Machine) -> None:
    before = vm.memory.digest()
    for instruction in (Assign(1, "", 0, const(9), 7), Branch(1, "", const(1), 7, 8, ((0, const(9)),))):
        next(instruction.begin(vm))
    assert vm.memory.digest() == before


def test_a_pass_is_one_step(vm: Machine) -> None:
    assert done(Pass(1, "pass", 7), vm) == (["continue"], 7)


def two_results(vm: Machine, one: int, other: int) -> Steps[tuple[int, int | None]]:
    """Take two steps; return both arguments, the second only if it is not 0."""
    yield "first"
    yield "second"
    return one, other or None


def test_a_call_takes_the_steps_of_its_function_and_stores_its_results(vm: Machine) -> None:
    vm.variable.value[0] = 6
    call = Call(1, "x, y = f(x, 0)", "f", two_results, (variable(0), const(0)), (2, 1), 7)
    assert done(call, vm) == (["first", "second"], 7)
    assert (vm.variable.value[2], vm.variable.value[1]) == (6, 0)


def test_the_results_of_a_call_are_dropped_if_its_line_stores_none(vm: Machine) -> None:
    before = vm.memory.digest()
    assert done(Call(1, "f(1, 2)", "f", two_results, (const(1), const(2)), (), 7), vm)[1] == 7
    assert vm.memory.digest() == before


def test_arguments_that_cannot_be_evaluated_are_an_error_of_the_first_step(vm: Machine) -> None:
    def refuse(_: Machine) -> int:
        raise BadInput("division by zero")

    steps = Call(1, "f(1 // 0)", "f", two_results, (refuse,), (), 7).begin(vm)
    assert next(steps) == "evaluate the arguments"
    with pytest.raises(BadInput, match="division by zero"):
        next(steps)


def test_a_position_has_the_line_of_its_instruction_and_no_line_at_the_end() -> None:
    program = Program("app", 0, ("pass", "", "pass"), (Pass(1, "pass", 1), Pass(3, "pass", 2)))
    assert [program.line_at(pc) for pc in range(4)] == [1, 3, 0, 0]


def test_an_instruction_in_a_loop_repeats_and_one_after_it_does_not() -> None:
    text = 'format = 1\ntitle = "Loop"\n[machine]\nmemory = "4 MiB"\n[[thread]]\nname = "a"\nscript = """\n'
    script = "x = 1\nfor i in range(2):\n    tick()\nif x:\n    x = 2\nx = 3\n"
    program = load_text(f'{text}{script}"""\n').start().programs[0]
    again = {program.line_at(pc) for pc in range(len(program.instructions)) if program.repeats(pc)}
    assert again == {2, 3}
    assert not program.repeats(len(program.instructions))
