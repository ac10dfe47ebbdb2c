"""A reference string through the kernel model, on a machine where exactly N pages can hold it.

>>> from engine.references.reader import read_references
>>> from engine.replay.kernel import replay_kernel
>>> counts = replay_kernel(read_references("made:loop:pages=40,length=400"), frames=48)
>>> counts.misses, counts.evictions, counts.ticks
(40, 0, 0)
>>> print(counts.sized.partition(" (")[0])
memory 1 MiB, 1 colour: 231 pages are free after boot, 48 pages above the 183 that no fault may take

The same run as a scenario, to look at its steps: `engine.replay.scenario.replay_scenario`.
"""
