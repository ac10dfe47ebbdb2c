"""The running machine, from a folder built to look like Linux's /sys/devices/system."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from engine.inputs.host import read_host
from engine.machine.topology import MAX_PAGES, Hardware

KIB_PER_GIB = 1 << 20
HOLE_PAGES = 97


def put(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text + "\n")


def put_cpu(system: Path, number: int, package: int, siblings: str, **others: str) -> None:
    """One cpu: its package, the cpus of its core, and any other file of its topology."""
    folder = system / "cpu" / f"cpu{number}" / "topology"
    files = {"physical_package_id": str(package), "core_cpus_list": siblings, **others}
    for name, text in files.items():
        put(folder / name, text)


def put_node(system: Path, number: int, cpus: str, kib: int) -> None:
    put(system / "node" / f"node{number}" / "cpulist", cpus)
    put(
        system / "node" / f"node{number}" / "meminfo",
        f"Node {number} MemTotal:       {kib} kB\nNode 0 MemFree: 1 kB",
    )


def said(hardware: Hardware, words: str) -> bool:
    return any(words in warning for warning in hardware.warnings)


@pytest.fixture
def two_packages(tmp_path: Path) -> Path:
    """Two packages of two cores of two threads, the second threads numbered after all first ones."""
    for number in range(8):
        first = number % 4
        put_cpu(tmp_path, number, first // 2, f"{first},{first + 4}", core_id=str(first % 2))
    put_node(tmp_path, 0, "0-1,4-5", KIB_PER_GIB)
    put_node(tmp_path, 1, "2-3,6-7", KIB_PER_GIB)
    put(tmp_path / "cpu" / "cpufreq" / "x", "0")
    return tmp_path


def places(hardware: Hardware) -> list[tuple[int, int, int]]:
    return [(cpu.phys_id, cpu.core_id, cpu.ht_id) for cpu in hardware.topology.cpus]


def test_cpus_and_nodes_are_found(two_packages: Path) -> None:
    hardware = read_host(two_packages)
    assert hardware.name == "host"
    assert places(hardware) == [(n % 4 // 2, n % 2, n // 4) for n in range(8)]
    assert [(node.id, node.phys_id, node.pages) for node in hardware.nodes] == [
        (0, 0, 262144 - HOLE_PAGES),
        (1, 1, 262144),
    ]
    assert hardware.finalize
    assert hardware.scaled is None


def test_offline_cpus_are_left_out(two_packages: Path) -> None:
    put(two_packages / "cpu" / "cpu5" / "online", "0")
    put(two_packages / "cpu" / "cpu6" / "online", "1")
    hardware = read_host(two_packages)
    assert hardware.topology.ncpus == 7
    assert said(hardware, "1 cpu offline, os_index 5")


def test_too_much_memory_is_scaled(two_packages: Path) -> None:
    put_node(two_packages, 0, "0-1,4-5", 384 * KIB_PER_GIB)
    put_node(two_packages, 1, "2-3,6-7", 128 * KIB_PER_GIB)
    hardware = read_host(two_packages)
    assert hardware.scaled == (512 << 30, 64 << 30)
    assert [node.pages for node in hardware.nodes] == [MAX_PAGES * 3 // 4 - HOLE_PAGES, MAX_PAGES // 4]


def test_packages_that_firmware_does_not_number_count_as_one(tmp_path: Path) -> None:
    for number in range(4):
        put_cpu(tmp_path, number, -1, str(number))
    put_node(tmp_path, 0, "0-3", KIB_PER_GIB)
    hardware = read_host(tmp_path)
    assert (hardware.topology.phys_ids, hardware.topology.core_ids) == (1, 4)
    assert said(hardware, "4 cpus without a known package")


def test_cores_are_distinguished_by_die_where_siblings_are_not_listed(tmp_path: Path) -> None:
    for number in range(4):
        put_cpu(tmp_path, number, 0, "", die_id=str(number // 2), core_id=str(number % 2))
    assert places(read_host(tmp_path)) == [(0, core, 0) for core in range(4)]


def test_a_system_without_topology_is_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 3)
    monkeypatch.setattr(os, "sysconf", {"SC_PHYS_PAGES": 8192, "SC_PAGE_SIZE": 4096}.__getitem__)
    hardware = read_host(tmp_path / "absent")
    assert places(hardware) == [(0, 0, 0), (0, 1, 0), (0, 2, 0)]
    assert [node.pages for node in hardware.nodes] == [8192 - HOLE_PAGES]
    assert said(hardware, "does not report its topology: 3 cpus")
    assert said(hardware, "does not report the memory of NUMA nodes")


def test_a_system_without_information_has_one_cpu_and_1_gib(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_name: str) -> int:
        raise ValueError("unrecognized configuration name")

    monkeypatch.setattr(os, "cpu_count", lambda: None)
    monkeypatch.setattr(os, "sysconf", refuse)
    hardware = read_host(tmp_path)
    assert hardware.topology.ncpus == 1
    assert hardware.phys_avail[-1][1] == 1 << 30
    assert said(hardware, "1 GiB is assumed")


@pytest.mark.parametrize("rubbish", ["", "x", "-5", "9" * 30, "1-", "é", "0-1,x,7"])
def test_rubbish_in_a_file_is_ignored(two_packages: Path, rubbish: str) -> None:
    for path in two_packages.rglob("*"):
        if path.is_file():
            path.write_text(rubbish, encoding="utf-8")
    assert read_host(two_packages).topology.ncpus == 8


def test_this_machine_can_be_read() -> None:
    hardware = read_host()
    assert hardware.topology.ncpus >= 1
    assert hardware.physmem > 0
