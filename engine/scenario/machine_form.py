"""The [machine] table of a scenario: memory, processors, rule options, switches and thresholds."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Final

from engine.constants import PAGE_SIZE, PQ_L2_SIZE, VMSTATS_FIELDS
from engine.errors import BadInput
from engine.inputs.shapes import is_any, row_of
from engine.machine.machine import Capacity, MachineConfig, Switches
from engine.machine.rules import RULE_SETS, RULE_VALUES, Rules
from engine.machine.topology import MAX_PAGES, Hardware, Node, NumaRange, Topology, parse_grid, regular
from engine.scenario.toml_reader import REQUIRED, Section, either
from engine.words import byte_size

COUNTERS: Final = (
    "v_page_count",
    "v_dma_pages",
    "v_dma_avail",
    "v_free_count",
    "v_wire_count",
    "v_active_count",
    "v_inactive_count",
    "v_cache_count",
)
"""The fields of vmstats that count pages: they are computed from the queues and cannot be set."""

LIMITS: Final = tuple(name for name in VMSTATS_FIELDS if name not in COUNTERS)
SWITCHES: Final = tuple(switch.name for switch in fields(Switches))
MOST_BYTES: Final = MAX_PAGES * PAGE_SIZE
MOST_SWAP: Final = 1 << 24
DEFAULT_MEMORY: Final = 16 << 20
DEFAULT_GRID: Final = "1x1x1"

AT_ONCE, STEPPED = "at-once", "stepped"
BOOTS: Final = (AT_ONCE, STEPPED)
"""The values of `boot`: before step 0, or as the first steps of the run."""

MOST_STEPPED: Final = 256 << 20
"""The largest memory, in bytes, of a machine whose boot can be stepped."""

DAEMON_STEPS_PER_TICK: Final = 1000
"""The default of steps_per_tick where a pageout daemon runs; without ticks, what it frees on one cpu never
reaches the views of the others."""


@dataclass(frozen=True)
class MachineForm:
    """The contents of [machine].

    hwloc:          path of an XML file relative to the scenario's directory, or None if `hardware` is given.
    steps_per_tick: None if the file leaves it to what the scenario runs.
    options:        the rule options that are set individually.
    thresholds:     pairs of (vmstats limit, pages).
    error:          returns a BadInput about the machine as a whole, to be raised.
    stepped_boot:   whether the run begins at power-on.
    boot_error:     returns a BadInput about `boot`.
    """

    hardware: Hardware | None
    hwloc: str | None
    colors: int
    swap: int
    steps_per_tick: int | None
    io_delay: int
    ticks: int
    dma_reserved: int
    options: dict[str, object] = field(default_factory=dict)
    switches: Switches = field(default_factory=Switches)
    thresholds: tuple[tuple[str, int], ...] = ()
    error: Callable[[str], BadInput] = BadInput
    stepped_boot: bool = False
    boot_error: Callable[[str], BadInput] = BadInput

    def describe(self, file: Path) -> Hardware:
        """Return the hardware; reads the hwloc file if there is one.

        Errors: BadInput if the file cannot be read.
        """
        hardware = self.hardware
        if self.hwloc is not None:
            if not (file.parent / self.hwloc).is_file():
                hint = "give the path of an hwloc XML file, relative to the scenario"
                words = f"there is no file {self.hwloc!r}; {hint}"
                raise self.error(words)
            # Imported here so that a start without hwloc does not load an XML parser.
            from engine.inputs.hwloc import read_hwloc  # noqa: PLC0415

            hardware = read_hwloc(str(file.parent / self.hwloc))
        assert hardware is not None
        return replace(hardware, dma_reserved=self.dma_reserved) if self.dma_reserved else hardware

    def config(self, hardware: Hardware, rules: Rules, capacity: Capacity, daemons: bool) -> MachineConfig:
        """Return the configuration that boots this machine, which may have other hardware.

        daemons: whether a pageout daemon runs on it; the clock then ticks unless the file says otherwise.
        """
        if self.stepped_boot:
            self._check_size(hardware)
        ticking = self.steps_per_tick
        return MachineConfig(
            hardware,
            rules,
            self.colors,
            self.switches,
            capacity,
            self.thresholds,
            self.ticks,
            (DAEMON_STEPS_PER_TICK if daemons else 0) if ticking is None else ticking,
            self.io_delay,
            self.swap,
            self.stepped_boot,
        )

    def _check_size(self, hardware: Hardware) -> None:
        """Refuse a stepped boot of more memory than its steps can record.

        Errors: BadInput at the key `boot`.
        """
        spans = hardware.phys_avail
        size = spans[-1][1] - spans[0][0] if spans else 0
        if size > MOST_STEPPED:
            raise self.boot_error(
                f"the boot of {byte_size(size)} cannot be stepped, since every page that boot touches is "
                f'recorded; use boot = "{AT_ONCE}", or at most {byte_size(MOST_STEPPED)} of memory'
            )


def read_machine_form(section: Section) -> MachineForm:
    """Read [machine].

    Errors: BadInput with the place of the error.
    """
    form = MachineForm(
        hardware=_hardware(section),
        hwloc=section.one_line("hwloc", None),
        colors=_colors(section),
        swap=section.number("swap", 0, MOST_SWAP, 0),
        steps_per_tick=section.number("steps_per_tick", 0, 1 << 31, None),
        io_delay=section.number("io_delay", 0, 1 << 20, 1),
        ticks=section.number("ticks", -(1 << 31), (1 << 31) - 1, 0),
        dma_reserved=section.size("dma_reserved", 0, MOST_BYTES, 0),
        options=_options(section),
        switches=Switches(*(section.flag(name, True) for name in SWITCHES)),
        thresholds=_thresholds(section),
        stepped_boot=section.choice("boot", BOOTS, AT_ONCE) == STEPPED,
        boot_error=lambda message: section.error(message, *(("boot",) if "boot" in section.table else ())),
        error=lambda message: section.error(message, *(("hwloc",) if "hwloc" in section.table else ())),
    )
    section.finish()
    return form


def _colors(section: Section) -> int:
    colors = section.number("colors", 1, PQ_L2_SIZE, PQ_L2_SIZE)
    if colors & (colors - 1):
        raise section.error(
            f"colors = {colors} is not a power of two; use one from 1 to {PQ_L2_SIZE}", "colors"
        )
    return colors


# --- hardware ---------------------------------------------------------------------------------------------


def _hardware(section: Section) -> Hardware | None:
    ways = [key for key in ("memory", "hwloc", "ranges") if section.has(key)]
    if len(ways) > 1:
        raise section.error(f"{ways[0]} and {ways[1]} are mutually exclusive; give only one", ways[1])
    section.describe("topology", "string", default=DEFAULT_GRID)
    grid = section.text("topology", None)
    if ways == ["hwloc"]:
        if grid is not None:
            raise section.error("the hwloc file gives the topology; remove topology", "topology")
        return None
    topology = _topology(section, grid or DEFAULT_GRID)
    if ways == ["ranges"]:
        return _from_ranges(section, topology, grid or DEFAULT_GRID)
    if section.has("numa"):
        raise section.error("numa requires ranges; with memory, all sockets get equal shares", "numa")
    size = section.size("memory", 1 << 20, MOST_BYTES, DEFAULT_MEMORY)
    name = f"{section.table.get('memory', DEFAULT_MEMORY)}, {grid or '1x1x1'}"
    return regular(name, size, topology)


def _topology(section: Section, grid: str) -> Topology:
    try:
        return parse_grid(grid)
    except BadInput as error:
        raise section.error(error.message, "topology") from None


def _from_ranges(section: Section, topology: Topology, grid: str) -> Hardware:
    """Read `ranges = [[BEGIN, END], ...]` in bytes and `numa = [{begin, end, socket}, ...]`."""
    ranges = section.take("ranges", (list,))
    spans = tuple(_span(section, number, value) for number, value in enumerate(ranges))
    if not spans:
        raise section.error("ranges is empty; give at least one [BEGIN, END]", "ranges")
    if any(end > begin for (_, end), (begin, _) in itertools.pairwise(spans)):
        raise section.error("the ranges overlap or are not in order; sort them by address", "ranges")
    if spans[-1][1] - spans[0][0] > MOST_BYTES:
        raise section.error(f"the ranges span too much memory; the limit is {MOST_BYTES:,} bytes", "ranges")
    numa = tuple(_numa(part, topology) for part in section.subs("numa", 1024))
    return Hardware(f"ranges, {grid}", topology, spans, numa, bool(numa), _nodes(spans, numa))


def _span(section: Section, number: int, value: Any) -> tuple[int, int]:
    if not row_of(is_any, is_any)(value):
        raise section.error('not a range; write [BEGIN, END], in bytes or as "16 MiB"', "ranges", number)
    begin, end = (section.size_of(part, 0, 1 << 48, "ranges", number) for part in value)
    if begin >= end:
        raise section.error("the range is empty; write [BEGIN, END] with BEGIN below END", "ranges", number)
    return begin, end


def _numa(part: Section, topology: Topology) -> NumaRange:
    begin = part.size("begin", 0, 1 << 48)
    end = part.size("end", 0, 1 << 48)
    part.describe("socket", "integer", "0 to the last socket", REQUIRED)
    socket = part.number("socket", 0, topology.phys_ids - 1)
    part.finish()
    if begin >= end:
        raise part.error("numa: the range is empty; begin must be below end")
    return NumaRange(begin, end - begin, socket)


def _nodes(spans: tuple[tuple[int, int], ...], numa: tuple[NumaRange, ...]) -> tuple[Node, ...]:
    if not numa:
        return (Node(0, None, spans),)
    sockets = sorted({entry.physid for entry in numa})
    return tuple(
        Node(
            socket,
            socket,
            tuple((entry.beg, entry.beg + entry.size) for entry in numa if entry.physid == socket),
        )
        for socket in sockets
    )


# --- rules and thresholds ---------------------------------------------------------------------------------


def _options(section: Section) -> dict[str, object]:
    """Read the rule options that the table sets; `thresholds` is an option unless it is a table."""
    options: dict[str, object] = {}
    for name, allowed in RULE_VALUES.items():
        flag = isinstance(allowed[0], bool)
        words = [] if flag else [str(word) for word in allowed]
        more = " or table" if name == "thresholds" else ""
        section.describe(name, "boolean" if flag else f"string{more}", either(words), _in_both(name))
        if not section.has(name) or isinstance(section.table[name], dict):
            continue
        if flag:
            options[name] = section.flag(name, True)
        elif type(section.table[name]) is int and str(section.table[name]) in allowed:
            options[name] = str(section.table[name])  # --set machine.thresholds=2020 is a number in TOML
        else:
            options[name] = section.choice(name, words)
    return options


def _in_both(option: str) -> object:
    """Return the value of an option that both rule sets have; None if `rules` decides."""
    document, source = (getattr(Rules.named(name), option) for name in RULE_SETS)
    return document if document == source else None


def _thresholds(section: Section) -> tuple[tuple[str, int], ...]:
    if not isinstance(section.table.get("thresholds"), dict):
        return ()
    limits = section.sub("thresholds", "[machine.thresholds]")
    found = [(name, limits.number(name, 0, 1 << 32, None)) for name in LIMITS]
    limits.finish()
    return tuple((name, pages) for name, pages in found if pages is not None)
