"""Where each cpu sits, in the kernel's three numbers: socket, core in the socket, thread in the core.

The kernel has no dies, clusters or kinds of core, and it expects every socket and core to be as large as the
largest. Whatever differs from that leaves slots of the colour space empty, and is said in a warning.
Source: spec 02, CPU topology; spec 03, the colour of a cpu.
"""

from __future__ import annotations

from engine.constants import PQ_L2_SIZE
from engine.inputs.hardware.survey import LONGEST_LIST, FoundCpu, Survey, listed
from engine.machine.topology import MAX_CPUS, CpuPlace, Topology
from engine.words import plural


def place_cpus(survey: Survey, warnings: list[str]) -> tuple[Topology, dict[int, int]]:
    """Number the cpus by os_index and give each its place.

    Returns: the topology, and os_index -> socket for every cpu.
    Errors:  BadInput for more than MAX_CPUS cpus, or more slots than colours.
    """
    if len(survey.cpus) > MAX_CPUS:
        raise survey.refuse(
            f"{len(survey.cpus)} cpus are too many; the model holds {MAX_CPUS}: restrict the machine, "
            "for example with `lstopo --restrict`"
        )
    by_number = sorted(survey.cpus, key=lambda cpu: cpu.os_index)
    ranks = _ranks(survey.cpus)
    topology, chips = _detect(survey, by_number, ranks)
    _warn_cpu_numbers(by_number, warnings)
    _warn_sockets(survey, topology, chips, warnings)
    _warn_cores(topology, warnings)
    return topology, {
        cpu.os_index: place.phys_id for cpu, place in zip(by_number, topology.cpus, strict=True)
    }


def _ranks(cpus: tuple[FoundCpu, ...]) -> dict[int, tuple[int, int]]:
    """Rank cores in their package and cpus in their core, in logical order: os_index -> (core, thread)."""
    cores: dict[int, dict[int | str, int]] = {}
    threads: dict[tuple[int, int | str], int] = {}
    ranks = {}
    for cpu in cpus:
        package = cores.setdefault(cpu.package, {})
        core_id = package.setdefault(cpu.core, len(package))
        ht_id = threads.get((cpu.package, cpu.core), 0)
        threads[cpu.package, cpu.core] = ht_id + 1
        ranks[cpu.os_index] = (core_id, ht_id)
    return ranks


def _detect(
    survey: Survey, cpus: list[FoundCpu], ranks: dict[int, tuple[int, int]]
) -> tuple[Topology, dict[int, int]]:
    """Take the packages' own numbers, or else their ranks.

    Returns: the topology, and a package's key -> its chip number.
    """
    keys = list(dict.fromkeys(cpu.package for cpu in survey.cpus))
    numbers = [number for key in keys if (number := survey.packages[key]) is not None]
    by_rank = {key: rank for rank, key in enumerate(keys)}
    usable = len(set(numbers)) == len(keys)
    for chips in [dict(zip(keys, numbers, strict=True)), by_rank] if usable else [by_rank]:
        places = [CpuPlace(chips[cpu.package], *ranks[cpu.os_index]) for cpu in cpus]
        topology = Topology.detect(places)
        if colors_per_cpu(topology):
            return topology, chips
    slots = f"{topology.phys_ids} sockets x {topology.core_ids} cores x {topology.ht_ids} threads"
    raise survey.refuse(
        f"{slots} leave no colour for a cpu, and the kernel would divide by zero; "
        f"sockets x cores x threads of the largest must fit {PQ_L2_SIZE}"
    )


def colors_per_cpu(topology: Topology) -> int:
    """How many colours the kernel's division leaves to one cpu; 0 when it has more slots than colours."""
    if not topology.known:
        return PQ_L2_SIZE // max(topology.ncpus, topology.phys_ids)
    return PQ_L2_SIZE // topology.phys_ids // topology.core_ids // topology.ht_ids


def _warn_cpu_numbers(cpus: list[FoundCpu], warnings: list[str]) -> None:
    """Say so when a cpu's number is not its os_index."""
    numbers = [cpu.os_index for cpu in cpus]
    if numbers != list(range(len(cpus))):
        warnings.append(
            f"cpus {listed(range(len(cpus)))} stand for os_index {listed(numbers)}, in that order"
        )


def _warn_sockets(survey: Survey, topology: Topology, chips: dict[int, int], warnings: list[str]) -> None:
    """Say what became of the packages' numbers."""
    numbers = {key: survey.packages[key] for key in chips}
    if numbers != chips:
        warnings.append(_why_ranked(list(numbers.values())))
    moved = {chip: chip % topology.phys_ids for chip in chips.values() if chip >= topology.phys_ids}
    if moved:
        pairs = ", ".join(
            f"{chip} is socket {socket}" for chip, socket in sorted(moved.items())[:LONGEST_LIST]
        )
        warnings.append(f"the kernel takes package numbers modulo {topology.phys_ids}: {pairs}")
    empty = set(range(topology.phys_ids)) - {place.phys_id for place in topology.cpus}
    if empty:
        warnings.append(
            f"package numbers leave gaps: the kernel reckons with {topology.phys_ids} sockets, of which "
            f"{listed(empty)} have no cpu and whose colours no cpu prefers"
        )


def _why_ranked(numbers: list[int | None]) -> str:
    """Say why packages are numbered by rank."""
    if None in numbers:
        reason = "a package has no os_index"
    elif len(set(numbers)) < len(numbers):
        reason = "two packages have the same os_index"
    else:
        reason = "the os_index of the packages lie too far apart for the kernel's colours"
    return f"{reason}: the {plural(len(numbers), 'package')} became socket 0 and up, in their order"


def _warn_cores(topology: Topology, warnings: list[str]) -> None:
    """Say where sockets or cores differ in size, and when the kernel sees no cores at all."""
    if not topology.known:
        warnings.append(
            "every socket has one core of one thread: the kernel detects no core level, takes the topology "
            "as unknown, and places no memory by socket"
        )
    cores: dict[int, int] = {}
    threads: dict[tuple[int, int], int] = {}
    for place in topology.cpus:
        cores[place.phys_id] = max(cores.get(place.phys_id, 0), place.core_id + 1)
        core = (place.phys_id, place.core_id)
        threads[core] = max(threads.get(core, 0), place.ht_id + 1)
    _warn_uneven("sockets", "core", set(cores.values()), warnings)
    _warn_uneven("cores", "thread", set(threads.values()), warnings)


def _warn_uneven(wholes: str, part: str, sizes: set[int], warnings: list[str]) -> None:
    """Say that the smaller sockets or cores leave slots empty."""
    if len(sizes) > 1:
        warnings.append(
            f"{wholes} differ, with {listed(sizes)} {part}s each: the kernel reckons with {max(sizes)} "
            "everywhere, and the missing ones are empty slots whose colours no cpu prefers"
        )
