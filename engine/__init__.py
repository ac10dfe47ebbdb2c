"""DragonFly BSD's physical page management as a deterministic model.

The model knows no screen: nothing here prints, reads a clock or draws a random number. As a library it boots
a machine, runs the kernel's functions on it, and shows every field that they changed:

>>> from engine.run.call import call
>>> from engine.constants import NULL, VM_ALLOC_NORMAL
>>> from engine.kernel import alloc, free
>>> from engine.kernel.boot.sequence import boot
>>> from engine.machine.machine import MachineConfig
>>> from engine.machine.topology import parse_spec
>>> vm = boot(MachineConfig(parse_spec("16MiB:1x2x1")))
>>> m = call(vm, alloc.vm_page_alloc, NULL, 5, VM_ALLOC_NORMAL, cpu=1)
>>> print(f"page {vm.page_number(m):#x} of colour {vm.page.pc[m]}, busy_count {vm.page.busy_count[m]:#x}")
page 0x205 of colour 517, busy_count 0x80000000
>>> call(vm, free.vm_page_free, m, cpu=1)

With threads, schedules and time travel: `engine.run.history`; with a scenario file: `engine.scenario.loader`.
"""

__version__ = "0.2.0.dev0"
