"""Scenarios of a few lines, as TOML text."""

from __future__ import annotations

from typing import Final

WAKEUP_PANIC: Final = """format = 1
title = "Released twice"
[machine]
memory = "4 MiB"
topology = "1x1x1"
[[object]]
name = "heap"
[[thread]]
name = "app"
cpu = 0
script = \"\"\"
m = vm_page_alloc(heap, 0, VM_ALLOC_NORMAL)
vm_page_wakeup(m)
vm_page_wakeup(m)
\"\"\"
"""

HELD: Final = """format = 1
title = "A holds a page, B frees it"
[machine]
memory = "4 MiB"
topology = "1x2x1"
[[object]]
name = "heap"
[[thread]]
name = "A"
cpu = 0
script = \"\"\"
m = vm_page_alloc(heap, 0, VM_ALLOC_NORMAL)
vm_page_hold(m)
vm_page_wakeup(m)
\"\"\"
[[thread]]
name = "B"
cpu = 1
script = \"\"\"
while A.m == NULL:
    pass
p = vm_page_lookup_busy_wait(heap, 0, 0)
vm_page_free(p)
\"\"\"
[[expect]]
outcome = "completed"
"""

ONE_QUESTION: Final = """format = 1
title = "One question"
[machine]
memory = "4 MiB"
topology = "1x1x1"
[[thread]]
name = "app"
cpu = 0
script = \"\"\"
x = 255
y = -1
\"\"\"
[[question]]
after = "app:1"
ask = "x?"
answer = "255"
value = "app.x"
why = "Because."
"""
