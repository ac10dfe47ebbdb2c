"""[machine]: the machine that it describes, and errors in it."""

# ruff: noqa: E501 - a row of a table is one line

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from engine.errors import BadInput
from engine.machine.rules import Rules
from engine.scenario.loader import load
from engine.scenario.settings import parse_setting
from tests.engine.scenario.small_scenarios import refused, scenario_of, sentences

MACHINES = Path(__file__).parents[1] / "inputs" / "machines"


@pytest.mark.parametrize(
    ("machine", "cpus", "pages"),
    sentences(
        ("nothing said", "", 1, 4096),
        ("a size in words", 'memory = "8 MiB"\ntopology = "1x2x1"', 2, 2048),
        ("a size in bytes", "memory = 4194304", 1, 1024),
        ("one range", 'ranges = [[0, "4 MiB"]]', 1, 1024),
        ("ranges with a hole", 'ranges = [[65536, 655360], [0x100000, "8 MiB"]]', 1, 2032),
        ("nodes", 'ranges = [[0, "8 MiB"]]\ntopology = "2x2x1"\nnuma = [{begin = 0, end = "4 MiB", socket = 0}, {begin = "4 MiB", end = "8 MiB", socket = 1}]', 4, 2048),
    ),
)  # fmt: skip
def test_machine(machine: str, cpus: int, pages: int) -> None:
    vm = scenario_of(machine).start().vm
    assert (vm.ncpus, vm.vm_page_array_size) == (cpus, pages)


@pytest.mark.parametrize(
    ("machine", "line"),
    sentences(
        ("more memory than can be stepped", 'memory = "257 MiB"\nboot = "stepped"', 6),
        ("a hole that is too large", 'boot = "stepped"\nranges = [[0, "4 MiB"], ["1 GiB", "1028 MiB"]]', 5),
    ),
)
def test_a_large_machine_cannot_boot_in_steps(machine: str, line: int) -> None:
    with pytest.raises(
        BadInput, match=r"cannot be stepped.*use boot = \"at-once\", or at most 256 MiB"
    ) as caught:
        scenario_of(machine)
    assert caught.value.line == line


def test_256_mib_can_boot_in_steps() -> None:
    assert scenario_of('memory = "256 MiB"\nboot = "stepped"').config.stepped_boot
    assert not scenario_of('memory = "256 MiB"\nboot = "at-once"').config.stepped_boot
    with pytest.raises(BadInput, match=r"^--set machine.boot: the boot of 64 GiB cannot be stepped"):
        load("tour", machine="large", settings=(parse_setting("machine.boot=stepped"),))


def test_nodes_of_ranges_decide_where_a_page_lives() -> None:
    numa = '[{begin = 0, end = "4 MiB", socket = 1}, {begin = "4 MiB", end = "8 MiB", socket = 0}]'
    scenario = scenario_of(f'ranges = [[0, "8 MiB"]]\ntopology = "2x2x1"\nnuma = {numa}')
    history = scenario.start()
    assert scenario.expression("node_of(page[0]) * 10 + node_of(page[1024])").show(history.vm) == 10
    assert scenario.expression("page[600].pc >= 512 and page[1100].pc < 512").show(history.vm) == 1


def test_an_hwloc_file_is_next_to_the_scenario(tmp_path: Path) -> None:
    shutil.copy(MACHINES / "two-sockets.xml", tmp_path / "box.xml")
    path = tmp_path / "own.toml"
    path.write_text('format = 1\ntitle = "t"\n[machine]\nhwloc = "box.xml"\n')
    assert load(str(path)).start().vm.ncpus == 16


def test_thresholds_are_pushed_to_every_cpus_view() -> None:
    scenario = scenario_of('topology = "1x2x1"\n[machine.thresholds]\nv_free_min = 123')
    vm = scenario.start().vm
    for name in ("vmstats", "cpu[0].view", "cpu[1].view"):
        assert scenario.expression(f"{name}.v_free_min").show(vm) == 123


def test_every_option_of_the_machine_is_taken() -> None:
    scenario = scenario_of(
        'colors = 64\nswap = 256\nsteps_per_tick = 7\nio_delay = 3\nticks = 100\ninterlock = false\ntrylock = "off"\n'
        'token_release = true\nassoc_rule = "source"\nfind2_full = "off"\nfinalize_offset_fix = false\n'
        'contig_rule = "source"\nzero_rule = "grab-only"\nhash_rule = "source"\nnice_rule = "formula"\n'
        'thresholds = "newer"\ndma_reserved = "64 KiB"\n'
    )
    config = scenario.config
    assert (config.colors, config.swap_blocks, config.steps_per_tick, config.io_delay, config.ticks) == (
        64,
        256,
        7,
        3,
        100,
    )
    assert (config.switches.interlock, config.switches.trylock, config.switches.token_release) == (
        False,
        False,
        True,
    )
    assert config.rules == Rules("source", False, False, "source", "grab-only", "source", "formula", "newer")
    assert config.hardware.dma_reserved == 65536
    assert scenario.start().vm.glob.ticks[0] == 100


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    sentences(
        ("memory that is not a size", '"4 MiB"', '"4 bananas"', 4, "is not a memory size"),
        ("too little memory", '"4 MiB"', '"4 KiB"', 4, "out of range"),
        ("a bad topology", '"1x2x1"', '"two"', 5, "is not a topology"),
        ("memory and hwloc", "topology = ", 'hwloc = "x.xml"\n#', 5, "memory and hwloc are mutually exclusive"),
        ("an hwloc file that is not there", 'memory = "4 MiB"\ntopology = "1x2x1"', 'hwloc = "no.xml"', 4, "no.xml"),
        ("colors no power of two", "topology", "colors = 100\ntopology", 5, "a power of two"),
        ("an unknown threshold", "[[object]]", "[machine.thresholds]\nv_fre_min = 3\n[[object]]", 7, "v_free_min"),
        ("a counter as threshold", "[[object]]", "[machine.thresholds]\nv_free_count = 3\n[[object]]", 7, "is not a key"),
        ("an unknown rule option", "topology", 'assoc_rule = "x"\ntopology', 5, "seed16, source"),
        ("a switch that is neither on nor off", "topology", 'trylock = "maybe"\ntopology', 5, "true or false"),
        ("ranges not in order", 'memory = "4 MiB"', 'ranges = [[0x800000, 0x900000],\n[0, 0x700000]]', 4, "overlap"),
        ("no ranges at all", 'memory = "4 MiB"', "ranges = []", 4, "ranges is empty; give at least one"),
        ("a range the wrong way round", 'memory = "4 MiB"', "ranges = [[8192, 4096]]", 4, "the range is empty"),
        ("ranges too far apart", 'memory = "4 MiB"', 'ranges = [[0, 4096],[0x800000000000, 0x800000001000]]', 4, "the ranges span too much memory"),
        ("a topology beside an hwloc file", 'memory = "4 MiB"', 'hwloc = "x.xml"', 5, "remove topology"),
        ("nodes without ranges", "topology", "numa = []\ntopology", 5, "numa requires ranges"),
        ("a node the wrong way round", 'memory = "4 MiB"', 'ranges = [[0, "4 MiB"]]\nnuma = [{begin = 4096, end = 0, socket = 0}]', 5, "begin must be below end"),
        ("a node of no socket", 'memory = "4 MiB"', 'ranges = [[0, "4 MiB"]]\nnuma = [{begin = 0, end = 4096, socket = 1}]', 5, "use 0 to 0"),
        ("a bad range", 'memory = "4 MiB"', 'ranges = [[0, 0x700000],\n[5]]', 5, "[BEGIN, END]"),
    ),
)  # fmt: skip
def test_a_machine_that_cannot_be_is_refused_with_its_line(
    old: str, new: str, line: int, words: str, tmp_path: Path
) -> None:
    refused(tmp_path, old, new, line, words)


@pytest.mark.parametrize(
    ("machine", "name"),
    sentences(
        ("nothing said", "", "16777216, 1x1x1"),
        ("memory and processors", 'memory = "4 MiB"\ntopology = "1x2x1"', "4 MiB, 1x2x1"),
        ("ranges", 'ranges = [[0, "4 MiB"]]', "ranges, 1x1x1"),
    ),
)
def test_the_machine_is_named_after_the_file_s_keys(machine: str, name: str) -> None:
    assert scenario_of(machine).config.hardware.name == name


def test_a_word_for_the_thresholds_is_a_rule_and_a_table_is_not() -> None:
    assert scenario_of('thresholds = "newer"').config.rules.thresholds == "newer"
    config = scenario_of("[machine.thresholds]\nv_free_min = 9\nv_free_target = 0").config
    assert config.rules == Rules()
    assert dict(config.thresholds) == {"v_free_min": 9, "v_free_target": 0}
