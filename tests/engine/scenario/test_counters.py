"""The key `counters`: what a run begins with, what it takes from the dump, and what is refused."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from engine.constants import OBJT_VNODE, V_FREE_MIN, V_FREE_TARGET, V_WIRE_COUNT, VMSTATS_SIZE
from engine.errors import BadInput
from engine.inputs.dumps.moment import QUEUES
from engine.inputs.dumps.reader import read_dumps
from engine.invariants import violations
from engine.machine.sysctl import show_sysctl
from engine.reports.ddb import show_page, show_pageq, show_pageq_hold
from engine.run.history import History
from engine.scenario.counters import (
    CountersForm,
    colors_of,
    content,
    counters_of,
    grid_of,
    read_counters,
    source_of,
    text_of,
)
from engine.scenario.loader import Scenario, load, load_text
from engine.scenario.settings import parse_setting
from tests.tiers import only_fast

SMALL = "PQ_FREE: 9 8 7 6\nPQ_CACHE: 1 0 2 0\nPQ_ACTIVE: 5 5 5 5\nPQ_INACTIVE: 20 30 20 10\n"
HEAP = '[[object]]\nname = "heap"\n'
APP = '[[thread]]\nname = "app"\nscript = """\nx = 1\n"""\n'


def text_with(dump: str, machine: str = "", more: str = HEAP + APP, rules: str = "document") -> str:
    return (
        f'format = 1\ntitle = "t"\nrules = "{rules}"\n[machine]\ncounters = """\n{dump}"""\n{machine}\n{more}'
    )


def begun(dump: str, machine: str = "", **options: str) -> tuple[Scenario, History]:
    scenario = load_text(text_with(dump, machine, **options), "s.toml")
    return scenario, scenario.start()


# --- the round trip ---------------------------------------------------------------------------------------


def ended(name: str, machine: str, colors: int) -> History:
    """The end of a run of the library on a machine."""
    scenario = load(name, machine=machine, settings=(parse_setting(f"machine.colors={colors}"),))
    history = scenario.start()
    scenario.run(history)
    return history


@pytest.mark.parametrize(
    "case",
    only_fast(
        [
            ("tour", "4MiB:1x2x1", 1),
            ("life-of-a-page", "4MiB:1x2x1", 16),
            ("life-of-a-page", "64MiB:2x4x2", 1024),
        ],
        ("life-of-a-page", "4MiB:1x2x1", 16),
    ),
)
def test_what_a_machine_prints_begins_a_run_with_the_same_lengths(case: tuple[str, str, int]) -> None:
    name, machine, colors = case
    vm = ended(name, machine, colors).vm
    shown = show_pageq(vm) + show_pageq_hold(vm) + show_page(vm) + show_sysctl(vm)
    scenario, history = begun(shown)
    again = history.vm
    assert again.colors == colors
    assert show_pageq(again) + show_pageq_hold(again) == show_pageq(vm) + show_pageq_hold(vm)
    assert violations(again) == []
    assert again.topology == vm.topology
    assert again.vmstats.count[V_FREE_MIN] == vm.vmstats.count[V_FREE_MIN]
    assert scenario.start().vm.memory.digest() == again.memory.digest()


SCRIPTS = """
[machine.thresholds]
v_free_min = 60
v_free_target = 120
v_inactive_target = 40
[[thread]]
name = "pager"
script = "pagedaemon()"
[[thread]]
name = "app"
script = '''
for i in range(25):
    m = vm_page_alloc(heap, i, VM_ALLOC_NORMAL | VM_ALLOC_ZERO)
    if m != NULL:
        vm_page_activate(m)
        vm_page_wakeup(m)
old = vm_page_lookup_busy_wait(counters, 3, FALSE, "old")
vm_page_free(old)
tick(3)
vm_page_deactivate(vm_page_lookup(counters, 0))
tick(40)
'''
"""


@pytest.mark.parametrize("rules", ["document", "source"])
def test_the_kernel_runs_on_such_a_machine_and_the_daemon_takes_its_pages(rules: str) -> None:
    scenario, history = begun(SMALL, more=HEAP + SCRIPTS, rules=rules)
    before = history.vm.object.resident_page_count[1]
    while history.extend(40):
        assert violations(history.vm) == []
    assert history.branch.outcome == "completed", history.branch.finding
    assert history.vm.object.resident_page_count[1] < before - 1
    assert sum(history.vm.cpu.v_dfree[cpu] for cpu in history.vm.cpus) > 0
    history.seek(0)
    assert history.vm.memory.digest() == scenario.start().vm.memory.digest()


# --- what a run takes from a dump ---------------------------------------------------------------------------


def test_limits_are_the_dumps_unless_the_scenario_or_a_setting_gives_them() -> None:
    dump = f"{SMALL}vmstats.v_free_min: 77\nvmstats.v_free_target: 99\n"
    text = text_with(dump, "[machine.thresholds]\nv_free_target = 55")
    for sets, target in ((), 55), (("machine.thresholds.v_free_target=44",), 44):
        vm = load_text(text, settings=tuple(map(parse_setting, sets))).start().vm
        assert (vm.vmstats.count[V_FREE_MIN], vm.vmstats.count[V_FREE_TARGET]) == (77, target)
        assert vm.gd_vmstats.view[(vm.ncpus - 1) * VMSTATS_SIZE + V_FREE_MIN] == 77


def test_pages_and_processors_are_the_dumps_unless_the_scenario_gives_them() -> None:
    grid = "hw.cpu_topology_phys_ids: 2\nhw.cpu_topology_core_ids: 3\nhw.cpu_topology_ht_ids: 1\n"
    counts = "vmstats.v_page_count: 2000\nvmstats.v_wire_count: 1867\n"
    scenario, history = begun(SMALL + counts + grid)
    assert (scenario.config.hardware.topology.ncpus, scenario.warnings) == (6, ())
    assert history.vm.vmstats.count[V_WIRE_COUNT] == 1867
    scenario, _ = begun(SMALL + grid, 'memory = "3 MiB"\ntopology = "1x2x1"')
    assert scenario.config.hardware.name == "3 MiB, 1x2x1"
    assert load_text(text_with(SMALL + grid), machine="2MiB:1x1x1").start().vm.ncpus == 1
    assert begun(SMALL, 'memory = "2 MiB"\ncolors = 4')[0].config.hardware.name == "2 MiB, 1x1x1"


def test_totals_are_spread_over_the_colours_and_a_warning_says_so() -> None:
    totals = "vmstats.v_free_count: 10\nvmstats.v_inactive_count: 6\nvmstats.v_wire_count: 700\n"
    scenario, history = begun(totals, "colors = 4")
    lines = show_pageq(history.vm).splitlines()
    assert lines == ["PQ_FREE: 3 3 2 2", "PQ_CACHE: 0 0 0 0", "PQ_ACTIVE: 0 0 0 0", "PQ_INACTIVE: 2 2 1 1"]
    (warning,) = scenario.warnings
    assert warning.endswith("the dump has no queue lengths; each total is spread over 4 colours")
    assert scenario.config.hardware.name != "16 MiB, 1x1x1"


def test_warnings_name_what_of_the_dump_does_not_count() -> None:
    dump = f"vmstats.v_free_count: 3\n{SMALL}vmstats.v_free_count: 3\nvmstats.v_page_count: 100\n{SMALL}"
    scenario = load_text(text_with(dump))
    moments, counts = scenario.warnings
    assert "the dump has 2 moments; the last counts, at line " in moments
    assert "v_page_count is 100 in the dump and 247 here" in counts
    assert load_text(text_with(f"{SMALL}vmstats.v_free_count: 30\n")).warnings == ()


def test_a_length_that_is_cut_off_is_as_boot_left_it() -> None:
    _, history = begun("PQ_FREE: 9 8 7 6\nPQ_ACTIVE: 5 5 5 5\nPQ_INACTIVE: 20 30 20 ?\n")
    assert show_pageq(history.vm).splitlines()[1::2] == ["PQ_CACHE: 0 0 0 0", "PQ_INACTIVE: 20 30 20 0"]
    assert violations(history.vm) == []


def test_the_object_has_a_name_and_the_sysctls_say_where_the_run_began() -> None:
    maps = '[[process]]\nname = "p"\nmaps = [{ object = "counters", start = 0x1000, pages = 4 }]\n'
    more = f'{HEAP}{maps}[[thread]]\nname = "app"\nprocess = "p"\nscript = """\nread(0x2000)\n"""\n'
    scenario, history = begun(SMALL, more=more)
    assert scenario.names.objects == ("heap", "counters")
    assert (history.vm.object.type[1], history.vm.object.size[1]) == (OBJT_VNODE, 103)
    line = "pageq.counters: the run began with the scenario's own text, line 1; not a sysctl of the kernel\n"
    assert show_sysctl(history.vm).endswith(line)
    assert show_sysctl(history.vm, "pageq.counters") == line
    assert scenario.run(history) == "completed"
    assert "pageq" not in show_sysctl(load("tour").start().vm)


# --- what is refused ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("dump", "machine", "more", "place", "wrong"),
    [
        ("nothing\n", "", "", 5, "counters: line 1: this is not a dump of a machine; paste what DDB prints"),
        ("", "", "", 5, "counters is empty; give the path of a dump, or the dump itself"),
        (SMALL, "colors = 8", "", 11, "colors = 8, and the dump of counters has 4; give that number, or"),
        (SMALL, 'boot = "stepped"', "", 11, "counters begin with a machine that has booted, and"),
        (SMALL, "", '[[object]]\nname = "counters"\n', 13, "'counters' is the object with the pages of the"),
        (SMALL, "", "[parameters]\ncounters = 3\n", 13, "'counters' is the object with the pages of the key"),
        ("PQ_FREE: 99999999 1\n", "", "", 5, "the queues of the dump have 100,000,000 pages; the model"),
        ("PQ_FREE: 9999999 1\n", "", "", 5, "the dump: no machine of up to 64 GiB with this"),
        ("vm.stats.vm.v_pdwakeups: 3\n", "", "", 5, "the dump has neither queue lengths nor totals; add"),
        (f"{SMALL}vmstats.v_free_min: 99999999999\n", "", "", 5, "v_free_min is 99999999999 in the dump"),
        (f"{SMALL}hw.cpu_topology_phys_ids: 4000\n", "", "", 5, "the dump: topology '4000x1x1' has more"),
        (SMALL.replace("30", "900"), 'memory = "2 MiB"', "", 11, 'MiB" is enough for this topology'),
    ],
)  # fmt: skip
def test_what_no_run_can_begin_with_is_refused_at_its_key(
    dump: str, machine: str, more: str, place: int, wrong: str
) -> None:
    with pytest.raises(BadInput) as refused:
        load_text(text_with(dump, machine, more), "s.toml").start()
    assert str(refused.value).startswith(f"s.toml:{place}: ")
    assert wrong in str(refused.value)


def test_a_machine_that_is_given_and_too_small_is_named() -> None:
    scenario = load_text(text_with(SMALL.replace("30", "900")), machine="1MiB:1x1x1")
    with pytest.raises(
        BadInput, match=r'^the machine 1MiB:1x1x1 is too small: .*; memory = "\d+ MiB" is enough'
    ):
        scenario.start()


def test_what_cannot_be_read_is_refused_with_the_key_or_its_own_line(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "other").write_bytes(b"\x7fELF\0\0")
    scenario = tmp_path / "s.toml"
    for name, place, wrong in (
        ("none", "s.toml:4", "there is no file 'none'; give the path of a dump, or the dump itself"),
        (".", "s.toml:4", "'.' is a directory, not a regular file; give"),
        ("pipe", "s.toml:4", "'pipe' is a pipe, not a regular file; give"),
        ("other", "other:1", "this is not text"),
    ):
        scenario.write_text(f'format = 1\ntitle = "t"\n[machine]\ncounters = "{name}"\n')
        with pytest.raises(BadInput) as refused:
            load(str(scenario))
        assert str(refused.value).startswith(f"{tmp_path}/{place}: {wrong}")
    with pytest.raises(BadInput, match=f"^--set machine.counters: there is no file '{Path.cwd()}/none'; "):
        load("tour", settings=(parse_setting("machine.counters=none"),))


# --- reading ------------------------------------------------------------------------------------------------


def test_a_file_is_read_again_when_it_has_changed_and_is_relative_to_the_scenario(tmp_path: Path) -> None:
    (tmp_path / "dump.txt").write_text(f"db> show pageq\n{SMALL}")
    (tmp_path / "s.toml").write_text('format = 1\ntitle = "t"\n[machine]\ncounters = "dump.txt"\n')
    path = str(tmp_path / "s.toml")
    first, second = load(path), load(path)
    assert first.moments is second.moments
    assert first.config.counters is not None
    assert first.config.counters.source == "dump.txt, line 2"
    (tmp_path / "dump.txt").write_text(SMALL.replace("30", "31"))
    changed = load(path)
    assert changed.sha256 != first.sha256 == second.sha256
    by_hand = load("tour", settings=(parse_setting(f"machine.counters={tmp_path}/dump.txt"),))
    assert by_hand.config.counters == changed.config.counters


def test_the_parts_of_a_dump() -> None:
    form = CountersForm(f"{SMALL}hw.cpu_topology_phys_ids: 2\n", BadInput)
    (moment,) = moments = read_counters(form, Path())
    assert (form.is_file, source_of(form, moment)) == (False, "the scenario's own text, line 1")
    assert (colors_of(form, moment), grid_of(moment)) == (4, "2x1x1")
    again = read_dumps(text_of(moments), "again")
    assert content(again) == content(moments)
    lengths = counters_of(form, again[0], 4)
    for name in QUEUES[:4]:
        row = moment.queues[name]
        assert row is not None
        assert tuple(row.tolist()) == getattr(lengths, name.lower())
    assert lengths.hold == (0, 0, 0, 0)
    three = {name: None if row is None else row[:3] for name, row in moment.queues.items()}
    with pytest.raises(BadInput, match="the dump has 3 colours; a machine of the model has a power of two"):
        colors_of(form, replace(moment, queues=three))


@pytest.mark.parametrize(
    ("value", "is_file"),
    [("vmstats.txt", True), ("PQ_dump.txt", True), ("vm.out", True), ("vm.v_free_count: 9", False)],
)
def test_a_file_may_be_named_like_what_is_in_it(value: str, is_file: bool) -> None:
    assert CountersForm(value, BadInput).is_file == is_file
    assert not CountersForm(f"{value}\n", BadInput).is_file


def test_a_dump_of_one_line_is_not_cut() -> None:
    assert load_text(text_with(SMALL).replace(SMALL, "PQ_FREE: 1 2")).start().vm.colors == 2
