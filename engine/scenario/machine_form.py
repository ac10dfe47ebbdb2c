"""The [machine] table of a scenario: memory, processors, rule options, switches and thresholds."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Final

from engine.constants import PAGE_SIZE, PQ_L2_SIZE, VMSTATS_FIELDS
from engine.errors import BadInput
from engine.inputs.dumps.moment import DumpMoment
from engine.inputs.shapes import is_any, row_of
from engine.machine.machine import Capacity, MachineConfig, Switches
from engine.machine.rules import RULE_SETS, RULE_VALUES, Rules
from engine.machine.topology import MAX_PAGES, Hardware, Node, NumaRange, Topology, parse_grid, regular
from engine.scenario.counters import (
    CountersForm,
    Moments,
    colors_of,
    counters_of,
    grid_of,
    limits_of,
    page_count_of,
)
from engine.scenario.enough_memory import enough_memory
from engine.scenario.toml_reader import REQUIRED, Section, either
from engine.words import byte_size, number_text

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

    hardware:       None if `hwloc` or `counters` has a part in it.
    hwloc:          path of an XML file relative to the scenario's directory, or None.
    memory, grid:   the keys `memory`, in bytes, and `topology`; None if the file leaves them out.
    colors:         None if the file leaves it out.
    counters:       the dump with whose queue lengths the machine begins, or None.
    steps_per_tick: None if the file leaves it to what the scenario runs.
    options:        the rule options that are set individually.
    thresholds:     pairs of (vmstats limit, pages).
    error:          returns a BadInput about the machine as a whole, to be raised.
    stepped_boot:   whether the run begins at power-on.
    boot_error:     returns a BadInput about `boot`; color_error: about `colors`; size_error: about the key
                    that decides how much memory there is.
    """

    hardware: Hardware | None
    hwloc: str | None
    colors: int | None
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
    memory: int | None = None
    grid: str | None = None
    counters: CountersForm | None = None
    color_error: Callable[[str], BadInput] = BadInput
    size_error: Callable[[str], BadInput] = BadInput

    def describe(self, file: Path, moments: Moments = ()) -> Hardware:
        """Return the hardware; reads the hwloc file if there is one.

        moments: what the dump of `counters` says.
        Errors: BadInput if the file cannot be read, or no machine of the model is large enough for the dump.
        """
        hardware = self.hardware
        if self.counters is not None and self.hwloc is None and hardware is None:
            hardware = self._as_dumped(self.counters, moments[-1])
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

    def _as_dumped(self, counters: CountersForm, moment: DumpMoment) -> Hardware:
        """Return a machine with memory from address 0; the dump says what the file leaves out.

        Errors: BadInput at the key `counters`.
        """
        grid = self.grid or grid_of(moment) or DEFAULT_GRID
        lengths = counters_of(counters, moment, self._colors(moment))
        try:
            topology, size = parse_grid(grid), self.memory
            if size is None:
                size = enough_memory(lengths, topology, self.dma_reserved, page_count_of(moment, lengths))
        except BadInput as error:
            raise counters.error(f"the dump: {error.message}") from None
        return regular(f"{byte_size(size)}, {grid}", size, topology)

    def _colors(self, moment: DumpMoment | None) -> int:
        """Return the number of colours: the file's, else the dump's.

        Errors: BadInput at the key `colors` if they are not the same.
        """
        dumped = None
        if self.counters is not None and moment is not None:
            dumped = colors_of(self.counters, moment)
        if dumped is not None and self.colors not in (None, dumped):
            right = "give that number, or remove colors"
            raise self.color_error(f"colors = {self.colors}, and the dump of counters has {dumped}; {right}")
        return self.colors or dumped or PQ_L2_SIZE

    def config(
        self, hardware: Hardware, rules: Rules, capacity: Capacity, daemons: bool, moments: Moments = ()
    ) -> MachineConfig:
        """Return the configuration that boots this machine, which may have other hardware.

        daemons: whether a pageout daemon runs on it; the clock then ticks unless the file says otherwise.
        moments: what the dump of `counters` says; limits of the file win over those of the dump.
        Errors: BadInput, with its place, if a key does not fit the others or the dump.
        """
        if self.stepped_boot:
            self._check_size(hardware)
        ticking, moment = self.steps_per_tick, moments[-1] if moments else None
        colors, limits, lengths = self._colors(moment), self.thresholds, None
        if self.counters is not None and moment is not None:
            lengths = counters_of(self.counters, moment, colors)
            limits = (*limits_of(self.counters, moment, LIMITS), *limits)
        return MachineConfig(
            hardware,
            rules,
            colors,
            self.switches,
            capacity,
            tuple(dict(limits).items()),
            self.ticks,
            (DAEMON_STEPS_PER_TICK if daemons else 0) if ticking is None else ticking,
            self.io_delay,
            self.swap,
            self.stepped_boot,
            lengths,
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
    counters = _counters(section)
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
        memory=_memory(section) if "memory" in section.table else None,
        grid=section.text("topology", None),
        counters=counters,
        color_error=lambda message: section.error(message, "colors"),
        size_error=lambda message: section.error(message, _size_key(section)),
    )
    section.finish()
    if form.stepped_boot and counters is not None:
        words = "counters begin with a machine that has booted, and its boot cannot be stepped"
        raise form.boot_error(f'{words}; use boot = "{AT_ONCE}", or remove counters')
    return form


def _counters(section: Section) -> CountersForm | None:
    value = section.text("counters", None)
    if value is not None and not value.strip():
        raise section.error("counters is empty; give the path of a dump, or the dump itself", "counters")
    return None if value is None else CountersForm(value, lambda message: section.error(message, "counters"))


def _size_key(section: Section) -> str:
    """The key that decides how much memory the machine has."""
    return next((key for key in ("memory", "hwloc", "ranges") if key in section.table), "counters")


def _colors(section: Section) -> int | None:
    section.describe("colors", "integer", f"1 to {number_text(PQ_L2_SIZE)}", PQ_L2_SIZE)
    colors: int | None = section.number("colors", 1, PQ_L2_SIZE, None)
    if colors is not None and colors & (colors - 1):
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
    size = _memory(section)
    if section.has("counters"):
        return None  # the dump says what is left out
    name = f"{section.table.get('memory', DEFAULT_MEMORY)}, {grid or '1x1x1'}"
    return regular(name, size, topology)


def _memory(section: Section) -> int:
    return section.size("memory", 1 << 20, MOST_BYTES, DEFAULT_MEMORY)


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
