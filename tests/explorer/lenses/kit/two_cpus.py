"""A scenario in which two of eight cpus take a page each before the clock ticks."""

from __future__ import annotations

TWO = """format = 1
title = "Two cpus"
[machine]
memory = "4 MiB"
topology = "1x4x2"
[[thread]]
name = "a"
cpu = 5
script = \"\"\"
p = vm_page_alloc(NULL, 1, VM_ALLOC_NORMAL)
vm_page_wire(p)
\"\"\"
[[thread]]
name = "b"
cpu = 2
script = \"\"\"
p = vm_page_alloc(NULL, 1, VM_ALLOC_NORMAL)
\"\"\"
[schedule]
items = "a:end, b:end, tick"
"""
