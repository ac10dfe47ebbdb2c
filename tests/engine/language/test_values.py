"""Values of compiled expressions: as numbers, truth values and pages, and the places of their messages."""

from __future__ import annotations

import ast

import pytest

from engine import constants
from engine.constants import NULL
from engine.errors import BadInput
from engine.kernel.boot.sequence import boot
from engine.language.symbols import Kind
from engine.language.values import (
    CONSTANTS,
    HIGHEST,
    LOWEST,
    Place,
    Scope,
    Value,
    as_index,
    as_number,
    as_page,
    as_truth,
    constant,
    fitting,
    source,
)
from engine.machine.machine import Machine, MachineConfig
from engine.machine.tables import ENDED, PANICKED, READY, SLEEPING
from engine.machine.topology import Hardware, Topology

NODE = ast.parse("app.m").body[0]
SCOPE = Scope(file="f.toml", line=lambda line: 10 * line)


@pytest.fixture(scope="module")
def vm() -> Machine:
    """Pages 0x100 to 0x4ff."""
    return boot(MachineConfig(Hardware("values", Topology.grid(1, 1, 1), ((0x100000, 0x500000),))))


@pytest.mark.parametrize(
    ("kind", "value", "number", "truth"),
    [
        (Kind.NUMBER, 5, 5, True),
        (Kind.NUMBER, 0, 0, False),
        (Kind.NUMBER, -1, -1, True),
        # A page counts as its number, also the first one, whose index is 0; it is there, and so is true.
        (Kind.PAGE, 0, 0x100, True),
        (Kind.PAGE, NULL, -1, False),
        (Kind.OBJECT, 0, 0, True),
        (Kind.OBJECT, NULL, -1, False),
        (Kind.NULL, NULL, -1, False),
    ],
)
def test_a_value_among_numbers_and_as_truth(
    vm: Machine, kind: Kind, value: int, number: int, truth: bool
) -> None:
    assert as_number(constant(value, kind))(vm) == number
    assert as_truth(constant(value, kind))(vm) is truth


def test_a_constant_is_known_before_it_is_read(vm: Machine) -> None:
    value = constant(7)
    assert (value.kind, value.constant, value.shared, value.evaluate(vm)) == (Kind.NUMBER, 7, False, 7)


def test_a_page_that_is_there_is_its_index_and_null_is_a_message(vm: Machine) -> None:
    assert as_page(constant(5, Kind.PAGE), NODE, SCOPE)(vm) == 5
    null = as_page(constant(NULL, Kind.PAGE), NODE, SCOPE)
    with pytest.raises(BadInput) as caught:
        null(vm)
    assert str(caught.value) == "f.toml:10: app.m is NULL here; it must be a page"


@pytest.mark.parametrize(
    ("kind", "value", "index"),
    [(Kind.NUMBER, -1, -1), (Kind.PAGE, 3, 0x103), (Kind.OBJECT, 2, 2), (Kind.INDEX, 0, 0)],
)
def test_a_value_that_chooses_a_row_is_its_number(vm: Machine, kind: Kind, value: int, index: int) -> None:
    assert as_index(constant(value, kind), NODE, SCOPE)(vm) == index


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (Kind.PAGE, "app.m is NULL here; it must be a page"),
        (Kind.OBJECT, "app.m is NULL here; it must be an object"),
        (Kind.INDEX, "app.m is NULL here; it must be a number"),
        (Kind.NULL, "NULL is not an index; it must be a number"),
    ],
)
def test_null_chooses_no_row(vm: Machine, kind: Kind, words: str) -> None:
    with pytest.raises(BadInput) as caught:
        as_index(constant(NULL, kind), NODE, SCOPE)(vm)
    assert str(caught.value) == f"f.toml:10: {words}"


@pytest.mark.parametrize(
    ("kind", "held"), [(Kind.NUMBER, "a number"), (Kind.OBJECT, "an object"), (Kind.NULL, "NULL")]
)
def test_a_value_that_is_not_a_page_is_refused_at_compile_time(kind: Kind, held: str) -> None:
    def read(_: Machine) -> int:
        raise AssertionError("it is refused by its kind")

    with pytest.raises(BadInput, match=f"f.toml:10: app.m is {held}, not a page; use page"):
        as_page(Value(kind, read), NODE, SCOPE)


def test_a_number_fits_64_bits_or_is_a_message() -> None:
    place = Place("f.toml", 3)
    assert [fitting(value, place, "x") for value in (LOWEST, 0, HIGHEST)] == [-(1 << 63), 0, (1 << 63) - 1]
    for value in (LOWEST - 1, HIGHEST + 1):
        with pytest.raises(BadInput) as caught:
            fitting(value, place, "x + 1")
        assert str(caught.value) == "f.toml:3: x + 1 overflows; numbers are signed 64-bit integers"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("app.m+1", "app.m + 1"),
        ("Global.ticks", "global.ticks"),
        ("x" * 60, "x" * 60),
        ("x" * 61, "x" * 57 + "..."),
    ],
)
def test_an_expression_is_quoted_as_it_is_written(text: str, shown: str) -> None:
    assert source(ast.parse(text, mode="eval").body) == shown


def test_a_node_has_its_line_of_the_file() -> None:
    second = ast.parse("a\nb").body[1]
    assert SCOPE.place(second) == Place("f.toml", 20)
    assert str(SCOPE.error(second, "no b; write a")) == "f.toml:20: no b; write a"
    assert str(Scope().error(second, "no b; write a")) == "no b; write a"


def test_constants_are_the_kernels_numbers_and_a_threads_states() -> None:
    assert CONSTANTS["PQ_ACTIVE"] == constants.PQ_ACTIVE
    assert [CONSTANTS[name] for name in ("READY", "SLEEPING", "ENDED", "PANICKED", "TRUE", "FALSE")] == [
        *(READY, SLEEPING, ENDED, PANICKED, 1, 0),
    ]
    # NULL is a kind of its own; names of fields and of bits are not numbers.
    assert not {"NULL", "VMSTATS_FIELDS", "PG_NAMES"} & CONSTANTS.keys()
