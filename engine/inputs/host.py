"""The host machine, read from Linux's /sys; on other systems, from what Python knows.

No program is run and no file is written. Every file may be absent, unreadable or malformed: unknown facts are
left open and reported in a warning.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Final

from engine.inputs.hardware.assemble import assemble
from engine.inputs.hardware.survey import FoundCpu, FoundNode, Survey, listed
from engine.machine.topology import Hardware
from engine.words import plural

SYSTEM: Final = Path("/sys/devices/system")

_MEM_TOTAL = re.compile(r"MemTotal:\s*(\d{1,15}) kB")
_STRETCH = re.compile(r"(\d{1,7})(?:-(\d{1,7}))?")


def read_host(system: Path = SYSTEM) -> Hardware:
    """Read the host machine; `system` is the directory with Linux's cpus and nodes.

    Errors: BadInput if the model cannot represent the machine.
    """
    return assemble(survey_host(system))


def survey_host(system: Path = SYSTEM) -> Survey:
    """Find the host's cpus, packages and nodes."""
    warnings: list[str] = []
    cpus, packages = _cpus(system / "cpu", warnings)
    nodes = _nodes(system / "node", frozenset(cpu.os_index for cpu in cpus), warnings)
    return Survey("host", cpus, packages, nodes, tuple(warnings))


def _cpus(folder: Path, warnings: list[str]) -> tuple[tuple[FoundCpu, ...], dict[int, int | None]]:
    """Return the online cpus, sorted by package and core, and the numbers of the packages."""
    present = _numbered(folder, "cpu")
    online = [number for number in present if _text(folder / f"cpu{number}" / "online") != "0"]
    if not online:
        return _cpus_by_count(warnings)
    if len(online) < len(present):
        offline = set(present) - set(online)
        warnings.append(f"{plural(len(offline), 'cpu')} offline, os_index {listed(offline)}: ignored")
    packages: dict[int, int | None] = {}
    cores: dict[int | str, int] = {}
    cpus = []
    for number in online:
        package = _integer(folder / f"cpu{number}" / "topology" / "physical_package_id")
        key = -1 if package is None else package
        packages[key] = package
        core = _core(folder / f"cpu{number}" / "topology", number)
        cores.setdefault(core, number)
        cpus.append(FoundCpu(number, key, core))
    if -1 in packages:
        unplaced = sum(cpu.package == -1 for cpu in cpus)
        warnings.append(f"{plural(unplaced, 'cpu')} without a known package: treated as one package")
    cpus.sort(key=lambda cpu: (cpu.package, cores[cpu.core], cpu.os_index))
    return tuple(cpus), packages


def _core(topology: Path, number: int) -> str:
    """Return a key for a cpu's core: the list of its threads, which is the same for all of them.

    `core_id` alone is not unique: on some machines core numbers restart at 0 in each die or cluster.
    """
    siblings = _text(topology / "core_cpus_list") or _text(topology / "thread_siblings_list")
    if siblings:
        return f"cpus {siblings}"
    parts = [_text(topology / name) for name in ("physical_package_id", "die_id", "core_id")]
    return f"core {parts}" if parts[-1] else f"cpu {number}"


def _cpus_by_count(warnings: list[str]) -> tuple[tuple[FoundCpu, ...], dict[int, int | None]]:
    """Return the number of cpus that Python reports, each as a core of a single package."""
    count = os.cpu_count() or 1
    warnings.append(
        f"this system does not report its topology: {plural(count, 'cpu')}, each a core of one package"
    )
    return tuple(FoundCpu(number, 0, number) for number in range(count)), {0: 0}


def _nodes(folder: Path, cpus: frozenset[int], warnings: list[str]) -> tuple[FoundNode, ...]:
    """Return the NUMA nodes by number, or a single node with all memory if none has a known size."""
    nodes = tuple(
        FoundNode(number, _memory(folder / f"node{number}"), cpus & _cpu_list(folder / f"node{number}"))
        for number in _numbered(folder, "node")
    )
    if any(node.size for node in nodes):
        return nodes
    warnings.append("this system does not report the memory of NUMA nodes: all memory is treated as node 0")
    return (FoundNode(0, _all_memory(), cpus),)


def _memory(node: Path) -> int:
    """Bytes of memory that Linux manages in a node; 0 if unknown."""
    match = _MEM_TOTAL.search(_text(node / "meminfo"))
    return int(match[1]) * 1024 if match else 0


def _all_memory() -> int:
    """Bytes of memory of the whole machine; 0 if unknown."""
    try:
        return max(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"), 0)
    except (AttributeError, OSError, ValueError):
        # Windows has no sysconf, and other systems do not have every name.
        return 0


def _cpu_list(node: Path) -> set[int]:
    """Return the cpus of a node, from a list such as `0-3,8`; malformed parts are skipped."""
    cpus: set[int] = set()
    for text in _text(node / "cpulist").split(","):
        match = _STRETCH.fullmatch(text)
        if match:
            cpus.update(range(int(match[1]), int(match[2] or match[1]) + 1))
    return cpus


def _numbered(folder: Path, name: str) -> list[int]:
    """Return the numbers N of the entries `nameN` in a directory, ascending; [] if it cannot be read."""
    try:
        entries = [entry.name for entry in folder.iterdir()]
    except OSError:
        return []
    matches = (re.fullmatch(rf"{name}(\d{{1,7}})", entry) for entry in entries)
    return sorted(int(match[1]) for match in matches if match)


def _integer(path: Path) -> int | None:
    """Return the number in a file; None if it has none or is negative, which means unknown to firmware."""
    text = _text(path)
    return int(text) if re.fullmatch(r"\d{1,10}", text, re.ASCII) else None


def _text(path: Path) -> str:
    """Return a file's text without surrounding white space; "" if it cannot be read."""
    try:
        return path.read_text(encoding="ascii", errors="replace").strip()
    except OSError:
        return ""
