"""The header line of a trace segment, which describes the machine on which it was recorded.

A header without a required key, or with a value of the wrong type, is a BadInput. Numbers that contradict
each other, or that no machine can have, are divergences, each of which is reported.
Source: golden/FORMAT.md section 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from engine.constants import HZ, PQ_L2_SIZE, Thread
from engine.errors import BadInput
from engine.inputs.shapes import is_number, is_table, is_text, list_of, row_of
from engine.inputs.traces.file import Line
from engine.inputs.traces.report import ABSENT, as_text
from engine.machine.machine import Capacity, MachineConfig
from engine.machine.rules import Rules
from engine.machine.topology import MAX_CPUS, CpuPlace, Hardware, NumaRange, Topology

FORMAT: Final = 1
PAGETHREAD: Final = Thread(30)
EMERGPAGER: Final = Thread(31)
OBJECT_STRIDE: Final = 512

MAX_THREADS: Final = 256
MAX_OBJECTS: Final = 1 << 16
MAX_WRITES: Final = 1 << 16

_FIXED: Final = {
    "object_addr_stride": OBJECT_STRIDE,
    "PQ_L2_SIZE": PQ_L2_SIZE,
    "pagethread": PAGETHREAD,
    "emergpager": EMERGPAGER,
}
"""Constants that are in every header."""

_NUMBERS: Final = ("ncpus", "ncpus_fit", "phys_ids", "core_ids", "ht_ids", "vm_dma_reserved", "ticks")
_ROWS: Final = {"cpu_ids": 3, "phys_avail": 2, "numa": 3}
_OPTIONAL: Final = ("physmem", "finalize", "brief", "hz", "set_page_size")

MAX_ADDRESS: Final = 1 << 52

Complaint = tuple[str, Any, Any]
"""An impossible number in the header: (key, value in the trace, value in the model)."""


@dataclass(frozen=True)
class Header:
    """The contents of a header line.

    complaints: the errors in its numbers.
    config:     the machine to build, None if no machine can have these numbers.
    steps:      the resulting boot steps in order, each with its arguments.
    brief:      whether boot lines omit the lengths of the queues.
    """

    object_base: int
    config: MachineConfig | None
    complaints: tuple[Complaint, ...]
    steps: tuple[tuple[str, dict[str, int]], ...]
    brief: bool


def read_header(line: Line) -> Header:
    """Read a header line.

    Errors: BadInput (without a place) if it is not a header, or has another format.
    """
    config = _check_shape(line)
    impossible = _impossible(config)
    return Header(
        line["object_addr_base"],
        None if impossible else _machine(line["header"], config),
        (*_wrong_constants(line), *_wrong_numbers(config), *impossible),
        tuple(_steps(config)),
        bool(config.get("brief")),
    )


def _check_shape(line: Line) -> Line:
    """Reject a header with a missing key or a value of the wrong type; return its `config`."""
    if not is_text(line.get("header")):
        raise BadInput("not a header line; a trace starts with one, which has a key `header`")
    if _whole(line, "format") != FORMAT:
        raise BadInput(f"format {line['format']} is not supported; this version reads format {FORMAT}")
    for key in ("object_addr_base", *_FIXED):
        _whole(line, key)
    config = line.get("config")
    if not is_table(config):
        raise BadInput("the header has no `config`; add an object with the machine's numbers")
    for key in _NUMBERS:
        _whole(config, key)
    if "physmem" in config:
        _whole(config, "physmem")
    for key, width in _ROWS.items():
        rows = config.get(key)
        if not list_of(row_of(*[is_number] * width))(rows):
            raise BadInput(f"the header's `{key}` is wrong; it must be a list of rows of {width} integers")
    return config


def _whole(line: Line, key: str) -> int:
    value = line.get(key, ABSENT)
    if not is_number(value):
        raise BadInput(f"the header's `{key}` is {as_text(value)}; it must be an integer")
    return value


def _wrong_constants(line: Line) -> list[Complaint]:
    known = {"header", "desc", "format", "config", "object_addr_base", *_FIXED}
    wrong: list[Complaint] = [(key, line[key], must) for key, must in _FIXED.items() if line[key] != must]
    return wrong + [(key, line[key], ABSENT) for key in line if key not in known]


def _wrong_numbers(config: Line) -> list[Complaint]:
    """Return the numbers that contradict others of the same header, and the unknown keys."""
    must: dict[str, Any] = {
        "ncpus": len(config["cpu_ids"]),
        "ncpus_fit": 1 << max(config["ncpus"] - 1, 0).bit_length(),
    }
    must["hz"] = HZ
    if config["core_ids"] or config["ht_ids"]:
        must["core_ids"] = 1 + max((core for _, core, _ in config["cpu_ids"]), default=0)
        must["ht_ids"] = 1 + max((ht for _, _, ht in config["cpu_ids"]), default=0)
        must["cpu_ids"] = list(map(list, {tuple(place): None for place in config["cpu_ids"]}))
    must["set_page_size"] = 1 if config.get("set_page_size") else 0
    wrong = [
        ("config", {key: config[key]}, {key: value})
        for key, value in must.items()
        if config.get(key, value) != value
    ]
    known = (*_NUMBERS, *_ROWS, *_OPTIONAL)
    return wrong + [("config", {key: config[key]}, ABSENT) for key in config if key not in known]


def _impossible(config: Line) -> list[Complaint]:
    """Return the numbers with which no machine can be built."""
    phys, core, ht = config["phys_ids"], config["core_ids"], config["ht_ids"]
    places, spans = config["cpu_ids"], [*config["phys_avail"], *(row[:2] for row in config["numa"])]
    known = bool(core or ht)
    possible = {
        "cpu_ids": 1 <= len(places) <= MAX_CPUS
        and all(0 <= at < max(phys, 1) and min(rest) >= 0 for at, *rest in places),
        "phys_ids": 0 <= phys <= MAX_CPUS and not (known and phys == 0),
        "core_ids": 0 <= core <= MAX_CPUS and bool(core) == known,
        "ht_ids": 0 <= ht <= MAX_CPUS and bool(ht) == known,
        "phys_avail": all(0 <= number <= MAX_ADDRESS for span in spans for number in span),
        "vm_dma_reserved": 0 <= config["vm_dma_reserved"] <= MAX_ADDRESS,
        "ticks": -(1 << 31) <= config["ticks"] < 1 << 31,
    }
    return [("config", {key: config[key]}, "impossible") for key, holds in possible.items() if not holds]


def _finalize(config: Line) -> bool:
    return bool(config.get("finalize", bool(config["numa"])))


def _machine(name: str, config: Line) -> MachineConfig:
    hardware = Hardware(
        name,
        Topology(
            tuple(CpuPlace(*row) for row in config["cpu_ids"]),
            config["phys_ids"],
            config["core_ids"],
            config["ht_ids"],
        ),
        tuple((beg, end) for beg, end in config["phys_avail"]),
        tuple(NumaRange(*row) for row in config["numa"]),
        _finalize(config),
        dma_reserved=config["vm_dma_reserved"],
        frames=config.get("physmem", 0),
    )
    capacity = Capacity(objects=MAX_OBJECTS, threads=MAX_THREADS, io=MAX_WRITES)
    return MachineConfig(hardware, Rules.named("source"), capacity=capacity, ticks=config["ticks"])


def _steps(config: Line) -> list[tuple[str, dict[str, int]]]:
    """Return the boot steps of such a machine, with their arguments."""
    steps: list[tuple[str, dict[str, int]]] = [("vm_page_startup", {})]
    if config.get("set_page_size"):
        steps.insert(0, ("vm_set_page_size", {}))
    for beg, size, physid in config["numa"]:
        steps.append(("vm_numa_organize", {"ran_beg": beg, "bytes": size, "physid": physid}))
    if _finalize(config):
        steps.append(("vm_numa_organize_finalize", {}))
    return [*steps, ("vm_page_startup_finish", {})]
