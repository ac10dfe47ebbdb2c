"""A scenario with two objects: 45 pages in one, and a page that enters and leaves the other."""

TWO_OBJECTS = """format = 1
title = "Two objects"
[machine]
memory = "16 MiB"
topology = "1x2x1"
[[object]]
name = "file"
type = "vnode"
size = 300
[[object]]
name = "heap"
size = 64
[[thread]]
name = "app"
cpu = 0
script = \"\"\"
for i in range(40):
    p = vm_page_alloc(file, 39 - i, VM_ALLOC_NORMAL)
    vm_page_activate(p)
    vm_page_wakeup(p)
for i in range(5):
    p = vm_page_alloc(file, 200 + i * 3, VM_ALLOC_NORMAL)
    vm_page_deactivate(p)
h = vm_page_alloc(heap, 3, VM_ALLOC_NORMAL)
vm_page_free(h)
\"\"\"
"""
