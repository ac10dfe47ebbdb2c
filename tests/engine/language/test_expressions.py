"""EXPR: one grammar for expectations, questions, until, breakpoints and scripts."""

# ruff: noqa: E501 - a row of a table is one line

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import constants
from engine.errors import BadInput
from engine.language.expressions import (
    Unreadable,
    compile_expression,
    same_value,
)
from engine.language.operators import PRECEDENCE, symbol
from tests.engine.language.named_machine import NAMES, PAGE, named_machine


def sentences(*rows: tuple[Any, ...]) -> list[Any]:
    """Rows of a table whose first column is the test's id."""
    return [pytest.param(*row[1:], id=row[0]) for row in rows]


VM = named_machine()


def show(text: str) -> int | None:
    return compile_expression(text, NAMES, file="f.toml", line=3).show(VM)


@pytest.mark.parametrize(
    ("text", "value"),
    sentences(
        ("a sum", "1 + 2 * 3", 7),
        ("brackets", "(1 + 2) * 3", 9),
        ("hexadecimal", "0xff - 0x0f", 240),
        ("going down", "-7 // 2 * 10 + -7 % 2", -39),
        ("bits", "~0 & 0xF0 | 1 ^ 3", 0xF2),
        ("shifts", "1 << 62 >> 60", 4),
        ("the lowest number", "-9223372036854775808", -(1 << 63)),
        ("a comparison", "1 < 2 < 3", 1),
        ("logic yields a value, as in Python", "0 or 5 and 3", 3),
        ("not", "not 5", 0),
        ("a constant", "PQ_ACTIVE", 2049),
        ("one of each prefix", "PG_MAPPED | PBUSY_WANTED | VM_ALLOC_NORMAL | PAGE_SIZE | ACT_INIT", 0x40001025),
        ("the macro of a cpu", "VM_ALLOC_CPU(3)", 3 << 16 | 0x200),
        ("NULL", "NULL", None),
        ("NULL is NULL", "app.none == NULL", 1),
        ("a page is not NULL", "app.m != NULL and not app.none", 1),
        ("a page is its number", "app.m", PAGE),
        ("a page by its number", "page[12345] == app.m", 1),
        ("a page among numbers", "app.m + 1 == 12346", 1),
        ("a page compared with a number", "app.m == 0x3039", 1),
        ("a page as an index", "page[app.m].pc == app.m.pc", 1),
        ("a page's address", "app.m.phys_addr == VM_PAGE_TO_PHYS(app.m)", 1),
        ("a page at an address", "PHYS_TO_VM_PAGE(VM_PAGE_TO_PHYS(app.m) + 5) == app.m", 1),
        ("a page of a queue", "queue[FREE, app.m.pc].head.queue - PQ_FREE", 565),
        ("a page of an object", "object[disk].page[70]", PAGE),
        ("an object by its number", "object[1].token_owner", 1),
        ("a page on no queue", "app.m.queue == PQ_NONE", 0),
        ("a queue with its colour", "app.m.queue == PQ_FREE + app.m.pc", 1),
        ("a range of queues", "app.m.queue >= PQ_FREE and app.m.queue < PQ_INACTIVE", 1),
        ("the queue of a page", "queue_of(app.m) == PQ_FREE", 1),
        ("the base of a page", "base_of(app.m)", 1),
        ("the node of a page", "node_of(app.m) * 10 + node_of(page[0])", 10),
        ("a count", "count(FREE) == count(PQ_FREE) and count(ACTIVE) == 0", 1),
        ("who holds a page's lock", "holds(pager, app.m) * 10 + holds(app, app.m)", 10),
        ("who holds a queue's lock", "holds(app, queue[ACTIVE, 3])", 1),
        ("who holds a token", "holds(app, disk) * 10 + holds(app, heap)", 10),
        ("who holds the reserve's lock", "holds(pager, vm_contig_spin)", 1),
    ),
)  # fmt: skip
def test_value(text: str, value: int | None) -> None:
    assert show(text) == value


@pytest.mark.parametrize(
    ("text", "words"),
    sentences(
        ("nothing", "", "cannot read this"),
        ("half", "1 +", "cannot read this"),
        ("an overflow", "0x7fffffffffffffff + 1", "overflows"),
        ("a product that overflows", "0x7fffffffffffffff * 0x7fffffffffffffff", "overflows"),
        ("minus the lowest", "-(-9223372036854775808)", "overflows"),
        ("a number too large", "0x8000000000000000", "too large"),
        ("a number of thousands of digits", "1" * 3000, "too large"),
        ("a number that Python does not print", f"(0x{'f' * 3900},)", "too large"),
        ("an expression too long", "1" * 5000, "too long"),
        ("division by zero", "5 // 0", "division by zero"),
        ("remainder of zero", "5 % (1 - 1)", "division by zero"),
        ("a shift backwards", "1 << -1", "0 to 63"),
        ("a shift too far", "1 << 64", "0 to 63"),
        ("the queue of NULL", "queue_of(app.none)", "app.none is NULL here"),
        ("a page at no address", "PHYS_TO_VM_PAGE(0x7fffffffffff0000)", "there is no page"),
        ("a page compared with an object", "app.m == heap", "compares a page with an object"),
        ("a queue with a type", "app.m.queue == PQ_ACTIVE", "compare queue_of(app.m) == PQ_ACTIVE"),
        ("a type with a queue", "PQ_FREE != page[0x40].queue", "compare queue_of(page[0x40]) != PQ_FREE"),
        ("another cell with a queue", "thread[app].queue_spin == PQ_FREE", "compare thread[app].queue_spin == PQ_FREE + COLOR"),
        ("a queue in a chain", "1 == 1 == app.m.queue == PQ_HOLD", "app.m.queue holds the colour too"),
        ("a function of Python", "len(app.m)", "is not a function of expressions"),
        ("a function's wrong arguments", "queue_of()", "takes 1 argument; write queue_of(PAGE)"),
        ("a call of a kernel function", "vm_page_free(app.m)", "is not a function of expressions"),
        ("a count of nothing", "count(7)", "is not a queue type"),
        ("an unknown cpu", "VM_ALLOC_CPU(16)", "cpus 0 to 15"),
        ("a division with /", "4 / 2", "use //"),
        ("a power", "2 ** 3", "this operator is not supported"),
        ("a string", "'a'", "a string is allowed only"),
        ("an expression in quotes", "'1 > 0'", "quotes are not needed around an expression: write 1 > 0"),
        ("a string in an expression", "1 + 'a'", "a string is allowed only as an argument of a function that takes"),
        ("a fraction", "1.5", "is not an integer"),
        ("a choice", "1 if 2 else 3", "is not allowed in an expression"),
        ("a list", "[1]", "is not allowed in an expression"),
        ("is", "app.m is NULL", "is not a comparison"),
        ("in", "1 in 2", "is not a comparison"),
        ("a lambda", "(lambda: 1)()", "is not a function"),
        ("an assignment", "(x := 1)", "is not allowed in an expression"),
        ("brackets without end", "(" * 300 + "1" + ")" * 300, "cannot read this"),
        ("minus without end", "-" * 2000 + "1", "nested more than 60 levels deep"),
        ("more than Python can parse", "-" * 3000 + "1", "nested more than 60 levels deep"),
        ("a sum without end", "1" + "+1" * 1500, "deep"),
        ("a NUL", "1 + \0", "cannot read this"),
        ("a lone surrogate", "\ud800", "cannot read this"),
    ),
)  # fmt: skip
def test_a_bad_expression_is_a_message_with_its_place(text: str, words: str) -> None:
    with pytest.raises(BadInput) as caught:
        show(text)
    assert (caught.value.file, caught.value.line) == ("f.toml", 3)
    assert words in caught.value.message


def test_every_constant_of_the_kernel_is_defined() -> None:
    numbers = {
        name: value for name, value in vars(constants).items() if isinstance(value, int) and name.isupper()
    }
    assert len(numbers) > 80
    for name, value in numbers.items():
        assert show(name) == (None if name == "NULL" else value)


@given(st.integers(-(1 << 63), (1 << 63) - 1), st.integers(-(1 << 63), (1 << 63) - 1))
def test_arithmetic_is_pythons_or_a_message(left: int, right: int) -> None:
    for operator, wanted in (
        ("+", left + right),
        ("-", left - right),
        ("*", left * right),
        ("^", left ^ right),
    ):
        text = f"({left}) {operator} ({right})"
        if -(1 << 63) <= wanted < 1 << 63:
            assert show(text) == wanted
        else:
            with pytest.raises(BadInput, match="overflows"):
                show(text)


def test_a_page_is_true_unless_it_is_null() -> None:
    VM.variable.value[2] = 0
    try:
        assert compile_expression("app.none", NAMES).holds(VM)
        assert show("app.none and 1") == 1
    finally:
        VM.variable.value[2] = constants.NULL
    assert not compile_expression("app.none", NAMES).holds(VM)


@pytest.mark.parametrize(
    ("one", "other", "same"), [(3, 3, True), (3, 4, False), (None, -1, True), (None, 0, False)]
)
def test_same_value(one: int | None, other: int | None, same: bool) -> None:
    assert same_value(one, other) is same


@pytest.mark.parametrize(
    ("text", "value"),
    [("0x10", 16), ("PQ_NONE", 0), ("NULL", -1), ("2 + 3 * 4", 14), ("PBUSY_LOCKED | 1", 0x8000_0001),
     ("-1", -1), ("1 < 2", 1), ("not 3", 0), ("1 // 0", None), ("count(FREE)", None), ("app.m", None),
     ("page[3]", None), ("heap", None)],
)  # fmt: skip
def test_an_expression_of_numbers_and_constants_has_its_value_without_a_machine(
    text: str, value: int | None
) -> None:
    assert compile_expression(text, NAMES).constant == value


PARAMETERS = replace(NAMES, parameters={"n": 4, "low": -2})


@pytest.mark.parametrize(("text", "value"), [("n", 4), ("2 * n - low", 10), ("n == 4 and low < 0", 1)])
def test_a_parameter_is_a_number_of_the_language(text: str, value: int) -> None:
    expression = compile_expression(text, PARAMETERS)
    assert expression.show(named_machine()) == value
    assert expression.constant == value


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("n.queue", "n is a number, not a page"),
        ("n()", "n is not a function of expressions"),
        ("lov", r"'lov' is not a variable, object or kernel constant \(did you mean 'low'\?\)"),
    ],
)
def test_a_parameter_that_is_used_as_something_else_is_a_message(text: str, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        compile_expression(text, PARAMETERS)


def test_an_expression_knows_the_parameters_that_it_has() -> None:
    assert compile_expression("app.m.queue + n * n", PARAMETERS).parameters == {"n"}
    assert compile_expression("app.m.queue", PARAMETERS).parameters == frozenset()
    assert isinstance(hash(compile_expression("n", PARAMETERS)), int), "a question is the key of a table"


OPERANDS = ("-3", "0", "1", "5", "NULL", "PQ_ACTIVE")


@pytest.mark.parametrize("text", ["not {0}", "-{0}", "~{0}", "+{0}", "{0} and {1}", "{0} or {1} or 7"])
def test_what_is_known_without_a_machine_is_what_a_machine_computes(text: str) -> None:
    for one, other in itertools.product(OPERANDS, OPERANDS):
        expression = compile_expression(text.format(one, other), NAMES)
        if expression.constant is not None:
            assert expression.constant == expression.evaluate(VM), expression.text
        else:
            assert {one, other} & {"NULL"}, expression.text


@pytest.mark.parametrize("op", [symbol(kind) for level in PRECEDENCE[3:10] for kind in level])
def test_an_operator_on_constants_is_known_unless_it_fails(op: str) -> None:
    for one, other in itertools.product(OPERANDS, OPERANDS):
        expression = compile_expression(f"{one} {op} {other}", NAMES)
        try:
            found: int | None = expression.evaluate(VM)
        except BadInput:
            found = None
        assert expression.constant == found, expression.text


def test_a_text_without_the_grammar_says_what_an_expression_is_where_a_file_has_it() -> None:
    with pytest.raises(Unreadable) as caught:
        compile_expression("the queue", file="f.toml", line=3)
    right = "an expression is one such as app.m.busy_count == 0 or count(FREE) < 40"
    assert str(caught.value) == f"f.toml:3: cannot read this: invalid syntax; {right}"
    with pytest.raises(Unreadable, match=r"^cannot read this: invalid syntax$"):
        compile_expression("the queue")
