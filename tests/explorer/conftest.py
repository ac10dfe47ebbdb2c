"""Histories made by hand, so that the screen's tests depend only on the engine; and one from the library."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from engine.constants import NULL, VM_ALLOC_NORMAL
from engine.kernel.age import vm_page_activate, vm_page_deactivate
from engine.kernel.alloc import vm_page_alloc
from engine.kernel.boot.sequence import boot
from engine.kernel.busy import vm_page_busy_wait, vm_page_wakeup
from engine.kernel.free import vm_page_free_toq
from engine.kernel.objects import vm_object_drop, vm_object_hold
from engine.language.symbols import Kind, Names, Variable
from engine.machine.machine import Machine, MachineConfig
from engine.machine.topology import parse_spec
from engine.run.history import History
from engine.run.program import Call, Evaluate, KernelFunction, Program
from engine.scenario.loader import Scenario, load, load_text
from explorer.session.session import Session
from tests.explorer.screen_at_rest import waiting_by_the_loop

LIFE = """\
vm_object_hold(heap)
m = vm_page_alloc(heap, 0, VM_ALLOC_NORMAL)
vm_page_wakeup(m)
vm_page_activate(m)
vm_page_busy_wait(m, 1)
vm_page_deactivate(m)
vm_page_free(m)
vm_object_drop(heap)"""

OTHER = """\
p = vm_page_alloc(NULL, 5, VM_ALLOC_NORMAL)
vm_page_activate(p)
vm_page_free(p)"""

PANICS = """\
m = vm_page_alloc(NULL, 0, VM_ALLOC_NORMAL)
vm_page_wakeup(m)
# the page is not busy now
vm_page_wakeup(m)"""


def const(value: int) -> Evaluate:
    return lambda _: value


def variable(slot: int) -> Evaluate:
    return lambda vm: vm.variable.value[slot]


CallAt = tuple[int, KernelFunction, tuple[Evaluate, ...], tuple[int, ...]]


def program(name: str, cpu: int, text: str, calls: list[CallAt], names: dict[str, int]) -> Program:
    """Make a program whose n-th call is at the given line of `text`."""
    lines = tuple(text.splitlines())
    instructions = tuple(
        Call(at, lines[at - 1], function.__name__, function, arguments, slots, n + 1)
        for n, (at, function, arguments, slots) in enumerate(calls)
    )
    return Program(name, cpu, lines, instructions, names)


def whole_life(cpu: int = 0) -> Program:
    heap, m = const(0), variable(0)
    calls: list[CallAt] = [
        (1, vm_object_hold, (heap,), ()),
        (2, vm_page_alloc, (heap, const(0), const(VM_ALLOC_NORMAL)), (0,)),
        (3, vm_page_wakeup, (m,), ()),
        (4, vm_page_activate, (m,), ()),
        (5, vm_page_busy_wait, (m, const(1)), ()),
        (6, vm_page_deactivate, (m,), ()),
        (7, vm_page_free_toq, (m,), ()),
        (8, vm_object_drop, (heap,), ()),
    ]
    return program("app", cpu, LIFE, calls, {"m": 0})


def other(cpu: int = 1) -> Program:
    p = variable(1)
    calls: list[CallAt] = [
        (1, vm_page_alloc, (const(NULL), const(5), const(VM_ALLOC_NORMAL)), (1,)),
        (2, vm_page_activate, (p,), ()),
        (3, vm_page_free_toq, (p,), ()),
    ]
    return program("other", cpu, OTHER, calls, {"p": 1})


def panics(cpu: int = 0) -> Program:
    m = variable(0)
    calls: list[CallAt] = [
        (1, vm_page_alloc, (const(NULL), const(0), const(VM_ALLOC_NORMAL)), (0,)),
        (2, vm_page_wakeup, (m,), ()),
        (4, vm_page_wakeup, (m,), ()),
    ]
    return program("app", cpu, PANICS, calls, {"m": 0})


def crossing() -> list[Program]:
    """Make two threads that take two objects' tokens in opposite order."""
    heap, file = const(0), const(1)
    hold = "vm_object_hold(heap)\nvm_object_hold(file)"
    orders = {"app": (heap, file), "other": (file, heap)}
    return [
        program(name, cpu, hold, [(n + 1, vm_object_hold, (obj,), ()) for n, obj in enumerate(order)], {})
        for cpu, (name, order) in enumerate(orders.items())
    ]


def machine(spec: str = "16MiB:1x2x1", colors: int = 1024) -> Machine:
    hardware = parse_spec(spec)
    assert hardware is not None
    return boot(MachineConfig(hardware, colors=colors))


NAMES = Names(
    ("heap", "file"),
    ("app", "other"),
    {"app": {"m": Variable(0, Kind.PAGE)}, "other": {"p": Variable(1, Kind.PAGE)}},
)
SCENARIO = replace(
    load_text('format = 1\ntitle = "The life of a page"\nlesson = "# A page\\nis born *free*."\n', "life"),
    names=NAMES,
)

MakeSession = Callable[..., Session]


@pytest.fixture(autouse=True, scope="session")
def _waiting_by_the_loop() -> Iterator[None]:
    """Wait for a screen under test only while it works."""
    with waiting_by_the_loop():
        yield


@pytest.fixture
def make_session() -> MakeSession:
    """Return a function that makes a session on a new machine: `make_session(programs, spec, colors)`."""

    def make(programs: list[Program] | None = None, spec: str = "16MiB:1x2x1", colors: int = 1024) -> Session:
        vm = machine(spec, colors)
        vm.object_names = NAMES.objects
        return Session(History(vm, programs or [whole_life(), other()]), SCENARIO)

    return make


@pytest.fixture
def session(make_session: MakeSession) -> Session:
    return make_session()


@pytest.fixture
def panic_session(make_session: MakeSession) -> Session:
    return make_session([panics()])


@pytest.fixture
def deadlock_session(make_session: MakeSession) -> Session:
    return make_session(crossing())


@pytest.fixture(scope="session")
def life_scenario() -> Scenario:
    """Load the library's life-of-a-page once."""
    return load("life-of-a-page")


@pytest.fixture
def life(life_scenario: Scenario) -> Session:
    """Return a session on life-of-a-page at step 0."""
    return Session(life_scenario.start(), life_scenario)


_CACHED = """
format = 1
title = "Only cached pages"
[machine]
memory = "16 MiB"
topology = "1x1x1"
[machine.thresholds]
v_free_reserved = 3711
v_interrupt_free_min = 1
[[object]]
name = "heap"
[[thread]]
name = "app"
cpu = 0
script = \"\"\"
m = vm_page_alloc(NULL, 5, VM_ALLOC_NORMAL)
vm_page_set_valid(m, 0, PAGE_SIZE)
vm_page_cache(m)
p = vm_page_alloc(NULL, 9, VM_ALLOC_NORMAL)
\"\"\"
"""


@pytest.fixture
def cached() -> Session:
    """Return a run in which an allocation finds only cached pages, and frees one of them."""
    scenario = load_text(_CACHED)
    session = Session(scenario.start(), names=scenario.names)
    session.history.extend(100_000)
    return session
