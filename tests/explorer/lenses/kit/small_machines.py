"""Small machines with an unusual memory layout."""

from __future__ import annotations

from engine.kernel.boot.sequence import boot
from engine.machine.machine import Machine, MachineConfig
from engine.machine.topology import Hardware, Node, Topology


def with_hole() -> Machine:
    """Two nodes: 2 MiB of memory at 0, a hole up to 6 MiB, then 2 MiB of memory."""
    spans = ((0, 2 << 20), (6 << 20, 8 << 20))
    nodes = tuple(Node(n, n, (span,)) for n, span in enumerate(spans))
    return boot(MachineConfig(Hardware("hole", Topology.grid(2, 2, 1), spans, nodes=nodes), colors=64))
