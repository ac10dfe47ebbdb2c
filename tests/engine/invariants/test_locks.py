"""Spinlocks and owners that do not name each other."""

from __future__ import annotations

from typing import Any

from engine.constants import NULL, PQ_ACTIVE, PQ_FREE


def test_a_page_lock_that_its_owner_does_not_record(town: Any, finds: Any) -> None:
    town.vm.thread.page_spin[town.thread["keeper"]] = NULL
    finds("locks", f"spinlocks: {town.name(town.active)}.spin is 2, but thread[keeper] records no lock")


def test_a_recorded_page_lock_that_is_free(town: Any, finds: Any) -> None:
    town.vm.page.spin[town.active] = 0
    name = town.name(town.active)
    finds("locks", f"spinlocks: thread[keeper] records {name}.spin, but {name}.spin is 0")


def test_a_page_lock_of_no_thread(town: Any, finds: Any) -> None:
    town.vm.page.spin[town.first] = 99
    finds("locks", f"spinlocks: {town.name(town.first)}.spin is 99, but the last thread is 63")


def test_a_queue_lock_that_its_owner_does_not_record(town: Any, finds: Any) -> None:
    town.vm.thread.queue_spin[town.thread["keeper"]] = 0
    finds("locks", "spinlocks: queue[ACTIVE,0].spin is 2, but thread[keeper] records no lock")


def test_a_recorded_queue_lock_that_is_free(town: Any, finds: Any) -> None:
    town.vm.queue.spin[PQ_ACTIVE] = 0
    finds("locks", "spinlocks: thread[keeper] records queue[ACTIVE,0].spin, but queue[ACTIVE,0].spin is 0")


def test_a_queue_lock_of_a_cpu_outside(town: Any, finds: Any) -> None:
    town.vm.queue.spin[PQ_FREE] = town.vm.thread.length + 1
    finds("locks", "spinlocks: queue[FREE,0].spin is 65, but the last thread is 63")


def test_a_contig_lock_that_its_owner_does_not_record(town: Any, finds: Any) -> None:
    town.vm.thread.contig_spin[town.thread["driver"]] = 0
    finds("locks", "spinlocks: global.contig_spin is 5, but thread[driver] records no lock")


def test_a_recorded_contig_lock_that_is_free(town: Any, finds: Any) -> None:
    town.vm.glob.contig_spin[0] = 0
    finds("locks", "spinlocks: thread[driver] records global.contig_spin, but global.contig_spin is 0")


def test_a_sleeper_with_a_spinlock(town: Any, finds: Any) -> None:
    town.vm.page.spin[town.first] = town.thread["waiter"] + 1
    town.vm.thread.page_spin[town.thread["waiter"]] = town.first
    finds("locks", "spinlocks: thread[waiter] holds a spinlock, but thread[waiter].state is sleeping")
