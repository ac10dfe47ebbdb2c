"""Remarks: effects that end a burst, so that the run knows which step made them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.kernel.remarks import REMARKS, ZERO_PAGE, kprintf, remark


def test_a_remark_is_an_effect_and_ends_the_burst(stage: Callable[..., Any]) -> None:
    vm = stage().vm
    vm.effects.clear()
    vm.runnable_changed = False
    remark(vm, ZERO_PAGE, 7)
    assert vm.runnable_changed
    vm.runnable_changed = False
    kprintf(vm, "3 left", "%d left")
    assert vm.runnable_changed
    assert vm.effects == [("zero_page", 7), ("kprintf", "3 left", "%d left")]
    assert {kind for kind, *_ in vm.effects} < REMARKS
