"""What is there at step 0: objects, variables, and what the setup script left."""

# ruff: noqa: E501 - a row of a table is one line

from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import BadInput
from engine.machine.tables import EMPTY
from engine.scenario.loader import load
from tests.engine.scenario.small_scenarios import GOOD, SETUP, THREAD, played, scenario_of, sentences


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


def test_the_setups_variables_are_seen_by_threads_and_questions() -> None:
    scenario, history = played("vm_page_deactivate(setup.m)\nx = setup.m.queue", SETUP)
    vm = history.vm
    assert scenario.expression("queue_of(setup.m) == PQ_INACTIVE").show(vm) == 1
    assert scenario.expression("thread[setup].var.m == setup.m").show(vm) == 1
    assert len(scenario.programs[0].instructions) == 2  # the setup's variables are constants of the run


def test_no_thread_remains_after_the_setup() -> None:
    scenario = scenario_of(rest=f'[[object]]\nname = "heap"\n{SETUP}')
    history = scenario.start()
    vm = history.vm
    assert history.total == 0
    for column in ("thread.state", "thread.pc", "thread.op_start", "token.object", "cpu.current"):
        assert not vm.memory.vector(column).any(), column
    assert vm.thread.state[0] == EMPTY


def test_a_page_variable_is_null_before_it_is_assigned() -> None:
    scenario = scenario_of(
        rest=f'[[object]]\nname = "heap"\n{THREAD.format("m = vm_page_alloc(heap, 0, 1)")}'
    )
    history = scenario.start()
    assert scenario.expression("app.m").show(history.vm) is None


@pytest.mark.parametrize(
    ("script", "line", "words"),
    sentences(
        ("it panics", "x = vm_page_alloc(heap, 0, VM_ALLOC_NORMAL)\nvm_page_wakeup(x)\nvm_page_wakeup(x)", 3, "panic"),
        ("it waits for ever", "m = page[100]\nx = vm_page_sbusy_try(m)\nvm_page_busy_wait(m, 1)", 3, "no other thread can wake"),
        ("it never ends", "while 1:\n    pass", 1, "takes more than 1000 steps"),
        ("it divides by zero", "x = 0\ny = 5 // x", 2, "division by zero"),
        ("it keeps an object", "vm_object_hold(heap)", 1, "ends with a spinlock or an object held"),
        ("it looks at NULL", "m = NULL\nq = m.queue", 2, "m is NULL here"),
        ("it takes too many tokens", "for i in range(9):\n    vm_object_hold(heap)", 2, "tokens"),
    ),
)  # fmt: skip
def test_a_setup_that_does_not_complete(script: str, line: int, words: str, tmp_path: Path) -> None:
    path = tmp_path / "bad.toml"
    text = f'[limits]\nsteps = 1000\n[setup]\nscript = """\n{script}\n"""\n[machine]'
    path.write_text(GOOD.replace("[machine]", text))
    scenario = load(str(path))
    with pytest.raises(BadInput) as caught:
        scenario.start()
    assert (caught.value.file, caught.value.line) == (str(path), line + 6)
    assert words in str(caught.value)


WAITS = (
    "m = page[9]\nn = 0\nwhile m != NULL:\n    m = vm_page_alloc(NULL, n, VM_ALLOC_INTERRUPT)\n    n += 1\n"
)
"""The start of a setup that takes all memory; its next line is line 6."""


@pytest.mark.parametrize(
    ("script", "line", "words"),
    sentences(
        ("a loop that does nothing", "x = 1\nwhile x:\n    pass", 3, "livelock: setup repeats the same"),
        ("waits in a loop", f"{WAITS}while TRUE:\n    vm_wait(0)", 7, "which no thread frees"),
        ("a wait within a call", f"{WAITS}vm_wait_pfault(curproc, 0)", 6, "waits for free memory (v_free_count), which no"
         " thread frees (nice 0: waits below 65, 0 are free); give the machine more memory, or let the setup take fewer pages"),
    ),
)  # fmt: skip
def test_a_setup_that_repeats_itself_is_refused_at_once(
    script: str, line: int, words: str, tmp_path: Path
) -> None:
    path = tmp_path / "bad.toml"
    path.write_text(
        f'format = 1\ntitle = "t"\n[limits]\nsteps = 10_000_000\n[setup]\nscript = """\n{script}\n"""\n'
    )
    with pytest.raises(BadInput) as caught:
        load(str(path), machine="1MiB:1x1x1").start()
    assert (caught.value.file, caught.value.line) == (str(path), line + 6)
    assert words in str(caught.value)


def process(maps: str) -> str:
    """An object of two pages and a process that maps it."""
    return f'[[object]]\nname = "heap"\nsize = 2\n[[process]]\nname = "sh"\npid = 7\nnice = -3\nmaps = [{maps}]\n'


def test_a_process_has_its_maps_with_their_protections() -> None:
    protections = {"none": 0, "r": 1, "rw": 3, "rx": 5, "rwx": 7}
    rows = [
        f'{{object = "heap", start = {4096 * 2 * at}, pages = 2, prot = "{prot}"}}'
        for at, prot in enumerate(protections)
    ]
    vm = scenario_of(rest=process(", ".join(rows))).start().vm
    found = [e for e in range(vm.map_entry.length) if vm.map_entry.used[e]]
    assert sorted((vm.map_entry.start[e], vm.map_entry.prot[e]) for e in found) == [
        (2 * at, prot) for at, prot in enumerate(protections.values())
    ]
    assert {vm.map_entry.pages[e] for e in found} == {2}
    assert (vm.process_names, vm.process.pid[0], vm.process.nice[0]) == (("sh",), 7, -3)


def test_maps_that_overlap_are_a_message() -> None:
    maps = '{object = "heap", start = 0, pages = 2}, {object = "heap", start = 4096, pages = 1}'
    with pytest.raises(BadInput, match="process sh: maps overlap at 0x1000"):
        scenario_of(rest=process(maps)).start()


def test_an_object_is_unclaimed_and_not_held() -> None:
    vm = scenario_of(rest='[[object]]\nname = "heap"\n[[object]]\nname = "disk"\n').start().vm
    assert vm.object_names == ("heap", "disk")
    assert [vm.object.unclaimed[obj] for obj in range(3)] == [1, 1, 0]
    assert [vm.object.token_owner[obj] for obj in range(2)] == [0, 0]


def test_variables_start_as_null_or_0() -> None:
    script = "m = page[5]\nobj = heap\nn = 7\n"
    scenario = scenario_of(rest=f'[[object]]\nname = "heap"\n{THREAD.format(script)}')
    vm = scenario.start().vm
    variables = scenario.names.variables["app"]
    assert [vm.variable.value[variables[name].slot] for name in ("m", "obj", "n")] == [-1, -1, 0]


def test_a_setup_takes_no_steps_of_the_run_and_its_io_is_finished() -> None:
    rest = process('{object = "heap", start = 0x10000, pages = 2}')
    setup = '[setup]\nscript = """\nwrite(0x10000, 7)\n"""\n'
    scenario = scenario_of(
        rest=setup + rest + '[[thread]]\nname = "app"\nprocess = "sh"\nscript = "read(0x10000)"\n'
    )
    history = scenario.start()
    assert scenario.run(history) == "completed"
    # Its page is there already: the script's read takes no fault.
    assert (history.total, history.vm.process.minflt[0]) == (1, 1)
