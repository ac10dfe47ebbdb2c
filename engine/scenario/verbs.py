"""What a script may call: the kernel's functions under their own names, and a few verbs.

The table is made from the kernel modules: a public function is offered if the kernel calls it vm_*, lwkt_*,
vmstats_*, pmap_* or pagedaemon_*. Its parameters' names, which are the kernel's, say what each argument is;
a plain predicate becomes a call of one step. Three things are added around a call:

- a page or object that is NULL is dereferenced as the kernel would: a panic of kind "fault";
- an index that no machine has (a cpu, a queue) is refused with the script's place;
- where a function wants its object's token and the thread holds none of that object, the object is held
  before and dropped after.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache, partial
from types import ModuleType
from typing import Any, Final

from engine.constants import (
    NULL,
    PAGE_SHIFT,
    PQ_COUNT,
    QUEUE_BASES,
    VM_ALLOC_CPU_SHIFT,
    VM_ALLOC_CPU_SPEC,
)
from engine.errors import BadInput, KernelPanic
from engine.kernel import (
    age,
    alloc,
    bits,
    busy,
    color,
    contig,
    fictitious,
    free,
    grab,
    hash,
    hold,
    locks,
    lookup,
    madvise,
    objects,
    oom,
    pagein,
    pageout,
    pageout_active,
    pageout_cache,
    pageout_flush,
    pageout_hold,
    pageout_inactive,
    pageout_page,
    pageout_setup,
    pageout_stats,
    pmap,
    pressure,
    queues,
    rename,
    search,
    stats,
    thresholds,
    tokens,
    waiting,
    wire,
)
from engine.kernel.objects import vm_object_drop, vm_object_hold
from engine.kernel.tokens import held_mode
from engine.language.names import Kind
from engine.language.values import Place
from engine.machine import Machine, Steps
from engine.program import KernelFunction
from engine.scenario.process_verbs import PAGER_VERBS, PROCESS_VERBS
from engine.sysctl import check_value, settable, write_sysctl
from engine.threads import tick as pass_ticks

MODULES: Final[tuple[ModuleType, ...]] = (
    *(
        alloc,
        free,
        age,
        busy,
        wire,
        hold,
        lookup,
        hash,
        grab,
        rename,
        objects,
        bits,
        pmap,
        fictitious,
        color,
        contig,
        pressure,
        thresholds,
        waiting,
        queues,
        search,
        pageout,
        pageout_inactive,
        pageout_active,
        pageout_cache,
        pageout_stats,
        pageout_page,
        pageout_flush,
        pageout_hold,
        pageout_setup,
        pagein,
        madvise,
        oom,
    ),
    *(locks, stats, tokens),
)

_OFFERED: Final = re.compile(r"(vm_|lwkt_|vmstats_|pagedaemon_|pmap_)\w+")
_LEFT_OUT: Final = frozenset(
    {
        "lwkt_relalltokens",
        "lwkt_getalltokens",
        "vm_object_hold_mode",
        # A list of pages is nothing that a script has; a daemon runs by its own verb.
        *("vm_pageout_flush", "vm_pageout_thread"),
        "vm_map_madvise",
    }
)
_PAGE: Final = re.compile(r"m|src|dst|dest|(\w+_)?m_(src|dst|dest)|(src|dst|dest)_m")
_OBJECT: Final = re.compile(r"obj|object|new_obj(ect)?|vpfailed")
_TEXT: Final = frozenset({"wmesg", "msg", "sysctl_name"})

RETURNS_PAGE: Final = frozenset(
    {
        "vm_page_alloc",
        "vm_page_alloc_contig",
        "vm_page_alloczwq",
        "vm_page_grab",
        "vm_page_hash_get",
        "vm_page_list_find",
        "vm_page_lookup",
        "vm_page_lookup_busy_try",
        "vm_page_lookup_busy_wait",
        "vm_page_lookup_sbusy_try",
        "vm_page_next",
        "vm_page_select_cache",
        "vm_page_select_free",
        "vm_page_select_free_or_cache",
    }
)
"""The functions whose first result is a page."""

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

TAKES_TOKEN: Final = re.compile(r"vm_object_(hold|drop|lock|upgrade|downgrade)\w*|lwkt_\w+")
"""The functions after which a thread may hold a token when its next call begins."""

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

DAEMONS: Final = {
    "pagedaemon": "Make this thread the pageout daemon, for good.",
    "emergpager": "Make this thread the emergency pager, for good.",
}
"""The verbs that never return; a thread that calls one is that daemon from the start of the run."""

_LONGEST_RANGE: Final = 1 << 40
_MOST_TICKS: Final = 100_000
_LAST_ADDRESS: Final = (1 << 47) - 1
_LAST_PID: Final = 99999


@dataclass(frozen=True)
class Parameter:
    """One parameter: its name, what it takes (None: a string), and whether it may be left out."""

    name: str
    kind: Kind | None
    optional: bool


@dataclass(frozen=True)
class Verb:
    """A function that scripts may call.

    results: what each value is that it returns; () for none.
    daemon:  whether the script repeats it for good: each call is one turn of a daemon's loop.
    as_process: whether it uses an address space.
    """

    name: str
    function: KernelFunction
    parameters: tuple[Parameter, ...]
    results: tuple[Kind, ...]
    summary: str
    daemon: bool = False
    as_process: bool = False

    @property
    def takes_pid(self) -> bool:
        """Whether it can be told which process is meant."""
        return any(parameter.name == "pid" for parameter in self.parameters)

    @property
    def form(self) -> str:
        """How it is written: `vm_page_set_valid(m, base, size)`."""
        words = [f"[{p.name}]" if p.optional else p.name for p in self.parameters]
        return f"{self.name}({', '.join(words)})"


@cache
def verbs() -> dict[str, Verb]:
    """Every function that scripts may call, by name."""
    found = {}
    for module in MODULES:
        for name, function in vars(module).items():
            own = inspect.isfunction(function) and function.__module__ == module.__name__
            if own and _OFFERED.fullmatch(name) and name not in _LEFT_OUT:
                found[name] = _verb(name, function)
    found["tick"] = _verb("tick", tick)
    found["sysctl"] = _verb("sysctl", sysctl)
    for name, summary in DAEMONS.items():
        one_turn = partial(pageout.vm_pageout_thread, turns=1)
        found[name] = Verb(name, one_turn, (), (), summary, daemon=True)
    found.update({name: _verb(name, function) for name, function in PAGER_VERBS.items()})
    for name, function in PROCESS_VERBS.items():
        found[name] = replace(_verb(name, function), as_process=True)
    return dict(sorted(found.items()))


def _verb(name: str, function: Callable[..., Any]) -> Verb:
    signature = inspect.signature(function)
    parameters = [_parameter(p) for p in list(signature.parameters.values())[1:]]
    stepped = function if inspect.isgeneratorfunction(function) else _one_step(function)
    summary = (inspect.getdoc(function) or "").split("\n")[0]
    return Verb(name, stepped, tuple(parameters), _results(name, function, signature), summary)


def _parameter(parameter: inspect.Parameter) -> Parameter:
    name, optional = parameter.name, parameter.default is not inspect.Parameter.empty
    kind: Kind | None = Kind.NUMBER
    if _PAGE.fullmatch(name):
        kind = Kind.PAGE
    elif _OBJECT.fullmatch(name):
        kind = Kind.OBJECT
    elif name in _TEXT:
        kind = None
    return Parameter(name, kind, optional)


def _results(name: str, function: Callable[..., Any], signature: inspect.Signature) -> tuple[Kind, ...]:
    """From `Steps[None]`, `Steps[int]`, `Steps[tuple[int, int]]`, `Steps[Decision]` (the name of a tuple)."""
    annotation = str(signature.return_annotation).removeprefix("Steps[").removesuffix("]")
    if annotation == "None":
        return ()
    annotation = str(function.__globals__.get(annotation, annotation))
    count = annotation.count(",") + 1 if "tuple[" in annotation else 1
    first = Kind.PAGE if name in RETURNS_PAGE else Kind.NUMBER
    return (first, *[Kind.NUMBER] * (count - 1))


def _one_step(function: Callable[..., Any]) -> KernelFunction:
    """A plain predicate as a call of one step."""

    def call(vm: Machine, *arguments: int) -> Steps[Any]:
        yield "look and decide"
        return function(vm, *arguments)

    # A call stack shows the name of the code.
    call.__code__ = call.__code__.replace(co_name=function.__name__)
    return call


# --- verbs that are no kernel functions -------------------------------------------------------------------


def tick(vm: Machine, n: int = 1) -> Steps[None]:
    """Let `n` clock ticks pass: timeouts expire, and each cpu's hardclock runs once."""
    yield "let the clock tick"
    cpu = vm.mycpu
    pass_ticks(vm, n)
    vm.mycpu = cpu


def sysctl(vm: Machine, sysctl_name: str, value: int) -> Steps[None]:
    """Set a sysctl such as "vm.v_free_min"; a cpu sees a changed limit when it next copies the global."""
    yield "write the sysctl"
    write_sysctl(vm, sysctl_name, value)


# --- calling ----------------------------------------------------------------------------------------------


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
    if parameter.kind is not Kind.NUMBER:
        return None
    limits = _limits(vm, parameter.name)
    if limits is not None and not limits[0] <= value <= limits[1]:
        return f"{parameter.name} = {value} is not possible; it is from {limits[0]} to {limits[1]}"
    if parameter.name == "basequeue" and (not value or value not in QUEUE_BASES.values()):
        return f"basequeue = {value} is no queue type; write PQ_FREE, PQ_ACTIVE and so on"
    if parameter.name in ("page_req", "allocflags"):
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
    vm: Machine, function: KernelFunction, obj: int, arguments: tuple[Any, ...]
) -> Steps[Any]:
    """Call `function` with the object `obj` held exclusively, as its callers in the kernel do."""
    yield from vm_object_hold(vm, obj)
    returned = yield from function(vm, *arguments)
    yield from vm_object_drop(vm, obj)
    return returned


def with_object_held_if_needed(
    vm: Machine, function: KernelFunction, obj: int, arguments: tuple[Any, ...]
) -> Steps[Any]:
    """As with_object_held, but without hold and drop when the thread holds the token in any mode."""
    yield "see whether this thread holds the object"
    if held_mode(vm, vm.curthread, obj):
        return (yield from function(vm, *arguments))
    return (yield from with_object_held(vm, function, obj, arguments))
