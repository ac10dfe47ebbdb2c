"""The values of cells: with the meaning of a number in text, plain in JSON."""

from __future__ import annotations

import argparse

import pytest

from engine.constants import NULL
from engine.errors import BadInput
from engine.scenario.loader import load
from explorer.session.session import Session
from explorer.text.cells import Cells, run_to


@pytest.fixture
def cells(life: Session) -> Cells:
    """Return the cells of life-of-a-page, with all of its steps recorded."""
    life.history.extend(1000)
    return Cells(life.history, life.names)


@pytest.mark.parametrize(
    ("step", "name", "old", "new"),
    [
        (10, "page[0xc03].busy_count", "0", "0x80000000 (LOCKED)"),
        (11, "page[0xc03].queue", "1 (FREE[0])", "0 (NONE)"),
        (11, "queue[FREE,0].lcnt", "3", "2"),
        (19, "page[0xc03].object", "NULL", "heap"),
        (19, "object[heap].page[0]", "NULL", "page 0xc03"),
        (24, "thread[app].var.m", "NULL", "page 0xc03"),
        (2, "object[heap].token_owner", "0", "1 (app)"),
        (32, "cpu[1].current", "1 (pager)", "NULL"),
        (31, "page[0xc03].flags", "0", "0x80 (REFERENCED)"),
        (32, "thread[pager].state", "0 (ready)", "1 (sleeping)"),
        (33, "page[0xc03].valid", "0x0", "0xff"),
        (39, "page[0xc03].act_count", "0", "5"),
        (41, "page[0xc03].queue", "0 (NONE)", "2049 (ACTIVE[0])"),
        (6, "thread[app].queue_spin", "0", "1 (FREE[0])"),
        (29, "thread[pager].chan", "0", "0x100000c03 (page 0xc03)"),
        (2, "thread[app].token[0].mode", "0 (free)", "1 (exclusive)"),
    ],
)
def test_the_text_of_a_cell_has_the_meaning_of_its_number(
    cells: Cells, step: int, name: str, old: str, new: str
) -> None:
    writes = cells.history.journal.writes_of(step)
    address, *raw = next(write for write in writes if cells.name(write[0]) == name)
    assert [cells.words(address, value) for value in raw] == [old, new]


def test_in_json_a_page_is_its_number_and_null_is_null(cells: Cells) -> None:
    vm = cells.history.vm
    variable = vm.memory.address("variable.value", cells.names.variables["app"]["m"].slot)
    m = vm.page_index(0xC03)
    assert [cells.value(variable, raw) for raw in (m, NULL)] == [0xC03, None]
    assert cells.value(vm.memory.address("page.act_count", m), 5) == 5


def test_a_thread_has_its_name_and_an_event_has_none(cells: Cells) -> None:
    assert [cells.thread(t) for t in (0, 1, None)] == ["app", "pager", None]


def test_the_line_of_a_step_is_where_its_thread_was_before_it(cells: Cells) -> None:
    # app allocates at line 2 in steps 1 to 24, and sets valid at line 4 in step 33.
    assert [cells.line(step, 0) for step in (1, 24, 25, 33, 34)] == [2, 2, 4, 4, 6]
    assert cells.history.step == 33


def test_a_command_runs_its_scenario_to_a_moment() -> None:
    def moment(at: str) -> tuple[str, int, int]:
        words = argparse.Namespace(scenario="life-of-a-page", machine=None, sets=[], at=at)
        scenario, history, step = run_to(words)
        return scenario.name, step, history.step

    assert moment("12") == ("life-of-a-page", 12, 12)
    assert moment("app:4") == ("life-of-a-page", 24, 24)  # the first step after which the line is next
    assert moment("end") == ("life-of-a-page", 145, 145)
    with pytest.raises(BadInput, match="line 3 of app has no code"):
        moment("app:3")


def test_the_daemons_phase_and_a_page_table_entry_have_words() -> None:
    scenario = load("usage-pattern-fault")
    history = scenario.start()
    scenario.run(history)
    cells, memory = Cells(history, scenario.names), history.vm.memory
    assert cells.words(memory.address("pte.entry", 0), 0x40023) == "0x40023 (page 0x40, V|RW|A)"
    assert cells.words(memory.address("pte.entry", 0), 0) == "0"
    assert cells.words(memory.address("daemon.phase", 0), 2) == "2 (hold)"
