"""Scenarios in which threads wait for memory that no thread gives, and a daemon that cannot free any."""

from __future__ import annotations

from typing import Final

NAPS: Final = """
format = 1
title = "Waiting for memory that no thread gives"
[machine]
memory = "4 MiB"
colors = 4
[[object]]
name = "heap"
size = 4096
[setup]
script = '''
n = 0
while cpu[0].view.v_free_count > 20:
    p = vm_page_alloc(heap, n, VM_ALLOC_INTERRUPT)
    vm_page_wakeup(p)
    n += 1
tick()
'''
[[thread]]
name = "hungry"
script = '''
vm_wait_nominal()
'''
"""

HUNGRY: Final = (
    NAPS.replace("    vm_page_wakeup(p)", "    vm_page_wire(p)\n    vm_page_wakeup(p)")
    + """
[[thread]]
name = "pager"
script = "pagedaemon()"
"""
)
"""All pages are wired, so that the daemon frees none; time passes while it looks for one."""

_LIMITS: Final = """
[machine]
memory = "4 MiB"
topology = "1x2x1"
colors = 4
steps_per_tick = 0
swap = 256
token_release = false
[machine.thresholds]
v_free_min = 69
v_free_reserved = 41
v_free_severe = 34
v_pageout_free_min = 24
v_interrupt_free_min = 15
v_free_target = 120
v_cache_min = 0
v_cache_max = 0
v_inactive_target = 40
[[object]]
name = "file"
type = "vnode"
size = 64
[[object]]
name = "heap"
size = 64
"""

_DIRTY: Final = """for i in range(8):
    p = vm_page_alloc({}, i, VM_ALLOC_NORMAL)
    vm_page_set_validdirty(p, 0, PAGE_SIZE)
    vm_page_deactivate(p)
    vm_page_flag_set(p, PG_WINATCFLS)
    vm_page_wakeup(p)
"""

_THREADS: Final = """n = 0
while cpu[0].view.v_free_count > 40:
    p = vm_page_alloc(NULL, n, VM_ALLOC_INTERRUPT)
    n += 1
tick()
pagedaemon_wakeup()
'''
[[thread]]
name = "fs"
cpu = 1
script = '''
# writes to the file: has its lock, needs one page
vm_object_hold(file)
m = NULL
while m == NULL:
    m = vm_page_alloc(file, 20, VM_ALLOC_NORMAL)
    if m == NULL:
        vm_wait(0)
vm_page_wakeup(m)
vm_object_drop(file)
'''
[[thread]]
name = "pager"
cpu = 0
script = "pagedaemon()"
"""


def _scenario(first: str, then: str, more: str = "") -> str:
    setup = f"[setup]\nscript = '''\n{_DIRTY.format(first)}{_DIRTY.format(then)}{_THREADS}"
    return f'format = 1\ntitle = "The daemon and a thread wait"\n{_LIMITS}{setup}{more}'


CYCLE: Final = _scenario("file", "heap")
"""The daemon begins with pages of the file, whose token a thread keeps while it waits for memory."""

TWO_PAGERS: Final = _scenario(
    "heap", "file", '[[thread]]\nname = "emergency"\ncpu = 0\nscript = "emergpager()"\n'
)
"""It begins with other pages, so the thread gets its page; then both daemons find nothing more to free."""
