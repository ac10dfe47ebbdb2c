"""Which reads explain a write: of what it is about, and of what the script line itself read."""

from __future__ import annotations

import pytest

from engine.debug.explaining import Named, explains, named, nearness
from engine.debug.why import cause_of, ending, why
from engine.language.naming import name_of, parse_cell
from engine.machine.machine import Machine
from engine.run.history import History
from engine.scenario.loader import Scenario, load


def ran(name: str, steps: int) -> tuple[Scenario, History]:
    scenario = load(name)
    history = scenario.start()
    history.extend(steps)
    return scenario, history


LIFE = ran("life-of-a-page", 140)


def about(page: int, *direct: int) -> Named:
    vm = LIFE[1].vm
    m = vm.page_index(page)
    obj = LIFE[0].names.objects.index("heap")
    cell = vm.memory.address("page.queue", m)
    return Named(cell, ("page", m), frozenset({m}), frozenset({obj}), frozenset(direct))


def address(vm: Machine, text: str) -> int:
    found = parse_cell(vm, text, LIFE[0].names)
    assert isinstance(found, int)
    return found


@pytest.mark.parametrize(
    ("cell", "explaining"),
    [
        ("page[0xc03].busy_count", True),
        ("page[0xc03].pc", False),  # no page changes its colour
        ("page[0xc03].next", False),
        ("page[0xc03].spin", False),
        ("page[0xc04].busy_count", False),  # another page
        ("object[heap].flags", True),
        ("object[heap].paging_in_progress", False),
        ("object[heap].hold_count", False),
        ("global.vm_pages_waiting", False),
        ("global.cpu_topology_core_ids", False),
        ("thread[app].flags", False),
        ("thread[app].state", False),
        ("vmstats.v_free_count", False),
    ],
)
def test_a_read_explains_if_it_is_of_what_the_write_is_about(cell: str, explaining: bool) -> None:
    history = LIFE[1]
    at = address(history.vm, cell)
    assert explains(history, at, 1, True, about(0xC03)) is explaining


def test_what_the_script_line_reads_explains_whatever_it_is_except_who_runs() -> None:
    history = LIFE[1]
    cells = [address(history.vm, text) for text in ("vmstats.v_free_count", "page[0xc04].queue")]
    assert all(explains(history, cell, 1, True, about(0xC03, *cells)) for cell in cells)
    state = address(history.vm, "thread[app].state")
    assert not explains(history, state, 1, True, about(0xC03, state))


def test_a_setting_explains_only_if_the_run_changed_it() -> None:
    history = LIFE[1]
    cell = address(history.vm, "global.vm_max_launder")
    assert explains(history, cell, 1, True, about(0xC03))
    assert not explains(history, cell, 1, False, about(0xC03))


def test_the_row_is_nearest_then_what_it_is_about() -> None:
    history = LIFE[1]
    cells = [
        address(history.vm, text)
        for text in ("thread[app].signal", "page[0xc03].flags", "object[heap].flags", "page[0xc04].flags")
    ]
    assert [nearness(history, cell, about(0xC03)) for cell in cells] == [-1, 0, 1, 2]


def test_a_write_of_a_resident_cell_is_about_its_page() -> None:
    scenario, history = LIFE
    cell = address(history.vm, "object[heap].page[0]")
    found = named(history, cell, history.vm.page_index(0xC03), ())
    assert history.vm.page_index(0xC03) in found.pages
    assert (found.cell, found.direct) == (cell, frozenset())
    cause = cause_of(history, cell, 20)
    assert cause is not None
    names = {name_of(history.vm, read.address, scenario.names) for read in cause.reads}
    assert "page[0xc03].busy_count" in names
    assert not any("topology" in name or name.endswith((".pc", "pg_color")) for name in names)


@pytest.mark.parametrize(
    ("name", "steps", "cell", "because"),
    [
        ("twenty-dontneeds", 420, "page[0x39a].queue", "thread[app].var.i"),
        (
            "clean-is-cheap",
            400,
            "page[0x5d].queue",
            "thread[pager].var.clean",
        ),  # not that of clean.pc
        ("rescue-or-steal", 37, "page[0x5d].queue", "page[0x5d].queue"),  # it was CACHE since setup
    ],
)
def test_the_first_reason_of_a_chain_is_not_a_counter_a_lock_or_a_nameless_value(
    name: str, steps: int, cell: str, because: str
) -> None:
    scenario, history = ran(name, steps)
    found = parse_cell(history.vm, cell, scenario.names)
    assert isinstance(found, int)
    chain = why(history, found, steps, depth=2)
    assert chain[0].because is not None
    assert name_of(history.vm, chain[0].because.address, scenario.names) == because


def test_the_hidden_counter_of_a_loop_is_a_counter() -> None:
    scenario, history = ran("twenty-dontneeds", 510)
    cell = parse_cell(history.vm, "thread[app].var.i", scenario.names)
    assert isinstance(cell, int)
    (cause,) = why(history, cell, 510)
    assert (cause.because, cause.reads) == (None, ())
    assert ending(history, cause).startswith("apart from counters")
    (first, *_) = why(history, cell, 510, everything=True)
    assert "$" in {
        name_of(history.vm, read.address, scenario.names).rpartition(".")[2][0] for read in first.reads
    }


@pytest.mark.slow
def test_a_page_that_an_exit_frees_is_free_because_of_the_kill() -> None:
    scenario, history = ran("swap-full", 7926)
    cell = parse_cell(history.vm, "page[0x371].queue", scenario.names)
    assert isinstance(cell, int)
    free, kill, *_ = why(history, cell, 7926, depth=2)
    assert free.because is not None
    assert name_of(history.vm, free.because.address, scenario.names) == "thread[growing].signal"
    assert (kill.action, kill.stack[0].function) == ("send SIGKILL", "vm_pageout_thread")
