"""From a file to a run: the machine it describes, what is expected and asked."""

# ruff: noqa: E501 - a row of a table is one line

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from engine.errors import BadInput
from engine.machine.rules import Rules
from engine.machine.tables import EMPTY
from engine.run.history import History
from engine.scenario.loader import Scenario, load, load_text, read_rules

MACHINES = Path(__file__).parents[1] / "inputs" / "machines"


def sentences(*rows: tuple[Any, ...]) -> list[Any]:
    """Rows of a table whose first column is the test's id."""
    return [pytest.param(*row[1:], id=row[0]) for row in rows]


def scenario_of(machine: str = 'memory = "4 MiB"', top: str = "", rest: str = "", **options: Any) -> Scenario:
    return load_text(f'format = 1\ntitle = "t"\n{top}\n[machine]\n{machine}\n{rest}', **options)


THREAD = '[[thread]]\nname = "app"\nscript = """\n{}\n"""\n'


def played(script: str, rest: str = "") -> tuple[Scenario, History]:
    scenario = scenario_of(rest=f'[[object]]\nname = "heap"\n{THREAD.format(script)}{rest}')
    history = scenario.start()
    scenario.run(history)
    return scenario, history


# --- the machine ------------------------------------------------------------------------------------------


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


def test_nodes_of_ranges_decide_where_a_page_lives() -> None:
    numa = '[{begin = 0, end = "4 MiB", socket = 1}, {begin = "4 MiB", end = "8 MiB", socket = 0}]'
    scenario = scenario_of(f'ranges = [[0, "8 MiB"]]\ntopology = "2x2x1"\nnuma = {numa}')
    history = scenario.start()
    assert scenario.expression("node_of(page[0]) * 10 + node_of(page[1024])").show(history.vm) == 10
    assert scenario.expression("page[600].pc >= 512 and page[1100].pc < 512").show(history.vm) == 1


def test_an_hwloc_file_stands_beside_the_scenario(tmp_path: Path) -> None:
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


def test_the_machine_the_rules_and_the_schedule_can_be_replaced(tmp_path: Path) -> None:
    schedule = tmp_path / "s.txt"
    schedule.write_text("app:2,  # two steps\napp:end\n")
    text = 'format = 1\ntitle = "t"\n[machine]\nmemory = "4 MiB"\nfind2_full = true\n' + THREAD.format(
        "x = 1"
    )
    scenario = load_text(text, machine="64MiB:2x4x2", rules="source", schedule=f"@{schedule}")
    assert scenario.config.hardware.topology.ncpus == 16
    assert scenario.rules == "source+find2_full=True"
    assert scenario.schedule.text == "app:2,app:end"


@pytest.mark.parametrize(
    ("options", "words"),
    sentences(
        ("a machine that is none", {"machine": "toaster"}, "there is no machine 'toaster'"),
        ("rules that are none", {"rules": "mine"}, "document and source"),
        ("an option that is none", {"rules": "document+find3=on"}, "no rule is called 'find3'"),
        ("an option without value", {"rules": "document+find2_full"}, "OPTION=VALUE"),
        ("a schedule that is none", {"schedule": "app:sideways"}, "schedule item"),
        ("a schedule of a stranger", {"schedule": "app,eve:2"}, "there is no thread eve; there are: app"),
        ("a schedule file that is not there", {"schedule": "@/no/such/file"}, "cannot be read"),
        ("a machine with too few cpus", {"machine": "tiny"}, "this machine has cpus 0 to 0"),
    ),
)
def test_a_bad_replacement_is_a_message(options: dict[str, Any], words: str) -> None:
    thread = '[[thread]]\nname = "app"\ncpu = 1\nscript = "pass"\n'
    with pytest.raises(BadInput) as caught:
        load_text(f'format = 1\ntitle = "t"\n[machine]\ntopology = "1x2x1"\n{thread}', **options)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    "rules",
    [
        Rules(),
        Rules.named("source"),
        Rules.named("document").with_options({"find2_full": False, "nice_rule": "none"}),
        Rules.named("source").with_options({"finalize_offset_fix": True, "thresholds": "newer"}),
    ],
    ids=Rules.name,
)
def test_the_name_of_rules_reads_back(rules: Rules) -> None:
    assert read_rules(rules.name()) == rules


# --- objects, processes, setup ----------------------------------------------------------------------------


def test_objects_get_the_kernels_colours_and_addresses_of_their_own() -> None:
    objects = "".join(
        f'[[object]]\nname = "o{n}"\n{more}\n'
        for n, more in enumerate(["", 'size = "1 MiB"', "pg_color = 5", 'type = "vnode"'])
    )
    scenario = scenario_of(rest=objects)
    vm = scenario.start().vm
    show = scenario.expression
    assert [show(f"object[o{n}].pg_color").show(vm) for n in range(4)] == [0, 23, 5, 69]
    assert [show(f"object[o{n}].size").show(vm) for n in range(4)] == [1024, 256, 1024, 1024]
    assert [show(f"object[o{n}].type").show(vm) for n in range(4)] == [0, 0, 0, 2]
    assert show("object[o1].address - object[o0].address").show(vm) == 512


def test_a_thread_has_the_nice_value_of_its_process() -> None:
    process = '[[process]]\nname = "sh"\npid = 7\nnice = -5\nmaps = [{object = "o", start = 0x1000, pages = 4, prot = "r"}]\n'
    thread = '[[thread]]\nname = "app"\nprocess = "sh"\nscript = "pass"\n'
    scenario = scenario_of(rest=f'[[object]]\nname = "o"\n{process}{thread}')
    assert scenario.expression("thread[app].nice").show(scenario.start().vm) == -5
    assert scenario.form.processes[0].maps[0].start == 0x1000


SETUP = '[setup]\nscript = """\nm = vm_page_alloc(heap, 0, VM_ALLOC_NORMAL)\nvm_page_wakeup(m)\n"""\n'


def test_the_setups_variables_are_seen_by_threads_and_questions() -> None:
    scenario, history = played("vm_page_deactivate(setup.m)\nx = setup.m.queue", SETUP)
    vm = history.vm
    assert scenario.expression("queue_of(setup.m) == PQ_INACTIVE").show(vm) == 1
    assert scenario.expression("thread[setup].var.m == setup.m").show(vm) == 1
    assert len(scenario.programs[0].instructions) == 2  # the setup's variables are constants of the run


def test_the_setup_leaves_no_thread_behind() -> None:
    scenario = scenario_of(rest=f'[[object]]\nname = "heap"\n{SETUP}')
    history = scenario.start()
    vm = history.vm
    assert history.total == 0
    for column in ("thread.state", "thread.pc", "thread.op_start", "token.object", "cpu.current"):
        assert not vm.memory.vector(column).any(), column
    assert vm.thread.state[0] == EMPTY


def test_a_start_is_the_same_each_time() -> None:
    scenario = scenario_of(rest=f'[[object]]\nname = "heap"\n{SETUP}{THREAD.format("pass")}')
    assert scenario.start().vm.memory.digest() == scenario.start().vm.memory.digest()


def test_a_page_variable_is_null_before_it_is_assigned() -> None:
    scenario = scenario_of(
        rest=f'[[object]]\nname = "heap"\n{THREAD.format("m = vm_page_alloc(heap, 0, 1)")}'
    )
    history = scenario.start()
    assert scenario.expression("app.m").show(history.vm) is None


# --- expectations and questions ---------------------------------------------------------------------------


def expecting(expect: str, script: str = "m = page[70]\nvm_page_wakeup(m)") -> list[tuple[str, bool]]:
    scenario = scenario_of(rest=f"{THREAD.format(script)}[[expect]]\n{expect}\n")
    return [(row.that, row.ok) for row in scenario.check_expectations(scenario.start())]


@pytest.mark.parametrize(
    ("expect", "rows"),
    sentences(
        ("the panic that comes", 'outcome = "panic:vm_page_wakeup"', [("outcome == panic:vm_page_wakeup", True)]),
        ("another panic", 'outcome = "panic:vm_page_free"', [("outcome == panic:vm_page_free", False)]),
        ("no outcome named", 'at = "end"\nthat = "1"', [("1", True), ("outcome == completed", False)]),
        ("a moment that never comes", 'at = 99\nthat = "1"', [("1", False), ("outcome == completed", False)]),
        ("what does not hold", 'at = "app:2"\nthat = "app.m.valid"', [("app.m.valid", False), ("outcome == completed", False)]),
    ),
)  # fmt: skip
def test_expectation(expect: str, rows: list[tuple[str, bool]]) -> None:
    assert expecting(expect) == rows


@pytest.mark.parametrize(
    ("script", "outcome"),
    sentences(
        ("to its end", "x = 1", "completed"),
        (
            "a sleep that nobody ends",
            "m = page[70]\nb = vm_page_sbusy_try(m)\nvm_page_busy_wait(m, 1)",
            "blocked",
        ),
        ("a call that spins", "m = page[70]\nvm_page_spin_lock(m)\nvm_page_spin_lock(m)", "deadlock"),
    ),
)
def test_outcome(script: str, outcome: str) -> None:
    assert expecting(f'outcome = "{outcome}"', script) == [(f"outcome == {outcome}", True)]


def test_a_run_that_reaches_its_limit_is_bound() -> None:
    scenario = scenario_of(rest=f"[limits]\nsteps = 50\n{THREAD.format('while 1:' + chr(10) + '    pass')}")
    history = scenario.start()
    assert (scenario.run(history), history.total) == ("bound", 50)
    assert [row.ok for row in scenario.check_expectations(history)] == [False]


def test_a_run_that_is_told_to_stop_is_stopped() -> None:
    scenario = scenario_of(rest=THREAD.format("x = 1\nx = 2\nx = 3"))
    history = scenario.start()
    assert (scenario.run(history, steps=2), history.step) == ("stopped", 2)
    assert scenario.run(history, steps=9) == "completed"


def test_an_expectation_of_a_page_that_is_not_there_does_not_hold_and_says_where() -> None:
    rest = '[[expect]]\nat = 0\nthat = "app.m.valid == 0"\n' + THREAD.format("m = page[5]")
    scenario = scenario_of(rest=rest)
    (row, _) = scenario.check_expectations(scenario.start())
    assert not row.ok
    assert row.found.startswith("at step 0 app.m is NULL here")


QUESTION = """[[question]]
{moment}
ask = "?"
choices = ["PQ_NONE", "PQ_ACTIVE", "0x7"]
answer = "PQ_NONE"
value = "queue_of(app.m)"
why = "."
"""


@pytest.mark.parametrize(
    ("moment", "ok"),
    sentences(
        ("before the line", 'before = "app:2"', True),
        ("after the line before it", 'after = "app:1"', True),
        ("after the line", 'after = "app:2"', False),
    ),
)
def test_question(moment: str, ok: bool) -> None:
    script = "m = vm_page_alloc(NULL, 0, VM_ALLOC_NORMAL)\nvm_page_activate(m)"
    scenario = scenario_of(rest=THREAD.format(script) + QUESTION.format(moment=moment))
    assert [row.ok for row in scenario.answers(scenario.start())] == [ok]


@pytest.mark.parametrize(
    ("moment", "found"),
    [("before = 1", "app.m is NULL here"), ("after = 9000", "there is no step 9000")],
)
def test_a_question_that_cannot_be_asked_has_no_right_answer(moment: str, found: str) -> None:
    script = "m = vm_page_alloc(NULL, 0, VM_ALLOC_NORMAL)\nvm_page_activate(m)"
    scenario = scenario_of(rest=THREAD.format(script) + QUESTION.format(moment=moment))
    (row,) = scenario.answers(scenario.start())
    assert (row.ok, row.value) == (False, None)
    assert row.found.startswith(found)


@pytest.mark.parametrize(("moment", "ok"), [("before = 2", True), ("after = 1", True), ("after = 2", False)])
def test_question_at_a_step(moment: str, ok: bool) -> None:
    script = "m = page[5]\nm = page[900]\nm = page[5]"
    scenario = scenario_of(rest=THREAD.format(script) + QUESTION.format(moment=moment))
    assert [row.ok for row in scenario.answers(scenario.start())] == [ok]


@pytest.mark.parametrize(
    ("given", "right"),
    [
        ("PQ_NONE", True),
        ("0", True),
        ("0x0", True),
        ("no", True),
        ("PQ_ACTIVE", False),
        ("yes", False),
        ("1 - 1", True),
    ],
)
def test_an_answer_counts_by_its_value(given: str, right: bool) -> None:
    script = "m = vm_page_alloc(NULL, 0, VM_ALLOC_NORMAL)\nvm_page_activate(m)"
    scenario = scenario_of(rest=THREAD.format(script) + QUESTION.format(moment='before = "app:2"'))
    assert scenario.right(scenario.questions[0], given, scenario.start()) is right


def test_an_answer_that_is_none_is_a_message() -> None:
    script = "m = vm_page_alloc(NULL, 0, VM_ALLOC_NORMAL)\nvm_page_activate(m)"
    scenario = scenario_of(rest=THREAD.format(script) + QUESTION.format(moment='before = "app:2"'))
    with pytest.raises(BadInput):
        scenario.right(scenario.questions[0], "on the free list", scenario.start())
