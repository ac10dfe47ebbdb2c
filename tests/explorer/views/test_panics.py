"""A panic in words: what the kernel prints, and the page."""

from __future__ import annotations

import pytest

from engine.constants import NULL
from engine.errors import KernelPanic, kpanic
from explorer.session.session import Session
from explorer.views.panics import panic_page_number, panic_string


@pytest.mark.parametrize(
    ("panic", "printed"),
    [
        (
            kpanic("vm_page_wakeup", "vm_page_wakeup: page not busy!!!", ""),
            "vm_page_wakeup: page not busy!!!",
        ),
        (kpanic("vm_page_unhold", "vm_page_unhold: pg ", ""), "vm_page_unhold: pg ..."),
        (kpanic("x", "vm_page_rename: target exists (", ""), "vm_page_rename: target exists (..."),
        (KernelPanic("KKASSERT", "vm_page_free_toq", ""), 'assertion "..." failed in vm_page_free_toq'),
        (KernelPanic("fault", "vm_page_grab", ""), ""),
    ],
)
def test_the_kernels_string_is_complete_or_ends_where_its_first_number_is(
    panic: KernelPanic, printed: str
) -> None:
    assert panic_string(panic) == printed


def test_a_panic_has_the_number_of_its_page(life: Session) -> None:
    panic = KernelPanic("panic", "f", "c", page=life.vm.page_index(0xC03))
    assert panic_page_number(life.vm, panic) == 0xC03
    assert panic_page_number(life.vm, KernelPanic("panic", "f", "c", page=NULL)) is None
