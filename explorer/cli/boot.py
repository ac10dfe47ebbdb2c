"""`pageq boot`: the state of a machine after it has booted, as text or JSON."""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any, Final

from engine.constants import PAGE_SHIFT, QUEUE_BASES, VMSTATS_FIELDS
from engine.errors import BadInput
from engine.inputs.machine_name import read_machine
from engine.kernel.boot.sequence import boot
from engine.machine.machine import Machine, MachineConfig
from engine.machine.rules import Rules
from engine.machine.topology import Node
from engine.words import byte_size, plural
from explorer.cli.arguments import MACHINE, ONE_OBJECT

PLACE: Final = 70
HELP: Final = "Boot a machine and print its topology, memory, limits and queues."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `pageq boot`."""
    parser.add_argument("--machine", metavar="M", default="small", help=f"{MACHINE}; default small")
    parser.add_argument(
        "--rules", metavar="R", default="document", help="document or source; default document"
    )
    parser.add_argument(
        "--colors", metavar="N", help="queues of each type: a power of two from 1 to 1024; default 1024"
    )
    parser.add_argument("--json", action="store_true", help=ONE_OBJECT)


def run(arguments: argparse.Namespace) -> int:
    """Boot a machine and print it; in text form, warnings go to stderr."""
    vm = boot(
        MachineConfig(
            read_machine(arguments.machine), Rules.named(arguments.rules), _colors(arguments.colors)
        )
    )
    if arguments.json:
        print(json.dumps(machine_facts(vm)))
        return 0
    for line in describe(vm):
        print(line)
    for warning in vm.warnings:
        print(f"warning: {warning}", file=sys.stderr)
    return 0


def _colors(text: str | None) -> int:
    if text is None:
        return 1024
    if not (text.isascii() and text.isdecimal()) or len(text) > 6:
        raise BadInput(f"--colors {text[:40]!r} is not a number; use a power of two from 1 to 1024")
    return int(text)


def _queue_lengths(vm: Machine) -> dict[str, list[int]]:
    lengths = vm.memory.vector("queue.lcnt")
    bases = {name: base for name, base in QUEUE_BASES.items() if base}
    return {name: lengths[base : base + vm.colors].tolist() for name, base in bases.items()}


def machine_facts(vm: Machine) -> dict[str, Any]:
    """Return the JSON object of `boot --json`."""
    hardware, topology = vm.config.hardware, vm.topology
    scaled = hardware.scaled
    return {
        "format": 1,
        "phys_ids": topology.phys_ids,
        "core_ids": topology.core_ids,
        "ht_ids": topology.ht_ids,
        "cpus": [[place.phys_id, place.core_id, place.ht_id] for place in topology.cpus],
        "nodes": [_node_facts(node) for node in hardware.nodes],
        "colors": vm.colors,
        "rules": vm.rules.name(),
        "vmstats": dict(zip(VMSTATS_FIELDS, vm.memory.vector("vmstats.count").tolist(), strict=True)),
        "set_assoc_mask": vm.glob.set_assoc_mask[0],
        "alist_free": vm.glob.bl_free[0],
        "hash_size": vm.glob.vm_page_hash_size[0],
        "queues": _queue_lengths(vm),
        "warnings": vm.warnings,
        "scaled": None if scaled is None else {"from_bytes": scaled[0], "to_bytes": scaled[1]},
        "digest": vm.memory.digest(),
    }


def _node_facts(node: Node) -> dict[str, Any]:
    ranges = [list(span) for span in node.ranges]
    return {"id": node.id, "phys_id": node.phys_id, "ranges": ranges, "pages": node.pages}


def describe(vm: Machine) -> list[str]:
    """Describe a machine, one fact per line: topology, nodes, memory, limits and queues."""
    topology = vm.topology
    if topology.known:
        sizes = zip((topology.phys_ids, topology.core_ids, topology.ht_ids), _LEVELS, strict=True)
        levels = " x ".join(plural(number, name) for number, name in sizes)
    else:
        levels = "no core level detected; colours are assigned by cpu number"
    counts = {name: vm.vmstats.count[field] for field, name in enumerate(VMSTATS_FIELDS)}
    return [
        f"machine    {vm.config.hardware.name}, rules {vm.rules.name()}",
        f"cpus       {topology.ncpus} ({levels})",
        *[_node_line(node) for node in vm.config.hardware.nodes],
        f"pages      {counts['v_page_count']} ({byte_size(counts['v_page_count'] << PAGE_SHIFT)}), "
        f"free {counts['v_free_count']}, DMA reserve {vm.glob.bl_free[0]}",
        f"page array {vm.vm_page_array_size} entries from page {vm.first_page:#x}",
        *[_queue_line(name, lengths) for name, lengths in _queue_lengths(vm).items() if any(lengths)],
        f"colours    {vm.colors}; a search starts with a window of {vm.glob.set_assoc_mask[0] + 1}",
        f"hash       {vm.glob.vm_page_hash_size[0]} elements",
        "limits     " + ", ".join(f"{name[2:]} {counts[name]}" for name in _LIMITS),
    ]


_LEVELS = ("socket", "core", "thread")
_LIMITS = (
    "v_free_reserved",
    "v_free_severe",
    "v_free_min",
    "v_free_target",
    "v_cache_min",
    "v_inactive_target",
)


def _node_line(node: Node) -> str:
    spans = ", ".join(f"{beg:#x}-{end:#x}" for beg, end in node.ranges) or "no memory"
    socket = "no socket" if node.phys_id is None else f"socket {node.phys_id}"
    return f"node {node.id:<5} {socket}, {byte_size(node.pages << PAGE_SHIFT)}: {spans}"


def _queue_line(name: str, lengths: list[int]) -> str:
    empty = lengths.count(0)
    return (
        f"{name:<10} {sum(lengths)} pages, {min(lengths)} to {max(lengths)} per colour, {empty} colours empty"
    )
