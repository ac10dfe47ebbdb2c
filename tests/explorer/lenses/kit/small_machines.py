"""Machines made to have something that few have."""

from __future__ import annotations

from engine.kernel.boot.sequence import boot
from engine.machine.machine import Machine, MachineConfig
from engine.machine.topology import Hardware, Node, Topology


def with_hole() -> Machine:
    """2 MiB at 0, nothing up to 6 MiB, 2 MiB again: two nodes."""
    spans = ((0, 2 << 20), (6 << 20, 8 << 20))
    nodes = tuple(Node(n, n, (span,)) for n, span in enumerate(spans))
    return boot(MachineConfig(Hardware("hole", Topology.grid(2, 2, 1), spans, nodes=nodes), colors=64))
