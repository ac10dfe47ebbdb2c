"""DragonFly BSD's physical page management as a deterministic model.

The model knows no screen: nothing here prints, reads a clock or draws a random number. As a library it
boots a machine, runs the kernel's functions on it, and shows every field that they changed:

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

With threads, schedules and time travel: `engine.run.history`; with a scenario file:
`engine.scenario.loader`. All schedules of a small scenario are searched and counted:

>>> from engine.explore import explore
>>> from engine.scenario.loader import load
>>> found = explore(load("lock-order-reversal"))
>>> for one in found.outcomes:
...     print(one.outcome, one.ends, one.schedules, one.schedule)
completed 4 22828804325 taker:69,mover:10
deadlock 2 5580 mover:4,taker:7
panic:vm_page_alloc 3 1542 taker:57,mover:8,taker:1

Layers, the lowest first. A layer imports from those above it in this list, never from one below; layers on
one line do not know each other unless one import leads from the left to the right. tests/test_rooms.py
holds every file to it.

    constants, errors, words        the kernel's constants, BadInput and Finding, plurals and sizes
    memory                          the flat memory of cells, the journal of its writes, any past moment of
                                    it
    machine                         tables of cells, hardware, rules, sysctls: what boot fills and kernel
                                    functions change
    kernel                          the page layer under the kernel's names (boot, pageout, pagers, process
                                    are folders of it)
    run                             who takes the next step: programs, schedules, threads; History, the
                                    recorded run
    inputs                          hwloc files, machine names, traces of the real kernel, what real
                                    machines print; what a file is that its reader refused
    references, policies            reference strings; LRU, FIFO, CLOCK, 2Q, ARC, OPT
    language                        EXPR and CELL, and the one namer of pages, queues, objects, threads and
                                    locks
    invariants                      validate_*: what is true of a machine after every step
    debug                           breakpoints, watchpoints, why, waits, biographies, comparisons of two
                                    moments
    script                          from a script's text to a flat list of instructions
    scenario                        the TOML format, loading, the library of scenarios
    questions, saved, reports       generated questions; state strings and saved runs; DDB's text,
                                    differences
    figures                         run.*: what can be measured of a whole run
    replay                          a reference string through the kernel model and the policies
    pool                            work shared out to processes of this machine
    experiments                     settings that vary, a table of measures, verdicts
    explore                         every schedule of a small scenario, counted

The decisions that this follows, numbered as docstrings cite them, are in engine/DESIGN.md; what each kernel
function does, with its atomic points (one `yield` each), is in engine/kernel/spec/.

The way of a scenario file. `scenario.loader.load` finds the file, `scenario.toml_reader` and
`scenario.format` turn it into a ScenarioForm and refuse what is wrong with FILE:LINE. `script.source`
parses each script with `ast`, `script.compile` makes a Program of it: instructions whose calls name kernel
functions (`script.verbs` lists them). `Scenario.start` boots a Machine (`kernel.boot.sequence`), runs the
setup, and returns a `run.history.History` at step 0; if boot is stepped, both are steps of the run
(`run.opening`). `History.extend` then asks the schedule for a thread
and lets that thread's generator run to its next `yield`, once for each step; every column write goes to the
journal. `History.seek` undoes or repeats journal entries, so every past step is exact.

The way of a `why`. `language.resolve` turns a CELL into an address. `debug.why.why` asks the journal for
the last write of that address at or before the step; it takes the memory to the start of the operation that
made the write, performs the operation again on columns that log what is read
(`debug.call_stack.performed_again`), and returns the write with its call stack and those reads as a Cause.
The nearest read that an earlier operation wrote is the next link of the chain.
"""

__version__ = "0.2.0"
