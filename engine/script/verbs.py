"""What a script may call: the kernel's functions under their own names, and a few verbs.

The table is made by listing the kernel's packages: a public function is offered if the kernel calls it vm_*,
lwkt_*, vmstats_*, pmap_* or pagedaemon_*. Its annotations say what each argument and result is; a plain
predicate becomes a call of one step. What is added around a call is in `engine.script.binding`.
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
from engine.kernel import pageout
from engine.kernel.arguments import RANGES, Mark, Range
from engine.kernel.pageout.daemon import vm_pageout_thread
from engine.kernel.pagers import read as pagein
from engine.kernel.process import madvise
from engine.language.symbols import Kind
from engine.machine.machine import Machine, Steps
from engine.machine.sysctl import write_sysctl
from engine.run.program import KernelFunction
from engine.run.runner import tick as pass_ticks
from engine.script.process_verbs import PAGER_VERBS, PROCESS_VERBS

_PACKAGES: Final = (kernel, pageout)
"""Packages each module of which is offered; of the others it is what _FURTHER names."""
_FURTHER: Final[tuple[ModuleType, ...]] = (pagein, madvise)

_OFFERED: Final = re.compile(r"(vm_|lwkt_|vmstats_|pagedaemon_|pmap_)\w+")
_LEFT_OUT: Final = frozenset(
    {
        "lwkt_relalltokens",
        "lwkt_getalltokens",
        "vm_object_hold_mode",
        "lwkt_yield",
        # A list of pages is nothing that a script has; a daemon runs by its own verb.
        *("vm_pageout_flush", "vm_pageout_thread"),
        "vm_map_madvise",
        # What makes and ends objects is the scenario's [[object]] and the processes' verbs.
        *("vm_object_allocate", "vm_object_deallocate", "vm_object_terminate"),
        *("vm_object_pip_add", "vm_object_pip_wakeup_n", "vm_object_pip_wait"),
    }
)
_KINDS: Final[dict[object, Kind | None]] = {Page: Kind.PAGE, Obj: Kind.OBJECT, str: None}
"""What an argument of each type is in a script; all others are numbers."""

DAEMONS: Final = {
    "pagedaemon": "Make this thread the pageout daemon, for good.",
    "emergpager": "Make this thread the emergency pager, for good.",
}
"""The verbs that never return; a thread that calls one is that daemon from the start of the run."""


@dataclass(frozen=True)
class Parameter:
    """One parameter: its name, what it takes (None: a string), and whether it may be left out.

    range: the numbers that it may be; None for a string, and for the value of a sysctl, which has its own.
    marks: what its annotation says of a pointer.
    """

    name: str
    kind: Kind | None
    optional: bool
    range: Range | None = None
    marks: frozenset[Mark] = frozenset()

    @property
    def dereferenced(self) -> bool:
        """Whether the function looks into what this points to, whatever it is."""
        return self.kind in (Kind.PAGE, Kind.OBJECT) and Mark.NULL_OK not in self.marks

    def problem(self, vm: Machine, value: int) -> str | None:
        """Why this machine has no such argument; None when it is possible."""
        if self.range is None:
            return None
        low, high = self.range.limits(vm)
        if low > high:
            return f"{self.name} = {value} is not possible: the scenario has no [[process]]"
        words = self.range.problem(vm, value)
        return None if words is None else f"{self.name} = {value:{self.range.style}} {words}"


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
    def takes_token(self) -> bool:
        """Whether a thread may hold another token, or one less, after the call."""
        return any(Mark.TAKES in parameter.marks for parameter in self.parameters)

    @property
    def form(self) -> str:
        """How it is written: `vm_page_set_valid(m, base, size)`."""
        words = [f"[{p.name}]" if p.optional else p.name for p in self.parameters]
        return f"{self.name}({', '.join(words)})"


class _Verbs(Mapping[str, Verb]):
    """The verbs by name; what one takes is read from its annotations when it is first asked for."""

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
    """Every function that scripts may call, by name."""
    found: dict[str, Callable[[], Verb]] = {}
    for module in (*_listed(), *_FURTHER):
        for name, function in vars(module).items():
            own = inspect.isfunction(function) and function.__module__ == module.__name__
            if own and _OFFERED.fullmatch(name) and name not in _LEFT_OUT:
                found[name] = partial(_verb, name, function)
    others: dict[str, Callable[..., Any]] = {"tick": tick, "sysctl": sysctl, **PAGER_VERBS}
    for name, function in others.items():
        found[name] = partial(_verb, name, function)
    for name, summary in DAEMONS.items():
        one_turn = partial(vm_pageout_thread, turns=1)
        found[name] = partial(Verb, name, one_turn, (), (), summary, daemon=True)
    for name, function in PROCESS_VERBS.items():
        found[name] = partial(_verb, name, function, as_process=True)
    return _Verbs(dict(sorted(found.items())))


def _listed() -> Iterator[ModuleType]:
    for package in _PACKAGES:
        for found in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            if not found.ispkg:
                yield import_module(found.name)


def _verb(name: str, function: Callable[..., Any], as_process: bool = False) -> Verb:
    hints = get_type_hints(function, include_extras=True)
    parameters = [
        _parameter(parameter, hints[parameter.name])
        for parameter in list(inspect.signature(function).parameters.values())[1:]
    ]
    stepped = function if inspect.isgeneratorfunction(function) else _one_step(function)
    summary = (inspect.getdoc(function) or "").split("\n")[0]
    return Verb(name, stepped, tuple(parameters), _results(hints["return"]), summary, as_process=as_process)


def _parameter(parameter: inspect.Parameter, hint: Any) -> Parameter:
    kind, (base, *extras) = _kind(hint), _parts(hint)
    marks = frozenset(extra for extra in extras if isinstance(extra, Mark))
    found = next((extra for extra in extras if isinstance(extra, Range)), RANGES.get(base))
    if found is not None and Mark.NULL_OK in marks:
        found = replace(found, low=NULL)
    return Parameter(parameter.name, kind, parameter.default is not inspect.Parameter.empty, found, marks)


def _parts(hint: Any) -> tuple[Any, ...]:
    """A type, and what its annotation adds to it."""
    return get_args(hint) if get_origin(hint) is Annotated else (hint,)


def _kind(hint: Any) -> Kind | None:
    return _KINDS.get(_parts(hint)[0], Kind.NUMBER)


def _results(returned: Any) -> tuple[Kind, ...]:
    """From `bool`, `Steps[None]`, `Steps[MaybePage]`, `Steps[tuple[MaybePage, int]]`."""
    if get_origin(returned) is Generator:
        returned = get_args(returned)[-1]
    if returned in (None, NoneType):
        return ()
    parts = get_args(returned) if get_origin(returned) is tuple else (returned,)
    return tuple(kind for part in parts if (kind := _kind(part)) is not None)


def _one_step(function: Callable[..., Any]) -> KernelFunction:
    """A plain predicate as a call of one step."""

    def call(vm: Machine, *arguments: int) -> Steps[Any]:
        yield "look and decide"
        return function(vm, *arguments)

    # A call stack shows the name of the code, and tells by its file that it is the kernel's.
    own = function.__code__
    call.__code__ = call.__code__.replace(co_name=own.co_name, co_filename=own.co_filename)
    return call


# --- verbs that are no kernel functions -------------------------------------------------------------------

TickCount = Annotated[int, Range(1, 100_000)]


def tick(vm: Machine, n: TickCount = 1) -> Steps[None]:
    """Let `n` clock ticks pass: timeouts expire, and each cpu's hardclock runs once."""
    yield "let the clock tick"
    cpu = vm.mycpu
    pass_ticks(vm, n)
    vm.mycpu = cpu


def sysctl(vm: Machine, sysctl_name: str, value: int) -> Steps[None]:
    """Set a sysctl such as "vm.v_free_min"; a cpu sees a changed limit when it next copies the global."""
    yield "write the sysctl"
    write_sysctl(vm, sysctl_name, value)
