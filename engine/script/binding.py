"""Calls of verbs by a script: bad arguments, panics, and objects held for the duration of a call.

- Passing NULL for a page or object that the function dereferences is a panic of kind "fault".
- A number outside its argument's range, such as a cpu that the machine does not have, is rejected with the
  place in the script.
- If a function requires its object's token and the thread does not hold it, the object is held before the
  call and dropped after it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from engine.constants import NULL, Obj
from engine.errors import BadInput, KernelPanic
from engine.kernel.arguments import Mark
from engine.kernel.objects import vm_object_drop, vm_object_hold
from engine.kernel.tokens import held_mode
from engine.language.symbols import Kind
from engine.language.values import Place
from engine.machine.machine import Machine, Steps
from engine.machine.sysctl import check_value, settable
from engine.run.program import KernelFunction
from engine.script.verbs import Verb, sysctl

_REMEMBERED: Final = 4096
"""The number of valid argument lists that a call caches."""

Around = Callable[[Machine, KernelFunction, Obj, tuple[Any, ...]], Steps[Any]]
"""Type of functions that call a function with an object held: (machine, function, object, arguments)."""


def bind(verb: Verb, place: Place, texts: dict[int, str], *, may_hold: bool) -> KernelFunction:
    """Return the function that a script's Call runs.

    place:    the place of the call in the file.
    texts:    the string arguments by position; the Call passes the others.
    may_hold: whether the script takes tokens itself, so that each call must check whether one is held.
    """
    if verb.function is sysctl:
        return _bind_sysctl(place, texts[0])
    given = [p for at, p in enumerate(verb.parameters) if at not in texts]
    function = _holding(verb, may_hold)
    if verb.as_process or any(parameter.range and parameter.range.transient for parameter in given):
        function = _located(function, place)

    passed: set[tuple[int, ...]] = set()  # a valid argument list stays valid

    def call(vm: Machine, *arguments: int) -> Steps[Any]:
        if arguments not in passed:
            for parameter, value in zip(given, arguments, strict=False):
                if problem := parameter.problem(vm, value):
                    return _refuse(place.error(f"{verb.name}: {problem}"))
                if value == NULL and parameter.dereferenced:
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
    """Bind `sysctl` for one name: checks the name now, and the value at each call."""
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


def _refuse(error: BadInput) -> Steps[None]:
    """Raise in the call's own step, not during the evaluation of its arguments."""
    yield "look at the arguments"
    raise error


def _located(function: KernelFunction, place: Place) -> KernelFunction:
    """Wrap `function` so that its own messages carry the place in the script."""

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
    """Wrap `verb` so that the objects whose tokens it requires are held, unless the thread holds them."""
    around = with_object_held_if_needed if may_hold else with_object_held
    function = verb.function
    for at, parameter in reversed([*enumerate(verb.parameters)]):
        if Mark.HELD in parameter.marks:
            hold = _holding_of_page if parameter.kind is Kind.PAGE else _holding_object
            function = hold(function, at, around)
    return function


def _holding_object(function: KernelFunction, at: int, around: Around) -> KernelFunction:
    """Wrap `function` so that the object in argument `at` is held during the call."""

    def call(vm: Machine, *arguments: Any) -> Steps[Any]:
        if arguments[at] == NULL:
            return function(vm, *arguments)
        return around(vm, function, arguments[at], arguments)

    return call


def _holding_of_page(function: KernelFunction, at: int, around: Around) -> KernelFunction:
    """Wrap `function` so that the object of the page in argument `at` is held during the call."""

    def call(vm: Machine, *arguments: Any) -> Steps[Any]:
        yield "read the page's object"
        obj = vm.page.object[arguments[at]]
        if obj == NULL:
            return (yield from function(vm, *arguments))
        return (yield from around(vm, function, obj, arguments))

    return call


def with_object_held(
    vm: Machine, function: KernelFunction, obj: Obj, arguments: tuple[Any, ...]
) -> Steps[Any]:
    """Call `function` with `obj` held exclusively, as its callers in the kernel do."""
    yield from vm_object_hold(vm, obj)
    returned = yield from function(vm, *arguments)
    yield from vm_object_drop(vm, obj)
    return returned


def with_object_held_if_needed(
    vm: Machine, function: KernelFunction, obj: Obj, arguments: tuple[Any, ...]
) -> Steps[Any]:
    """Like with_object_held, but skip hold and drop if the thread holds the token in any mode."""
    yield "check whether this thread holds the object"
    if held_mode(vm, vm.curthread, obj):
        return (yield from function(vm, *arguments))
    return (yield from with_object_held(vm, function, obj, arguments))
