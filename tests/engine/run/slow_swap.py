"""A scenario in which the kernel prints, zeroes a page and compares memory with a limit."""

from __future__ import annotations

from typing import Final

SLOW_SWAP: Final = """
format = 1
title = "A swap device that does not answer"
[machine]
memory = "4 MiB"
topology = "1x2x1"
colors = 4
swap = 256
io_delay = 5000
[[object]]
name = "heap"
size = 16
[[process]]
name = "app"
pid = 100
maps = [{ object = "heap", start = 0x10000, pages = 16, prot = "rw" }]
[setup]
script = \"\"\"
for i in range(8):
    write(0x10000 + i * PAGE_SIZE, 100)
m = vm_page_lookup_busy_wait(heap, 0, 1)
vm_pageout_clean_helper(m, OBJPC_ALLOW_ACTIVE)
for i in range(8):
    m = vm_page_lookup_busy_wait(heap, i, 1)
    vm_pageout_page_free(m)
\"\"\"
[[thread]]
name = "reader"
process = "app"
script = \"\"\"
read(0x10000)
done = 1
\"\"\"
[[thread]]
name = "writer"
cpu = 1
process = "app"
script = \"\"\"
write(0x18000)
\"\"\"
"""
"""The reader waits for its page in swap for 50 seconds, and the kernel complains every 20; the writer's page
is zero-filled."""
