"""CELL text: every cell has one name, and the name leads back to it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.constants import NULL, PAT_WRITE_BACK, PQ_COUNT, PQ_FREE, PQ_INACTIVE, PQ_NONE
from engine.errors import BadInput
from engine.kernel.boot.sequence import boot
from engine.language.naming import (
    Keyed,
    held_pages,
    name_of,
    object_text,
    page_name,
    page_text,
    parse_cell,
    queue_text,
    shown_value,
    thread_text,
)
from engine.language.symbols import Kind, Names, Variable
from engine.machine.machine import Machine, MachineConfig
from engine.machine.tables import EMPTY, READY
from engine.machine.topology import parse_spec


def sentences(*rows: tuple[Any, ...]) -> list[Any]:
    """Rows of a table whose first column is the test's id."""
    return [pytest.param(*row[1:], id=row[0]) for row in rows]


NAMES = Names(
    ("heap", "disk"),
    ("app", "pager"),
    {
        "setup": {"x": Variable(0)},
        "app": {"m": Variable(1, Kind.PAGE), "$1": Variable(2, Kind.OBJECT)},
        "pager": {"n": Variable(3)},
    },
)
_hardware = parse_spec("4MiB:1x2x1")
assert _hardware is not None
VM = boot(MachineConfig(_hardware))
VM.resident_slots.slot((1, 70))
VM.resident_slots.slot((VM.vm_token, -1))
VM.swap_slots.slot((0, 3))


@pytest.mark.slow
@settings(max_examples=400)
@given(st.data())
def test_a_name_leads_back_to_its_cell(data: st.DataObject) -> None:
    place = data.draw(st.sampled_from(VM.memory.columns))
    edges = [0, min(1, place.length - 1), min(3, place.length - 1), place.length - 1]
    index = data.draw(st.one_of(st.sampled_from(edges), st.integers(0, place.length - 1)))
    address = place.base + index
    names = data.draw(st.sampled_from([NAMES, Names()]))
    assert parse_cell(VM, name_of(VM, address, names), names) == address


def test_cell_names_are_unique() -> None:
    addresses = [place.base + index for place in VM.memory.columns for index in range(min(place.length, 40))]
    assert len({name_of(VM, address, NAMES) for address in addresses}) == len(addresses)


@pytest.mark.parametrize(
    ("name", "column", "index"),
    sentences(
        ("a page by its physical number", "page[0x3f1].busy_count", "page.busy_count", 0x3F1),
        ("a fake page", "page[-1].flags", "page.flags", 1024),
        ("a queue", "queue[FREE,5].lcnt", "queue.lcnt", PQ_FREE + 5),
        ("no queue", "queue[NONE,0].spin", "queue.spin", 0),
        ("a global counter", "vmstats.v_free_count", "vmstats.count", 10),
        ("a cpu's view", "cpu[1].view.v_free_count", "gd_vmstats.view", 17 + 10),
        ("a cpu's adjustment", "cpu[0].adj.v_cache_count", "gd_vmstats.adj", 15),
        ("what a rollup has taken", "cpu[1].taken.v_free_count", "gd_vmstats.taken", 17 + 10),
        ("a cpu's counter", "cpu[1].cnt.v_tfree", "cpu.v_tfree", 1),
        ("what runs on a cpu", "cpu[1].current", "cpu.current", 1),
        ("a global variable", "global.ticks", "global.ticks", 0),
        ("an object", "object[disk].pg_color", "object.pg_color", 1),
        ("an object without a name", "object[7].type", "object.type", 7),
        ("the token of memory waits", "object[vm_token].token_owner", "object.token_owner", 64),
        ("a page of an object", "object[disk].page[70]", "resident.page", 0),
        ("a swap block of an object", "object[heap].swap[3]", "swap.block", 0),
        ("a cell that no page has needed", "resident[9].page", "resident.page", 9),
        ("a thread", "thread[pager].wake", "thread.wake", 1),
        ("a thread without a name", "thread[9].state", "thread.state", 9),
        ("a daemon's row", "daemon[1].passes", "daemon.passes", 1),
        ("a scan's marker", "marker[pager].next", "page.next", VM.marker_base + 1),
        ("a thread's token", "thread[pager].token[2].object", "token.object", 10),
        ("a thread's variable", "thread[app].var.m", "variable.value", 1),
        ("a hidden variable", "thread[app].var.$1", "variable.value", 2),
        ("the setup's variable", "thread[setup].var.x", "variable.value", 0),
        ("a variable of no thread", "variable[17].value", "variable.value", 17),
        ("a slot of the hash", "hash[7].object", "hash.object", 7),
        ("a block of the reserve", "alist[300].free", "alist.free", 300),
    ),
)  # fmt: skip
def test_name(name: str, column: str, index: int) -> None:
    address = VM.memory.address(column, index)
    assert name_of(VM, address, NAMES) == name
    assert parse_cell(VM, name, NAMES) == address


@pytest.mark.parametrize(
    ("text", "name"),
    sentences(
        ("in decimal", "page[1009].flags", "page[0x3f1].flags"),
        ("in capitals", "page[0X3F1].flags", "page[0x3f1].flags"),
        ("with the long name of the type", "queue[PQ_ACTIVE,0x20].lcnt", "queue[ACTIVE,32].lcnt"),
        ("with spaces", " queue[ FREE , 5 ] . lcnt ", "queue[FREE,5].lcnt"),
        ("an object by its number", "object[1].type", "object[disk].type"),
        ("a cpu's counter without cnt", "cpu[0].v_tfree", "cpu[0].cnt.v_tfree"),
    ),
)
def test_other_ways_to_write_it(text: str, name: str) -> None:
    address = parse_cell(VM, text, NAMES)
    assert isinstance(address, int)
    assert name_of(VM, address, NAMES) == name


def test_a_page_of_an_object_that_was_never_there_is_a_reference() -> None:
    cell = parse_cell(VM, "object[heap].page[0x10]", NAMES)
    assert cell == Keyed("page", 0, 16)
    assert isinstance(cell, Keyed)
    assert cell.address(VM) is None
    slot = VM.resident_slots.slot((0, 16))
    assert cell.address(VM) == VM.memory.address("resident.page", slot)


@pytest.mark.parametrize(
    ("text", "words"),
    sentences(
        ("nothing", "", "is not a cell"),
        ("a word", "page", "is not a cell"),
        ("no such table", "foo[3].x", "is not a cell"),
        ("an index missing", "page.flags", "is not a cell"),
        ("an index too many", "vmstats[0].v_free_count", "is not a cell"),
        ("no such field", "page[0x3f1].colour", "use one of queue, pc"),
        ("no such page", "page[0x999].flags", "this machine has 0x0 to 0x3ff"),
        ("no number", "page[abc].flags", "is not the number of a page"),
        ("a number without end", f"page[{'9' * 100}].flags", "is not the number of a page"),
        ("a text without end", "page[" * 100, "is not a cell"),
        ("no such type", "queue[WARM,5].lcnt", "is not a queue type"),
        ("no such colour", "queue[FREE,1024].lcnt", "0 to 1023"),
        ("no colour", "queue[FREE].lcnt", "is not the number of a colour"),
        ("no such cpu", "cpu[2].view.v_free_count", "0 to 1"),
        ("no such counter", "vmstats.v_fun_count", "v_free_count"),
        ("no such object", "object[stack].type", "use one of heap, disk"),
        ("no such thread", "thread[bob].state", "use one of app, pager"),
        ("no such variable", "thread[app].var.q", "its variables are: m"),
        ("no such token", "thread[app].token[8].mode", "0 to 7"),
        ("no such slot", "hash[99999].m", "there is no hash[99999]"),
        ("digits of another script", "page[٣].flags", "is not the number of a page"),
    ),
)  # fmt: skip
def test_no_such_cell(text: str, words: str) -> None:
    with pytest.raises(BadInput) as caught:
        parse_cell(VM, text, NAMES)
    assert words in str(caught.value)


@given(st.text(max_size=80))
def test_any_text_is_a_cell_or_a_message(text: str) -> None:
    try:
        cell = parse_cell(VM, text, NAMES)
    except BadInput:
        return
    assert isinstance(cell, Keyed) or 0 <= cell < VM.memory.size


def test_an_address_outside_the_memory_is_a_message() -> None:
    with pytest.raises(BadInput, match="there is no cell"):
        name_of(VM, VM.memory.size, NAMES)


@pytest.mark.parametrize(
    ("name", "raw", "shown"),
    sentences(
        ("a number is itself", "page[0x3f1].busy_count", 0x80000000, 0x80000000),
        ("a bias is added", "page[0x3f1].pat_mode", 0, PAT_WRITE_BACK),
        ("a page is its physical number", "queue[FREE,5].head", 0x3F1, 0x3F1),
        ("a fake page is below 0", "queue[FREE,5].head", 1024, -1),
        ("NULL for a page", "page[0x3f1].next", NULL, None),
        ("NULL for an object, by its bias", "page[0x3f1].object", 0, None),
        ("an object is its index", "page[0x3f1].object", 2, 1),
        ("a long without sign", "page[0x3f1].pindex", -1, (1 << 64) - 1),
        ("lastq is a number though it is -1", "queue[FREE,5].lastq", -1, -1),
        ("no thread runs", "cpu[0].current", 0, None),
        ("a variable that holds a page", "thread[app].var.m", 0x3F1, 0x3F1),
        ("a variable that holds NULL", "thread[app].var.m", NULL, None),
        ("a variable that holds a number", "thread[pager].var.n", -1, -1),
    ),
)
def test_shown_value(name: str, raw: int, shown: int | None) -> None:
    address = parse_cell(VM, name, NAMES)
    assert isinstance(address, int)
    assert shown_value(VM, address, raw, NAMES) == shown


def test_a_page_number_counts_from_the_first_page_of_memory() -> None:
    hardware = parse_spec("4MiB:1x1x1")
    assert hardware is not None
    moved = boot(MachineConfig(type(hardware)("moved", hardware.topology, ((0x100000, 0x500000),))))
    address = moved.memory.address("page.flags", 5)
    assert name_of(moved, address) == "page[0x105].flags"
    assert parse_cell(moved, "page[0x105].flags") == address
    assert shown_value(moved, moved.memory.address("page.next", 5), 7) == 0x107


# --- what a cell is of ------------------------------------------------------------------------------------


@pytest.fixture
def named(monkeypatch: pytest.MonkeyPatch) -> Machine:
    """The machine, whose objects and threads have names."""
    monkeypatch.setattr(VM, "object_names", NAMES.objects)
    monkeypatch.setattr(VM, "thread_names", NAMES.threads)
    return VM


def test_a_page_is_named_by_its_physical_number(named: Machine) -> None:
    vm = named
    assert page_text(vm, 7) == f"page[{vm.first_page + 7:#x}]"
    assert page_text(vm, NULL) == "NULL"
    for m in (-2, vm.page.length):
        assert page_text(vm, m) == f"not a page (index {m})"


def test_a_page_that_stands_for_device_memory_has_a_number_below_zero(named: Machine) -> None:
    vm = named
    number = vm.page_number(vm.fake_base)
    assert number < 0
    assert page_text(vm, vm.fake_base) == f"page[{number}]"


@pytest.mark.parametrize(
    ("q", "name"),
    [
        (PQ_NONE, "queue[NONE,0]"),
        (PQ_FREE + 5, "queue[FREE,5]"),
        (PQ_INACTIVE - 1, "queue[FREE,1023]"),
        (PQ_COUNT - 1, "queue[HOLD,1023]"),
    ],
)
def test_a_queue_is_named_by_its_type_and_colour(q: int, name: str) -> None:
    assert queue_text(q) == name


def test_an_object_is_named_as_in_its_scenario_or_by_its_row(named: Machine) -> None:
    vm = named
    assert [object_text(vm, obj) for obj in (0, 1)] == ["object[heap]", "object[disk]"]
    assert object_text(vm, len(vm.object_names)) == f"object[{len(vm.object_names)}]"
    assert object_text(vm, vm.vm_token) == "object[vm_token]"
    assert object_text(vm, NULL) == f"object[{NULL}]"


def test_a_thread_is_named_as_in_its_scenario_or_by_its_row(named: Machine) -> None:
    vm = named
    assert thread_text(vm, 1) == "thread[pager]"
    assert thread_text(vm, len(vm.thread_names)) == f"thread[{len(vm.thread_names)}]"
    assert thread_text(vm, NULL) == f"thread[{NULL}]"


PAGE_NAMES = Names(
    ("heap", "disk"),
    ("app", "late"),
    {
        "setup": {"first": Variable(0, Kind.PAGE)},
        "app": {
            "m": Variable(1, Kind.PAGE),
            "$1": Variable(2, Kind.PAGE),
            "count": Variable(3),
            "again": Variable(4, Kind.PAGE),
        },
        "late": {"p": Variable(5, Kind.PAGE)},
    },
)


@pytest.fixture
def holding(named: Machine) -> Machine:
    """Thread app exists, late does not; no variable holds a page."""
    for slot in (0, 1, 2, 4):
        named.variable.value[slot] = NULL
    named.thread.state[0], named.thread.state[1] = READY, EMPTY
    return named


@pytest.mark.parametrize(
    ("values", "name"),
    sentences(
        ("one variable", {1: 9}, "app.m"),
        ("of several, the first in the file", {4: 9, 1: 9}, "app.m"),
        ("a thread comes before the setup", {4: 9, 0: 9}, "app.again"),
        ("an object comes before the setup", {0: 9}, "heap[3]"),
        ("a hidden variable does not count", {2: 9}, "heap[3]"),
        ("nor is a number that equals the index", {3: 9}, "heap[3]"),
        ("nor a variable of a thread that has not started", {5: 9}, "heap[3]"),
        ("nor one that holds another page", {1: 8}, "heap[3]"),
    ),
)
def test_people_name_a_page_by_the_variable_that_holds_it(
    holding: Machine, values: dict[int, int], name: str
) -> None:
    vm = holding
    vm.page.object[9], vm.page.pindex[9] = 0, 3
    for slot, value in values.items():
        vm.variable.value[slot] = value
    assert page_name(vm, 9, PAGE_NAMES) == name
    assert page_name(vm, 9, PAGE_NAMES, held_pages(vm, PAGE_NAMES)) == name


def test_people_name_a_page_without_variable_and_object_by_its_number(holding: Machine) -> None:
    vm = holding
    assert page_name(vm, 11, PAGE_NAMES) == f"{vm.first_page + 11:#x}"
    assert page_name(vm, vm.fake_base, PAGE_NAMES) == "fake 1"
    vm.variable.value[0] = 11
    assert page_name(vm, 11, PAGE_NAMES) == "setup.first"
    assert page_name(vm, 11, PAGE_NAMES, held_pages(vm, PAGE_NAMES, freed={11})) == f"{vm.first_page + 11:#x}"
    vm.page.object[11], vm.page.pindex[11] = 7, 2
    assert page_name(vm, 11, PAGE_NAMES) == "7[2]"


def test_held_pages_are_pages_only(holding: Machine) -> None:
    holding.variable.value[1], holding.variable.value[4] = 5, holding.marker_base
    assert held_pages(holding, PAGE_NAMES) == {5: "app.m"}
    assert held_pages(holding, PAGE_NAMES, freed={5}) == {5: "app.m"}, "a thread names its page"
