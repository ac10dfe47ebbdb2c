"""The end of a run: locks and pages that were not given back, and releases in the wrong order."""

from __future__ import annotations

import pytest

from engine.run.endings import RELEASES, Early, Kept, Leak, Run, UnlockOrder, refined
from engine.run.history import History
from engine.scenario.loader import load, load_text
from engine.script.verbs import verbs
from tests.engine.scenario.small_scenarios import sentences

HEAD = """
format = 1
title = "Threads that end"
[machine]
memory = "4 MiB"
topology = "1x2x1"
[[object]]
name = "heap"
[[object]]
name = "disk"
[setup]
script = '''
s = vm_page_alloc(heap, 0, VM_ALLOC_NORMAL)
vm_page_hold(s)
k = vm_page_alloc(heap, 1, VM_ALLOC_NORMAL)
vm_page_wakeup(k)
'''
"""
K = "vm_page_busy_try(setup.k, 0)\n"


def ended(*scripts: str) -> History:
    """The run of threads a, b, ... on cpus 0, 1, 0, ..., one after the other, at its end."""
    threads = [
        f"[[thread]]\nname = '{name}'\ncpu = {cpu % 2}\nscript = '''\n{script}\n'''\n"
        for cpu, (name, script) in enumerate(zip("abc", scripts, strict=False))
    ]
    order = ",".join(f"{name}:end" for name in "abc"[: len(scripts) - 1])
    scenario = load_text(f"{HEAD}{''.join(threads)}[schedule]\nitems = '{order}'\n")
    history = scenario.start()
    history.extend(10_000)
    return history


def texts(history: History) -> list[str]:
    """Each finding without its step."""
    finding = history.branch.finding
    found = finding.kept if isinstance(finding, Leak) else finding.early  # type: ignore[union-attr]
    return [str(one).rpartition(" at step ")[0] for one in found]


LEAKS = sentences(
    ("a page busied", [K], ["page 0x41, busied by a:1"]),
    ("a page soft-busied", ["x = 1\nvm_page_sbusy_try(setup.k)"], ["page 0x41, soft-busied by a:2"]),
    (
        "a soft count that went below zero, and so became very large",
        ["vm_page_sbusy_drop(setup.k)"],
        ["page 0x41, busied by a:1", "page 0x41, soft-busied by a:1"],
    ),
    ("a page held", ["vm_page_hold(setup.k)"], ["page 0x41, held by a:1"]),
    ("a page's spinlock", ["vm_page_spin_lock(setup.k)"], ["page 0x41, taken by a:1"]),
    ("a queue's spinlock", ["vm_page_queues_spin_lock(PQ_ACTIVE)"], ["queue ACTIVE[0], taken by a:1"]),
    ("a token", ["vm_object_hold(disk)"], ["token of disk, taken by a:1"]),
    ("a shared token", ["vm_object_hold_shared(disk)"], ["token of disk, taken by a:1"]),
    (
        "two tokens of one thread, each with its line",
        ["vm_object_hold(disk)\nvm_object_hold(heap)"],
        ["token of disk, taken by a:1", "token of heap, taken by a:2"],
    ),
    ("a hold on a page that the setup held", ["vm_page_hold(setup.s)"], ["page 0x40, held by a:1"]),
    (
        "a hold taken after the setup's was released",
        ["vm_page_unhold(setup.s)\nvm_page_hold(setup.s)"],
        ["page 0x40, held by a:2"],
    ),
    (
        "the hold of the thread that did not release its own",
        ["vm_page_hold(setup.k)\nvm_page_unhold(setup.k)", "vm_page_hold(setup.k)"],
        ["page 0x41, held by b:1"],
    ),
    (
        "one of two holds by the same line",
        ["for i in range(2):\n    vm_page_hold(setup.k)\nvm_page_unhold(setup.k)"],
        ["page 0x41, held by a:2"],
    ),
    (
        "a busy bit that was given back once, and set again",
        [f"{K}vm_page_wakeup(setup.k)\n{K}"],
        ["page 0x41, busied by a:3"],
    ),
    (
        "things of several threads",
        ["vm_page_hold(setup.k)", "vm_object_hold(disk)"],
        ["token of disk, taken by b:1", "page 0x41, held by a:1"],
    ),
)


@pytest.mark.parametrize(("scripts", "expected"), LEAKS)
def test_what_is_not_given_back_is_a_leak(scripts: list[str], expected: list[str]) -> None:
    history = ended(*scripts)
    assert (history.outcome, texts(history)) == ("leak", expected)


CLEAN = sentences(
    ("what the setup left", ["x = setup.s.busy_count"]),
    ("a page that is given back", [f"{K}vm_page_wakeup(setup.k)"]),
    ("a wired page", [f"{K}vm_page_wire(setup.k)\nvm_page_wakeup(setup.k)"]),
    ("a hold that another thread released", ["vm_page_hold(setup.k)", "vm_page_unhold(setup.k)"]),
    ("a busy page that was freed", [f"{K}vm_page_free(setup.k)"]),
    (
        "locks in the right order",
        ["vm_page_spin_lock(setup.k)\nvm_page_queues_spin_lock(PQ_ACTIVE)\n"
         "vm_page_queues_spin_unlock(PQ_ACTIVE)\nvm_page_spin_unlock(setup.k)"],
    ),
    (
        "tokens in the right order",
        ["vm_object_hold(disk)\nvm_object_hold(heap)\nvm_object_drop(heap)\nvm_object_drop(disk)"],
    ),
    ("a token taken twice", ["vm_object_hold(disk)\nvm_object_hold(disk)\n" + "vm_object_drop(disk)\n" * 2]),
    (
        "an upgrade under another token, which is the kernel's own release",
        ["vm_object_hold_shared(disk)\nvm_object_hold(heap)\nvm_object_upgrade(disk)\n"
         "vm_object_drop(disk)\nvm_object_drop(heap)"],
    ),
)  # fmt: skip


@pytest.mark.parametrize("scripts", CLEAN)
def test_these_endings_are_completed(scripts: list[str]) -> None:
    history = ended(*scripts)
    assert (history.outcome, history.branch.finding) == ("completed", None)


TOKENS = "vm_object_hold(disk)\nvm_object_hold(heap)\nvm_object_drop(disk)\nvm_object_drop(heap)"
BACKWARDS = """vm_page_queues_spin_lock(PQ_ACTIVE)
got = vm_page_spin_trylock(setup.k)
vm_page_spin_unlock(setup.k)
vm_page_queues_spin_unlock(PQ_ACTIVE)"""
ORDERS = sentences(
    ("a page's lock before the queue's", [BACKWARDS], ["a:3 releases page 0x41 before queue ACTIVE[0]"]),
    ("the first token before the second", [TOKENS], ["a:3 releases token of disk before token of heap"]),
    (
        "tokens without a hold of the object",
        ["lwkt_gettoken(disk)\nlwkt_gettoken(heap)\nlwkt_reltoken(disk)\nlwkt_reltoken(heap)"],
        ["a:3 releases token of disk before token of heap"],
    ),
    (
        "two threads, by step",
        [BACKWARDS, TOKENS],
        ["a:3 releases page 0x41 before queue ACTIVE[0]", "b:3 releases token of disk before token of heap"],
    ),
    (
        "the first of three tokens, once",
        ["vm_object_hold(disk)\nvm_object_hold(heap)\nvm_object_hold(heap)\n"
         "vm_object_drop(disk)\nvm_object_drop(heap)\nvm_object_drop(heap)"],
        ["a:4 releases token of disk before token of heap"],
    ),
)  # fmt: skip


@pytest.mark.parametrize(("scripts", "expected"), ORDERS)
def test_a_release_in_the_wrong_order_is_found(scripts: list[str], expected: list[str]) -> None:
    history = ended(*scripts)
    assert (history.outcome, texts(history)) == ("unlock_order", expected)


def test_unlock_order_comes_before_leak_and_a_blocked_run_is_neither() -> None:
    assert ended(f"{TOKENS}\n{K}").outcome == "unlock_order"
    assert ended(f"{TOKENS}\nvm_page_busy_wait(setup.s, 0)").outcome == "blocked"
    assert ended(f"{TOKENS}\nvm_page_wakeup(setup.k)").outcome == "panic"


def test_the_step_of_a_finding_is_the_one_that_took_it() -> None:
    history = ended(f"x = 1\n{K}")
    (kept,) = history.branch.finding.kept  # type: ignore[union-attr]
    address = history.vm.memory.address("page.busy_count", kept.page)
    assert kept.step == history.writer(address, history.total)
    assert kept.step > 1
    assert (kept.thread, kept.page) == (0, history.vm.page_index(0x41))


def test_a_finding_names_four_and_counts_the_rest() -> None:
    kept = [Kept(f"page {n}", "busied", 0, "a:1", n) for n in range(6)]
    assert str(Leak(kept[:2])) == (
        "not given back: page 0, busied by a:1 at step 0; page 1, busied by a:1 at step 1"
    )
    assert str(Leak(kept)).endswith("page 3, busied by a:1 at step 3; and 2 more")
    early = Early("page 1", "queue FREE[0]", 0, "a:2", 7, "turn them round")
    assert str(UnlockOrder([early, early])) == (
        "a:2 releases page 1 before queue FREE[0] at step 7; "
        "a:2 releases page 1 before queue FREE[0] at step 7; turn them round"
    )


def test_a_fork_that_gives_everything_back_is_completed_and_the_leak_stays_on_its_branch() -> None:
    history = ended("vm_page_hold(setup.k)\nx = 1", "while a.x == 0:\n    pass\n")
    assert history.outcome == "leak"
    history.seek(0)
    history.fork()
    history.extend(10_000)
    assert history.outcome == "leak"
    history.switch(0)
    assert history.branch.outcome == "leak"


def test_wired_pages_are_listed_with_their_place() -> None:
    history = ended(f"{K}vm_page_wire(setup.k)\nvm_page_wakeup(setup.k)")
    run = Run(history.vm, history.journal, history.programs)
    assert [str(one).rpartition(" at ")[0] for one in run.wired()] == ["page 0x41, wired by a:2"]
    assert refined(run) is None


IO = """
format = 1
title = "The program ends while the daemon writes"
[machine]
memory = "4 MiB"
swap = 256
io_delay = 1000
[[object]]
name = "heap"
type = "swap"
[setup]
script = '''
m = vm_page_alloc(heap, 0, VM_ALLOC_NORMAL)
vm_page_set_validdirty(m, 0, PAGE_SIZE)
vm_page_deactivate(m)
vm_page_wakeup(m)
'''
[[thread]]
name = "a"
script = '''
vm_page_busy_try(setup.m, 0)
vm_pageout_clean_helper(setup.m, 0)
'''
"""


def test_a_page_of_an_unfinished_io_is_not_a_leak() -> None:
    history = load_text(IO).start()
    # No sysctl of the model sets this; the daemon, whose writes are asynchronous anyway, never ends.
    history.vm.memory.array[history.vm.memory.address("global.swap_user_async", 0)] = 1
    history.extend(10_000)
    m = history.vm.page_index(0x40)
    assert history.vm.page.busy_count[m]
    assert (history.outcome, history.branch.finding) == ("completed", None)


def test_the_calls_that_release_are_functions_of_scripts() -> None:
    assert {*verbs()} >= RELEASES


def test_the_searcher_of_the_lesson_on_lock_order_unlocks_in_the_right_order() -> None:
    scenario = load("page-then-queue")
    assert scenario.run(scenario.start()) == "completed"


def test_the_end_of_a_run_is_looked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[Run] = []
    monkeypatch.setattr("engine.run.history.refined", looked.append)
    run = ended("x = 1")
    for _ in range(3):
        assert run.extend(1) == 0
    assert (run.outcome, len(looked)) == ("completed", 1)
