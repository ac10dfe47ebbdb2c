"""The arguments of a trace's operations: what each reader gives, and what it refuses in which way."""

from __future__ import annotations

from typing import Any

import pytest

from engine.constants import NULL, OBJT_VNODE, PQ_ACTIVE, V_FREE_MIN
from engine.errors import BadInput
from engine.inputs.traces import values
from engine.inputs.traces.values import Impossible, ObjectNumbers, Reader, between, whole, word
from engine.kernel.boot.sequence import boot
from engine.machine.machine import Capacity, Machine, MachineConfig
from engine.machine.topology import Hardware, Topology

FIRST = 256
"""Number of the first page of memory."""


@pytest.fixture(scope="module")
def vm() -> Machine:
    """Pages 0x100 to 0x4ff, 2 cpus, room for 3 objects and 5 threads."""
    hardware = Hardware("values", Topology.grid(1, 2, 1), ((0x100000, 0x500000),))
    return boot(MachineConfig(hardware, capacity=Capacity(objects=3, threads=5)))


@pytest.fixture
def objects() -> ObjectNumbers:
    """Objects 1 and 7 of a trace are objects 0 and 1 of the model; one more fits."""
    known = ObjectNumbers(3)
    assert (known.add(1), known.add(7)) == (0, 1)
    return known


READ: list[tuple[str, Reader, Any, Any]] = [
    ("a page is its index", values.page, FIRST + 5, 5),
    ("pages are their indices", values.pages, [FIRST, FIRST + 9], (0, 9)),
    ("an object is its index", values.known_object, 7, 1),
    ("object 0 is NULL", values.object_or_null, 0, NULL),
    ("a pindex is signed as the cells keep it", values.pindex, (1 << 64) - 1, -1),
    ("the same written signed", values.pindex, -1, -1),
    ("the largest positive pindex", values.pindex, (1 << 63) - 1, (1 << 63) - 1),
    ("the one after it is the lowest", values.pindex, 1 << 63, -(1 << 63)),
    ("the last cpu", values.cpu, 1, 1),
    ("the last thread", values.thread, 4, 4),
    ("flags that name the last cpu", values.request, 1 << 16 | 0x201, 1 << 16 | 0x201),
    ("a cpu's number without the flag means nothing", values.request, 9 << 16 | 1, 9 << 16 | 1),
    ("a queue type is its first queue", values.base_queue, "ACTIVE", PQ_ACTIVE),
    ("an object type is its number", values.object_type, "vnode", OBJT_VNODE),
    ("a threshold is its field", values.threshold, "v_free_min", V_FREE_MIN),
    ("the ends of a range belong to it", between(-2, 3), -2, -2),
    ("at both ends", between(-2, 3), 3, 3),
]


@pytest.mark.parametrize(("read", "value", "result"), [row[1:] for row in READ], ids=[row[0] for row in READ])
def test_value(vm: Machine, objects: ObjectNumbers, read: Reader, value: Any, result: Any) -> None:
    assert read(vm, objects, value, "x") == result


IMPOSSIBLE: list[tuple[str, Reader, Any, str]] = [
    ("the page before the first", values.page, FIRST - 1, "no such page"),
    ("the page after the last", values.page, FIRST + 1024, "no such page"),
    ("NULL where an object is needed", values.known_object, 0, "no object"),
    ("an object that was not created", values.known_object, 2, "no such object"),
    ("an object that is there already", values.new_object, 7, "not a new object's number"),
    ("object 0 is never new", values.new_object, 0, "not a new object's number"),
    ("a pindex of 65 bits", values.pindex, 1 << 64, "64 bits"),
    ("a pindex below 64 bits", values.pindex, -(1 << 63) - 1, "64 bits"),
    ("a cpu after the last", values.cpu, 2, "2 cpus"),
    ("a thread after the last", values.thread, 5, "5 threads"),
    ("flags that name no cpu", values.request, 2 << 16 | 0x201, "2 cpus"),
    ("flags of 33 bits", values.request, 1 << 32, "32 bits"),
    ("no queue", values.base_queue, "NONE", "no such queue type"),
    ("a type of queue that is unknown", values.base_queue, "WARM", "no such queue type"),
    ("a type of object that is unknown", values.object_type, "tea", "no such object type"),
    ("a threshold that is unknown", values.threshold, "v_tea", "no such threshold"),
    ("below a range", between(-2, 3), -3, "from -2 to 3"),
    ("above a range", between(-2, 3), 4, "from -2 to 3"),
]


@pytest.mark.parametrize(
    ("read", "value", "model"), [row[1:] for row in IMPOSSIBLE], ids=[row[0] for row in IMPOSSIBLE]
)
def test_a_number_that_this_machine_cannot_have_is_impossible(
    vm: Machine, objects: ObjectNumbers, read: Reader, value: Any, model: str
) -> None:
    with pytest.raises(Impossible) as caught:
        read(vm, objects, value, "x")
    assert (caught.value.key, caught.value.value, caught.value.model) == ("args", {"x": value}, model)


NUMBERS = (values.page, values.known_object, values.new_object, values.pindex, values.cpu, values.thread)
TEXTS = (values.base_queue, values.object_type, values.threshold)


@pytest.mark.parametrize("read", [*NUMBERS, values.request, values.FLAG])
@pytest.mark.parametrize("value", ["1", None, True, 1.5])
def test_a_bad_number_is_refused(vm: Machine, objects: ObjectNumbers, read: Reader, value: Any) -> None:
    with pytest.raises(BadInput, match=r"`x` is .*; it must be an integer"):
        read(vm, objects, value, "x")


@pytest.mark.parametrize("read", TEXTS)
def test_a_bad_string_is_refused(vm: Machine, objects: ObjectNumbers, read: Reader) -> None:
    with pytest.raises(BadInput, match="`x` is 5; it must be a string"):
        read(vm, objects, 5, "x")


@pytest.mark.parametrize("value", [7, [], "all"])
def test_pages_are_a_list_of_at_least_one(vm: Machine, objects: ObjectNumbers, value: Any) -> None:
    with pytest.raises(BadInput, match="it must be a list of pages"):
        values.pages(vm, objects, value, "x")


def test_a_new_object_is_the_models_next_one_until_none_fits(vm: Machine, objects: ObjectNumbers) -> None:
    assert values.new_object(vm, objects, 40, "object") == 2
    assert values.known_object(vm, objects, 40, "object") == 2
    assert objects.id_of == {0: 1, 1: 7, 2: 40}
    with pytest.raises(Impossible, match="only 3 objects fit"):
        values.new_object(vm, objects, 41, "object")


def test_a_number_or_a_text_is_itself() -> None:
    assert (whole(-3, "x"), word("x", "x")) == (-3, "x")
    with pytest.raises(BadInput, match="`x` is true; it must be an integer"):
        whole(True, "x")
