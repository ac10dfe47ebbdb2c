"""The functions that a script can call: the kernel's functions by their own names, and a few verbs.

The table is built from the kernel's packages: it includes each public function named vm_*, lwkt_*,
vmstats_*, pmap_* or pagedaemon_*. Annotations give the kinds of the arguments and results; a plain
predicate becomes a call of one step. `engine.script.binding` adds checks and object holds around a call.
"""

from __future__ import annotations

import inspect
import pkgutil
import re
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache, partial
from importlib import import_module
from types import ModuleType, NoneType
from typing import Annotated, Any, Final, get_args, get_origin, get_type_hints

from engine import kernel
from engine.constants import NULL, Obj, Page
from engine.kernel import locks, pageout
from engine.kernel.arguments import RANGES, Mark, Range
from engine.kernel.pageout.daemon import vm_pageout_thread
from engine.kernel.pagers import read as pagein
from engine.kernel.process import madvise
from engine.language.symbols import Kind
from engine.machine.machine import Machine, Steps
from engine.machine.sysctl import write_sysctl
from engine.run.clock import tick as pass_ticks
from engine.run.program import KernelFunction
from engine.script.process_verbs import PAGER_VERBS, PROCESS_VERBS

_PACKAGES: Final = (kernel, pageout)
"""Packages of which every module is included; _FURTHER lists single modules of other packages."""
_FURTHER: Final[tuple[ModuleType, ...]] = (pagein, madvise)

_OFFERED: Final = re.compile(r"(vm_|lwkt_|vmstats_|pagedaemon_|pmap_)\w+")
_LEFT_OUT: Final = frozenset(
    {
        "lwkt_relalltokens",
        "lwkt_getalltokens",
        "vm_object_hold_mode",
        "lwkt_yield",
        # Scripts have no lists of pages; a daemon has its own verb.
        *("vm_pageout_flush", "vm_pageout_thread"),
        "vm_map_madvise",
        # [[object]] and the process verbs create and destroy objects.
        *("vm_object_allocate", "vm_object_deallocate", "vm_object_terminate"),
        *("vm_object_pip_add", "vm_object_pip_wakeup_n", "vm_object_pip_wait"),
    }
)
_KINDS: Final[dict[object, Kind | None]] = {Page: Kind.PAGE, Obj: Kind.OBJECT, str: None}
"""Type of an argument -> its kind in a script (None: a string); all other types are numbers."""

_QUEUE_LOCKS: Final[dict[str, Callable[..., Any]]] = {
    "vm_page_queue_spin_lock": locks._vm_page_queue_spin_lock,
    "vm_page_queue_spin_unlock": locks._vm_page_queue_spin_unlock,
}
"""Functions of the kernel whose names begin with `_`; scripts may write that too."""

DAEMONS: Final = {
    "pagedaemon": "Run the pageout daemon in this thread; never returns.",
    "emergpager": "Run the emergency pager in this thread; never returns.",
}
"""The verbs that never return, with their summaries; a thread that calls one is that daemon from step 0."""


@dataclass(frozen=True)
class Parameter:
    """A parameter: its name, its kind (None: a string), and whether it is optional.

    default: its value if it is left out.
    range: its allowed numbers; None for a string, and for the value of a sysctl, which has its own limits.
    marks: the marks of its annotation.
    """

    name: str
    kind: Kind | None
    optional: bool
    default: int | str | None = None
    range: Range | None = None
    marks: frozenset[Mark] = frozenset()

    @property
    def dereferenced(self) -> bool:
        """Whether the function always dereferences this pointer."""
        return self.kind in (Kind.PAGE, Kind.OBJECT) and Mark.NULL_OK not in self.marks

    def problem(self, vm: Machine, value: int) -> str | None:
        """Return why this machine does not allow the value; None if it does."""
        if self.range is None:
            return None
        low, high = self.range.limits(vm)
        if low > high:
            return f"{self.name} = {value} is not possible, as the scenario has no [[process]]; add one"
        words = self.range.problem(vm, value)
        return None if words is None else f"{self.name} = {value:{self.range.style}} {words}"


@dataclass(frozen=True)
class Verb:
    """A function that scripts may call.

    results:    the kinds of its return values; () if it returns nothing.
    docstring:  that of the function, without indentation.
    module:     the name of the module that has it, without its first two packages.
    daemon:     whether the script repeats it endlessly: each call is one turn of a daemon's loop.
    as_process: whether it uses an address space.
    """

    name: str
    function: KernelFunction
    parameters: tuple[Parameter, ...]
    results: tuple[Kind, ...]
    docstring: str
    module: str
    daemon: bool = False
    as_process: bool = False

    @property
    def summary(self) -> str:
        """The first line of its docstring."""
        return self.docstring.split("\n")[0]

    @property
    def takes_pid(self) -> bool:
        """Whether it has a `pid` parameter."""
        return any(parameter.name == "pid" for parameter in self.parameters)

    @property
    def takes_token(self) -> bool:
        """Whether the call can change which tokens its thread holds."""
        return any(Mark.TAKES in parameter.marks for parameter in self.parameters)

    @property
    def form(self) -> str:
        """Usage, such as `vm_page_set_valid(m, base, size)`."""
        words = [f"[{p.name}]" if p.optional else p.name for p in self.parameters]
        return f"{self.name}({', '.join(words)})"


class _Verbs(Mapping[str, Verb]):
    """The verbs by name; the annotations of each are read at its first use."""

    def __init__(self, makers: dict[str, Callable[[], Verb]]) -> None:
        self._makers = makers
        self._made: dict[str, Verb] = {}

    def __getitem__(self, name: str) -> Verb:
        if name not in self._made:
            self._made[name] = self._makers[name]()
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._makers)

    def __contains__(self, name: object) -> bool:
        return name in self._makers

    def __len__(self) -> int:
        return len(self._makers)


@cache
def verbs() -> Mapping[str, Verb]:
    """Every function that scripts can call, by name."""
    found: dict[str, Callable[[], Verb]] = {}
    for module in (*_listed(), *_FURTHER):
        for name, function in vars(module).items():
            own = inspect.isfunction(function) and function.__module__ == module.__name__
            if own and _OFFERED.fullmatch(name) and name not in _LEFT_OUT:
                found[name] = partial(verb_of, name, function)
    others: dict[str, Callable[..., Any]] = {"tick": tick, "sysctl": sysctl, **PAGER_VERBS, **_QUEUE_LOCKS}
    for name, function in others.items():
        found[name] = partial(verb_of, name, function)
    for name, summary in DAEMONS.items():
        one_turn = partial(vm_pageout_thread, turns=1)
        found[name] = partial(Verb, name, one_turn, (), (), summary, "pageout.daemon", daemon=True)
    for name, function in PROCESS_VERBS.items():
        found[name] = partial(verb_of, name, function, as_process=True)
    return _Verbs(dict(sorted(found.items())))


def _listed() -> Iterator[ModuleType]:
    for package in _PACKAGES:
        for found in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            if not found.ispkg:
                yield import_module(found.name)


def verb_of(name: str, function: Callable[..., Any], as_process: bool = False) -> Verb:
    """Make a verb of a function whose first parameter is the machine; scripts give the others.

    as_process: whether it uses an address space.
    """
    hints = get_type_hints(function, include_extras=True)
    found = list(inspect.signature(function).parameters.values())[1:]
    every = [_parameter(parameter, hints[parameter.name]) for parameter in found]
    parameters = [parameter for parameter in every if Mark.MODEL not in parameter.marks]
    stepped = function if inspect.isgeneratorfunction(function) else _one_step(function)
    docstring, module = inspect.getdoc(function) or "", function.__module__.split(".", 2)[-1]
    results = _results(hints["return"])
    return Verb(name, stepped, tuple(parameters), results, docstring, module, as_process=as_process)


def _parameter(parameter: inspect.Parameter, hint: Any) -> Parameter:
    kind, (base, *extras) = _kind(hint), _parts(hint)
    marks = frozenset(extra for extra in extras if isinstance(extra, Mark))
    found = next((extra for extra in extras if isinstance(extra, Range)), RANGES.get(base))
    if found is not None and Mark.NULL_OK in marks:
        found = replace(found, low=NULL)
    optional = parameter.default is not inspect.Parameter.empty
    return Parameter(parameter.name, kind, optional, parameter.default if optional else None, found, marks)


def _parts(hint: Any) -> tuple[Any, ...]:
    """Split a hint into its type and the extras of its annotation."""
    return get_args(hint) if get_origin(hint) is Annotated else (hint,)


def _kind(hint: Any) -> Kind | None:
    return _KINDS.get(_parts(hint)[0], Kind.NUMBER)


def _results(returned: Any) -> tuple[Kind, ...]:
    """Kinds of the results of `bool`, `Steps[None]`, `Steps[MaybePage]`, `Steps[tuple[MaybePage, int]]`."""
    if get_origin(returned) is Generator:
        returned = get_args(returned)[-1]
    if returned in (None, NoneType):
        return ()
    parts = get_args(returned) if get_origin(returned) is tuple else (returned,)
    return tuple(kind for part in parts if (kind := _kind(part)) is not None)


LOOK: Final = "look and decide"
"""The announcement of a plain predicate, which a script calls."""


def _one_step(function: Callable[..., Any]) -> KernelFunction:
    """Wrap a plain predicate as a call of one step."""

    def call(vm: Machine, *arguments: int) -> Steps[Any]:
        yield LOOK
        return function(vm, *arguments)

    # A call stack shows the name of the code object, recognises kernel code by its file name, and shows the
    # source that is found at its first line.
    own = function.__code__
    call.__code__ = call.__code__.replace(
        co_name=own.co_name, co_filename=own.co_filename, co_firstlineno=own.co_firstlineno
    )
    return call


# --- verbs that are not kernel functions ------------------------------------------------------------------

TickCount = Annotated[int, Range(1, 100_000)]


def tick(vm: Machine, n: TickCount = 1) -> Steps[None]:
    """Advance the clock by `n` ticks: expire due timeouts, then run each cpu's hardclock once."""
    yield "advance the clock"
    cpu = vm.mycpu
    pass_ticks(vm, n)
    vm.mycpu = cpu


def sysctl(vm: Machine, sysctl_name: str, value: int) -> Steps[None]:
    """Set a sysctl such as "vm.v_free_min"; a cpu sees a changed limit when it next copies the global."""
    yield "write the sysctl"
    write_sysctl(vm, sysctl_name, value)
