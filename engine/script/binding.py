"""How a script calls a verb: what is refused, what is a panic, and when an object is held around the call.

- A page or object that is NULL is dereferenced as the kernel would: a panic of kind "fault".
- An index that no machine has (a cpu, a queue) is refused with the script's place.
- Where a function wants its object's token and the thread holds none of that object, the object is held
  before and dropped after.
"""

from __future__ import annotations

from typing import Any, Final

from engine.constants import (
    NULL,
    PAGE_SHIFT,
    PQ_COUNT,
    QUEUE_BASES,
    VM_ALLOC_CPU_SHIFT,
    VM_ALLOC_CPU_SPEC,
    Obj,
)
from engine.errors import BadInput, KernelPanic
from engine.kernel import tokens
from engine.kernel.objects import vm_object_drop, vm_object_hold
from engine.kernel.tokens import held_mode
from engine.language.symbols import Kind
from engine.language.values import Place
from engine.machine.machine import Machine, Steps
from engine.machine.sysctl import check_value, settable
from engine.run.program import KernelFunction
from engine.script.verbs import Parameter, Verb, sysctl

NEEDS_TOKEN: Final = frozenset(
    {
        "vm_page_alloc",
        "vm_page_insert",
        "vm_page_lookup",
        "vm_page_lookup_busy_try",
        "vm_page_lookup_busy_wait",
        "vm_page_lookup_sbusy_try",
        "vm_page_rename",
        "vm_pager_get_page",
        "pager_getpage",
    }
)
"""The functions that want the token of their object (vm_page_rename: of the page's old object too).

Without it they are called with the object held.
"""

_NULL_OBJECT: Final = frozenset(
    {
        "vm_page_alloc",
        "vm_get_pg_color",
        "vm_object_hold",
        "vm_object_hold_shared",
        "vm_pageout_page",
        "map",
    }
)
"""The functions that say themselves what a NULL object means."""

_LONGEST_RANGE: Final = 1 << 40
_MOST_TICKS: Final = 100_000
_LAST_ADDRESS: Final = (1 << 47) - 1
_LAST_PID: Final = 99999


_REMEMBERED: Final = 4096
"""How many argument lists a call remembers as possible."""


def bind(verb: Verb, place: Place, texts: dict[int, str], *, may_hold: bool) -> KernelFunction:
    """The function that a script's Call runs.

    place:    where the call stands in the file.
    texts:    the arguments that are strings, by position; the Call gives the others.
    may_hold: whether the script takes tokens itself, so that each call has to look whether one is held.
    """
    if verb.function is sysctl:
        return _bind_sysctl(place, texts[0])
    given = [p for at, p in enumerate(verb.parameters) if at not in texts]
    function = _holding(verb, may_hold) if verb.name in NEEDS_TOKEN else verb.function
    if verb.as_process:
        function = _located(function, place)

    passed: set[tuple[int, ...]] = set()  # looked at before: what is possible is so for good

    def call(vm: Machine, *arguments: int) -> Steps[Any]:
        if arguments not in passed:
            for parameter, value in zip(given, arguments, strict=False):
                if problem := _problem(vm, parameter, value):
                    return _refuse(place.error(f"{verb.name}: {problem}"))
                if value == NULL and _dereferences(verb, parameter):
                    return _dereference_null(verb.name, parameter.name)
            if len(passed) < _REMEMBERED:
                passed.add(arguments)
        if not texts:
            return function(vm, *arguments)
        everything: list[int | str] = list(arguments)
        for at, text in texts.items():
            everything.insert(at, text)
        return function(vm, *everything)

    return call


def _bind_sysctl(place: Place, name: str) -> KernelFunction:
    """`sysctl` of one name: that it can be set is seen when the script is read, its value at each call."""
    try:
        entry = settable(name)
    except BadInput as error:
        raise place.error(error.message) from None

    def call(vm: Machine, value: int) -> Steps[None]:
        try:
            check_value(entry, value)
        except BadInput as error:
            return _refuse(place.error(error.message))
        return sysctl(vm, name, value)

    return call


def _dereferences(verb: Verb, parameter: Parameter) -> bool:
    """Whether the function looks into what this parameter points to."""
    if parameter.kind is Kind.OBJECT:
        return verb.name not in _NULL_OBJECT
    return parameter.kind is Kind.PAGE


def _problem(vm: Machine, parameter: Parameter, value: int) -> str | None:
    """Why no machine has this argument; None when it is possible."""
    rows = {Kind.PAGE: vm.page.length, Kind.OBJECT: vm.object.length}
    if parameter.kind in rows:
        if NULL <= value < rows[parameter.kind]:
            return None
        what = f"is not {parameter.kind.value}; use a name of the file or what a call returned"
        return f"{parameter.name} = {value} {what}"
    if parameter.kind is not Kind.NUMBER:
        return None
    limits = _limits(vm, parameter.name)
    if limits is not None and not limits[0] <= value <= limits[1]:
        if limits[1] < limits[0]:
            return f"{parameter.name} = {value} is not possible: the scenario has no [[process]]"
        return f"{parameter.name} = {value} is not possible; it is from {limits[0]} to {limits[1]}"
    if parameter.name == "basequeue" and (not value or value not in QUEUE_BASES.values()):
        return f"basequeue = {value} is no queue type; write PQ_FREE, PQ_ACTIVE and so on"
    if parameter.name in ("page_req", "allocflags", "flags"):
        cpu = value >> VM_ALLOC_CPU_SHIFT
        if not 0 <= value < 1 << 32 or (value & VM_ALLOC_CPU_SPEC and cpu >= vm.ncpus):
            return f"{parameter.name} = {value:#x} names no cpu of this machine; write VM_ALLOC_CPU(N)"
    return None


def _limits(vm: Machine, name: str) -> tuple[int, int] | None:
    return {
        "cpu": (0, vm.ncpus - 1),
        "q": (1, PQ_COUNT - 1),
        "queue": (1, PQ_COUNT - 1),
        "mode": (tokens.EXCLUSIVE, tokens.SHARED),
        "base": (0, _LONGEST_RANGE),
        "offset": (0, _LONGEST_RANGE),
        "size": (0, _LONGEST_RANGE),
        "timo": (0, (1 << 31) - 1),
        "memattr": (0, 0xFF),
        "writeable": (0, 1),
        "count": (0, (1 << 31) - 1),
        "nice": (-20, 20),
        "process": (NULL, vm.thread.length - 1),
        "n": (1, _MOST_TICKS),
        "addr": (0, _LAST_ADDRESS),
        "pages": (1, _LAST_ADDRESS >> PAGE_SHIFT),
        "pid": (0, _LAST_PID),
        "p": (0, vm.processes - 1),
        "entry": (0, vm.map_entry.length - 1),
        "first": (0, _LAST_ADDRESS >> PAGE_SHIFT),
        "last": (0, _LAST_ADDRESS >> PAGE_SHIFT),
        "child": (1, _LAST_PID),
    }.get(name)


def _refuse(error: BadInput) -> Steps[None]:
    """Raise in the call's own step, not where its arguments are worked out."""
    yield "look at the arguments"
    raise error


def _located(function: KernelFunction, place: Place) -> KernelFunction:
    """`function`, whose messages about a process or an address get the script's place."""

    def call(vm: Machine, *arguments: Any) -> Steps[Any]:
        try:
            return (yield from function(vm, *arguments))
        except BadInput as error:
            raise place.error(error.message) from None

    return call


def _dereference_null(function: str, what: str) -> Steps[None]:
    yield f"look at {what}"
    raise KernelPanic("fault", function, f"{what} is NULL")


def _holding(verb: Verb, may_hold: bool) -> KernelFunction:
    """`verb` with its object held around it, unless the thread holds its token already."""
    around = with_object_held_if_needed if may_hold else with_object_held
    at = [parameter.kind for parameter in verb.parameters].index(Kind.OBJECT)

    def call(vm: Machine, *arguments: Any) -> Steps[Any]:
        if arguments[at] == NULL:
            return verb.function(vm, *arguments)
        return around(vm, verb.function, arguments[at], arguments)

    def call_rename(vm: Machine, m: int, *arguments: Any) -> Steps[Any]:
        yield "see which object the page is in"
        if vm.page.object[m] == NULL:
            return (yield from call(vm, m, *arguments))
        return (yield from around(vm, call, vm.page.object[m], (m, *arguments)))

    return call_rename if verb.name == "vm_page_rename" else call


def with_object_held(
    vm: Machine, function: KernelFunction, obj: Obj, arguments: tuple[Any, ...]
) -> Steps[Any]:
    """Call `function` with the object `obj` held exclusively, as its callers in the kernel do."""
    yield from vm_object_hold(vm, obj)
    returned = yield from function(vm, *arguments)
    yield from vm_object_drop(vm, obj)
    return returned


def with_object_held_if_needed(
    vm: Machine, function: KernelFunction, obj: Obj, arguments: tuple[Any, ...]
) -> Steps[Any]:
    """As with_object_held, but without hold and drop when the thread holds the token in any mode."""
    yield "see whether this thread holds the object"
    if held_mode(vm, vm.curthread, obj):
        return (yield from function(vm, *arguments))
    return (yield from with_object_held(vm, function, obj, arguments))
