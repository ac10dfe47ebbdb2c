"""The place of each cpu as the kernel's three numbers: socket, core in the socket, thread in the core.

The kernel does not know dies, clusters or kinds of cores, and it assumes that every socket and core is as
large as the largest. Any deviation leaves slots of the colour space empty and is reported in a warning.
Source: spec 02, CPU topology; spec 03, vm_get_pg_color.
"""

from __future__ import annotations

from engine.constants import PQ_L2_SIZE
from engine.inputs.hardware.survey import LONGEST_LIST, FoundCpu, Survey, listed
from engine.machine.topology import MAX_CPUS, CpuPlace, Topology
from engine.words import plural


def place_cpus(survey: Survey, warnings: list[str]) -> tuple[Topology, dict[int, int]]:
    """Number the cpus by os_index and assign each its place.

    Returns: the topology, and os_index -> socket for every cpu.
    Errors:  BadInput for more than MAX_CPUS cpus, or more slots than colours.
    """
    if len(survey.cpus) > MAX_CPUS:
        raise survey.refuse(
            f"{len(survey.cpus)} cpus are too many; the limit is {MAX_CPUS}, so restrict the machine, for "
            "example with `lstopo --restrict`"
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
    """Number the cores of a package and the cpus of a core in logical order: os_index -> (core, thread)."""
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
    """Detect the topology with the packages' own numbers, or else with their ranks.

    Returns: the topology, and package key -> chip number.
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
        f"{slots} leave no colour for a cpu, so the kernel would divide by zero; "
        f"sockets x cores x threads, by the largest of each, must not exceed {PQ_L2_SIZE}"
    )


def colors_per_cpu(topology: Topology) -> int:
    """Return the colours per cpu by the kernel's division; 0 if there are more slots than colours."""
    if not topology.known:
        return PQ_L2_SIZE // max(topology.ncpus, topology.phys_ids)
    return PQ_L2_SIZE // topology.phys_ids // topology.core_ids // topology.ht_ids


def _warn_cpu_numbers(cpus: list[FoundCpu], warnings: list[str]) -> None:
    """Warn if a cpu's number is not its os_index."""
    numbers = [cpu.os_index for cpu in cpus]
    if numbers != list(range(len(cpus))):
        warnings.append(f"cpus {listed(range(len(cpus)))} are os_index {listed(numbers)}, in that order")


def _warn_sockets(survey: Survey, topology: Topology, chips: dict[int, int], warnings: list[str]) -> None:
    """Warn about changed package numbers and sockets without cpus."""
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
            f"package numbers have gaps: of the {topology.phys_ids} sockets that the kernel assumes, "
            f"{listed(empty)} have no cpu, and no cpu prefers their colours"
        )


def _why_ranked(numbers: list[int | None]) -> str:
    """Return why packages are numbered by rank."""
    if None in numbers:
        reason = "a package has no os_index"
    elif len(set(numbers)) < len(numbers):
        reason = "two packages have the same os_index"
    else:
        reason = "the os_index values of the packages are too far apart for the kernel's colours"
    return f"{reason}: {plural(len(numbers), 'package')} numbered as sockets from 0, in order"


def _warn_cores(topology: Topology, warnings: list[str]) -> None:
    """Warn about sockets or cores of different sizes, and if the kernel detects no core level."""
    if not topology.known:
        warnings.append(
            "every socket has one core of one thread: the kernel detects no core level, treats the topology "
            "as unknown, and does not place memory by socket"
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
    """Warn that smaller sockets or cores leave slots empty."""
    if len(sizes) > 1:
        warnings.append(
            f"{wholes} differ in size, with {listed(sizes)} {part}s each: the kernel assumes {max(sizes)} "
            "everywhere, and no cpu prefers the colours of the missing ones"
        )
