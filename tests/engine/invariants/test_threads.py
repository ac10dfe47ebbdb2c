"""Damage to the sleep queue and to the run queues."""

from __future__ import annotations

from typing import Any

from engine.constants import NULL, PQ_ACTIVE
from engine.kernel.sleep import CHAN_PAGE
from engine.machine.tables import ENDED, READY, SLEEPING


def test_a_sleeper_that_names_another_before_it(town: Any, finds: Any) -> None:
    town.vm.thread.sleep_prev[town.thread["sleeper"]] = NULL
    says = "thread[waiter].sleep_next is thread[sleeper]"
    finds("sleepers", f"the sleep queue: {says}, but thread[sleeper].sleep_prev is NULL")


def test_a_sleep_queue_that_leads_back(town: Any, finds: Any) -> None:
    town.vm.thread.sleep_next[town.thread["sleeper"]] = town.thread["waiter"]
    finds(
        "sleepers", "the sleep queue: thread[sleeper].sleep_next is thread[waiter], but the queue ends there"
    )


def test_a_sleep_queue_with_another_tail(town: Any, finds: Any) -> None:
    town.vm.glob.sleepq_tail[0] = town.thread["waiter"]
    says = "global.sleepq_tail is thread[waiter]"
    finds("sleepers", f"the sleep queue: {says}, but the last thread on it is thread[sleeper]")


def test_a_channel_without_a_place_on_the_queue(town: Any, finds: Any) -> None:
    town.vm.thread.chan[town.thread["later"]] = 1
    finds(
        "sleepers",
        "the sleep queue: thread[later].chan is 1, but a walk from its head does not meet the thread",
    )


def test_a_link_of_a_thread_that_is_not_listed(town: Any, finds: Any) -> None:
    town.vm.thread.sleep_prev[town.thread["later"]] = town.thread["waiter"]
    says = "thread[later] has sleep_next NULL, sleep_prev thread[waiter]"
    finds("sleepers", f"the sleep queue: thread[later].chan is 0, but {says}")


def test_a_listed_thread_without_a_channel(town: Any, finds: Any) -> None:
    town.vm.thread.chan[town.thread["sleeper"]] = 0
    town.vm.thread.state[town.thread["sleeper"]] = ENDED
    finds("sleepers", "the sleep queue: thread[sleeper] is on the sleep queue, but its chan is 0")


def test_a_sleeper_for_a_page_that_is_not_there(town: Any, finds: Any) -> None:
    town.vm.thread.chan[town.thread["waiter"]] = CHAN_PAGE + 5000
    finds(
        "sleepers",
        f"the sleep queue: thread[waiter].chan is not a page (index 5000), but the last page is {town.last}",
    )


def test_a_sleeper_on_nothing(town: Any, finds: Any) -> None:
    town.vm.thread.state[town.thread["keeper"]] = SLEEPING
    town.vm.page.spin[town.active] = town.vm.queue.spin[PQ_ACTIVE] = 0
    town.vm.thread.page_spin[town.thread["keeper"]], town.vm.thread.queue_spin[town.thread["keeper"]] = (
        NULL,
        0,
    )
    finds("sleepers", "the sleep queue: thread[keeper].state is sleeping, but thread[keeper].chan is 0")


def test_a_ready_thread_that_is_nowhere(town: Any, finds: Any) -> None:
    town.vm.thread.state[town.thread["builder"]] = READY
    finds("run_queues", "run queues: thread[builder].state is ready, but it is nowhere")


def test_a_thread_that_has_ended_and_still_waits_for_its_cpu(town: Any, finds: Any) -> None:
    town.vm.thread.state[town.thread["later"]] = ENDED
    finds("run_queues", "run queues: thread[later].state is ended, but it is on the run queue of cpu 1")


def test_a_row_without_a_thread_that_runs(town: Any, finds: Any) -> None:
    town.vm.cpu.current[0] = 40
    finds("run_queues", "run queues: thread[40].state is empty, but it is current on cpu 0")


def test_a_cpu_whose_current_thread_is_not_there(town: Any, finds: Any) -> None:
    town.vm.cpu.current[0] = 64
    finds("run_queues", "run queues: cpu[0].current is no thread (index 64), but the last thread is 63")


def test_a_thread_on_the_wrong_cpu(town: Any, finds: Any) -> None:
    town.vm.thread.cpu[town.thread["later"]] = 0
    finds("run_queues", "run queues: thread[later] is on cpu 1, but its cpu is 0")


def test_a_run_queue_that_leads_back(town: Any, finds: Any) -> None:
    town.vm.thread.run_next[town.thread["later"]] = town.thread["ready"]
    finds("run_queues", "run queues: thread[later].run_next is thread[ready], but the queue ends there")


def test_a_run_queue_with_another_tail(town: Any, finds: Any) -> None:
    town.vm.cpu.runq_tail[1] = town.thread["ready"]
    finds(
        "run_queues",
        "run queues: cpu[1].runq_tail is thread[ready], but the last thread on it is thread[later]",
    )


def test_a_link_of_a_thread_that_is_on_no_run_queue(town: Any, finds: Any) -> None:
    town.vm.thread.run_next[town.thread["builder"]] = town.thread["later"]
    finds("run_queues", "run queues: thread[builder].run_next is thread[later], but it is on no run queue")


def test_an_idle_cpu_for_which_threads_wait(town: Any, finds: Any) -> None:
    vm = town.vm
    vm.cpu.current[1] = NULL
    vm.thread.state[town.thread["driver"]] = ENDED
    finds("run_queues", "run queues: cpu[1].current is NULL, but thread[ready] is on its run queue")
