"""The exceptions: their messages, and which of them are findings."""

from __future__ import annotations

import pytest

from engine.errors import (
    BadInput,
    CapacityError,
    Finding,
    InvariantViolation,
    KernelPanic,
    LockOrderViolation,
    kkassert,
    kpanic,
)


@pytest.mark.parametrize(
    ("file", "line", "text"),
    [
        (None, None, "no page; write one"),
        ("a.toml", None, "a.toml: no page; write one"),
        ("a.toml", 7, "a.toml:7: no page; write one"),
        # A line without a file has no meaning.
        (None, 7, "no page; write one"),
    ],
)
def test_bad_input_starts_with_its_place(file: str | None, line: int | None, text: str) -> None:
    error = BadInput("no page; write one", file=file, line=line)
    assert (str(error), error.message, error.file, error.line) == (text, "no page; write one", file, line)


def test_a_line_may_be_computed_when_the_message_needs_it() -> None:
    error = BadInput("x", file="a.toml", line=lambda: 12)
    assert (str(error), error.line) == ("a.toml:12: x", 12)


def test_only_an_assertion_that_does_not_hold_panics_and_it_has_no_message() -> None:
    kkassert(True, "vm_page_wire", "the page is busy", 5)
    with pytest.raises(KernelPanic) as caught:
        kkassert(False, "vm_page_wire", "the page is busy", 5)
    panic = caught.value
    assert str(panic) == "vm_page_wire: expected: the page is busy"
    assert (panic.kind, panic.function, panic.message, panic.page) == ("KKASSERT", "vm_page_wire", "", 5)


def test_a_panic_has_the_kernels_message_and_ours() -> None:
    panic = kpanic("vm_page_free_toq", "freeing busy page ", "2 soft busies are left", 9)
    assert str(panic) == "vm_page_free_toq: 2 soft busies are left"
    assert (panic.kind, panic.message, panic.page) == ("panic", "freeing busy page ", 9)
    assert kpanic("f", "m", "c").page == -1


def test_a_lock_order_violation_is_a_panic_that_names_both_locks() -> None:
    breach = LockOrderViolation("spin_lock", "holds a queue's lock", 100, 200)
    assert isinstance(breach, KernelPanic)
    assert (breach.kind, breach.held, breach.wanted) == ("lock_order", 100, 200)


def test_only_errors_of_the_modelled_kernel_are_findings() -> None:
    kinds = (KernelPanic, LockOrderViolation, CapacityError, InvariantViolation, BadInput)
    assert [issubclass(kind, Finding) for kind in kinds] == [True, True, False, False, False]
