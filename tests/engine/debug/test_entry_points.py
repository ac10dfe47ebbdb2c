"""The announcements with which a kernel function can start: read from its source, and true in every run."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import engine.kernel
from engine.debug.call_stack import frames
from engine.debug.entry_points import first_texts, kernel_functions, only_function
from engine.kernel import alloc, free, locks
from engine.kernel.pagers import swap_read
from engine.scenario.loader import load


def test_the_kernels_functions_are_found_in_all_of_its_modules_under_their_names() -> None:
    found = kernel_functions()
    assert found["vm_page_alloc"] is alloc.vm_page_alloc
    assert found["vm_page_free_toq"] is free.vm_page_free_toq
    assert found["vm_page_spin_lock"] is locks.vm_page_spin_lock
    # An everyday name of another function leads to that one.
    assert found["vm_page_free"] is free.vm_page_free_toq
    assert found["swap_pager_getpage"] is swap_read.swap_pager_getpage


@pytest.mark.parametrize("name", ["held_locks", "entries_of", "chunks"])
def test_a_function_that_takes_no_steps_is_not_one(name: str) -> None:
    """`held_locks` is a plain function; the others are generators of rows."""
    assert name not in kernel_functions()


def test_kernel_function_names_are_unique() -> None:
    """Announcements are looked up by name, also those of private functions."""
    sources = (path.read_text("utf-8") for path in Path(engine.kernel.__path__[0]).rglob("*.py"))
    defined = [name for source in sources for name in re.findall(r"^def (\w+)\(", source, re.MULTILINE)]
    assert {name for name in kernel_functions() if defined.count(name) > 1} == set()


@pytest.mark.parametrize("name", ["vm_page_alloc_nothing", "held_locks", ""])
def test_a_function_outside_the_kernel_may_make_any_announcement(name: str) -> None:
    assert first_texts(name) is None


@pytest.mark.parametrize(
    ("name", "texts"),
    [
        # It announces its own first step.
        ("vm_page_wakeup", {"check that the page is hard-busied"}),
        # Its first step is that of the function that it calls first.
        ("vm_page_lookup", {"search the object's pages"}),
        # It starts in one of two ways.
        ("vm_page_spin_trylock", {"try the page's spinlock", "take the page's spinlock without trying"}),
        # It begins with a step that it may leave out.
        ("_hand_over", {"transfer the mapping's bits to the page", "set dirty"}),
        # What it announces depends on the mode, which is known only when it runs.
        ("lwkt_gettoken", {"take the object token", "share the object token"}),
    ],
)
def test_a_function_starts_with_its_own_announcement_or_that_of_its_first_call(
    name: str, texts: set[str]
) -> None:
    assert first_texts(name) == frozenset(texts)


def test_most_functions_have_announcements_that_are_known() -> None:
    unknown = [name for name in kernel_functions() if first_texts(name) is None]
    assert len(unknown) < len(kernel_functions()) // 10, unknown


@pytest.mark.parametrize("name", ["life-of-a-page", "hard-and-soft-busy"])
def test_every_call_of_a_run_starts_with_one_of_its_functions_announcements(name: str) -> None:
    history = load(name).start()
    history.extend(1 << 20)
    seen = set()
    for step in range(1, history.total + 1):
        for frame in frames(history, step):
            if frame.entered == step and frame.kernel:
                texts = first_texts(frame.function)
                seen.add(frame.function)
                assert texts is None or history.journal.label(step) in texts, frame.function
    assert len(seen) > 10


@pytest.mark.parametrize(
    ("text", "function"),
    [
        ("join the queue", "_vm_page_add_queue_spinlocked"),
        # A constant, announced by a helper that one function calls.
        (alloc.CLEAR_FIELDS, "vm_page_alloc"),
        # Two functions announce it.
        ("increment wire_count", ""),
        ("no function announces this", ""),
    ],
)
def test_an_announcement_of_one_function_names_it(text: str, function: str) -> None:
    assert only_function(text) == function


def test_the_only_function_of_an_announcement_is_the_one_that_made_it_in_a_run() -> None:
    history = load("life-of-a-page").start()
    history.extend(1 << 20)
    for step in range(1, history.total + 1):
        named = only_function(history.journal.label(step))
        assert named in {"", *(frame.function for frame in frames(history, step))}
