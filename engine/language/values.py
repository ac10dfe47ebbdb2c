"""What a compiled expression is made of: values with a kind, and the scope in which names are looked up.

An expression is compiled to closures, each of which reads the machine as it stands. What it yields is known
beforehand: a number, a page, an object. Inside, a page is its array index and NULL is -1; where a page meets
numbers it counts as its physical page number, and NULL as -1. A page is true unless it is NULL.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from engine import constants
from engine.constants import NULL
from engine.errors import BadInput, Line
from engine.language.symbols import NOTHING_NAMED, Kind, Names, Variable
from engine.machine.machine import Machine
from engine.machine.tables import ENDED, PANICKED, READY, SLEEPING

Evaluate = Callable[[Machine], int]

GLOBAL: Final = "Global"
"""How the table `global` is written where Python reads it."""

LOWEST: Final = -(1 << 63)
HIGHEST: Final = (1 << 63) - 1

CONSTANTS: Final[dict[str, int]] = {
    **{name: value for name, value in vars(constants).items() if type(value) is int and name != "NULL"},
    "READY": READY,
    "SLEEPING": SLEEPING,
    "ENDED": ENDED,
    "PANICKED": PANICKED,
    "TRUE": 1,
    "FALSE": 0,
}
"""The kernel's constants, and the states of a thread."""


@dataclass(frozen=True)
class Place:
    """Where in a file an expression stands; a message about it begins with this."""

    file: str | None = None
    line: Line = None

    def error(self, message: str) -> BadInput:
        """The message, to be raised."""
        return BadInput(message, file=self.file, line=self.line)


@dataclass(frozen=True)
class Value:
    """A compiled expression.

    shared:   whether it reads anything but constants and the script's own variables.
    constant: its value, when it is one.
    """

    kind: Kind
    evaluate: Evaluate
    shared: bool = False
    constant: int | None = None


@dataclass(frozen=True)
class Scope:
    """What names mean: a scenario's names and, inside a script, its own variables.

    own:    the variables that the script may call by their bare names.
    thread: the name of the script's thread, None outside scripts.
    line:   turns a line of the text into a line of the file.
    """

    names: Names = NOTHING_NAMED
    own: Mapping[str, Variable] = field(default_factory=dict)
    thread: str | None = None
    file: str | None = None
    line: Callable[[int], Line] = lambda _: None

    def place(self, node: ast.AST) -> Place:
        """Where `node` stands in the file."""
        return Place(self.file, self.line(getattr(node, "lineno", 1)))

    def error(self, node: ast.AST, message: str) -> BadInput:
        """A message about `node`, to be raised."""
        return self.place(node).error(message)


def constant(value: int, kind: Kind = Kind.NUMBER) -> Value:
    """A value that is the same in every machine."""
    return Value(kind, lambda _: value, constant=value)


def source(node: ast.AST) -> str:
    """The expression as text, cut where it is long."""
    text = ast.unparse(node).replace(f"{GLOBAL}.", "global.")
    return text if len(text) <= 60 else f"{text[:57]}..."


def as_number(value: Value) -> Evaluate:
    """The value among numbers: a page as its physical page number."""
    if value.kind is not Kind.PAGE:
        return value.evaluate
    page = value.evaluate

    def number(vm: Machine) -> int:
        m = page(vm)
        return m if m == NULL else vm.page_number(m)

    return number


def as_truth(value: Value) -> Callable[[Machine], bool]:
    """Whether the value counts as true: not 0, or not NULL."""
    evaluate, false = value.evaluate, NULL if value.kind.nullable else 0
    return lambda vm: evaluate(vm) != false


def as_page(value: Value, node: ast.AST, scope: Scope) -> Evaluate:
    """The value as a page that is there.

    Errors: BadInput now when it can hold no page, and later when it is NULL.
    """
    text, place, evaluate = source(node), scope.place(node), value.evaluate
    if value.kind is not Kind.PAGE:
        raise place.error(f"{text} holds {value.kind.value}, not a page; a page is page[N] or a variable")

    def page(vm: Machine) -> int:
        m = evaluate(vm)
        if m == NULL:
            raise place.error(f"{text} is NULL here: there is no page to look at")
        return m

    return page


def fitting(value: int, place: Place, text: str) -> int:
    """Return `value` if it is a signed 64-bit integer.

    Errors: BadInput when it is none.
    """
    if LOWEST <= value <= HIGHEST:
        return value
    raise place.error(f"{text} overflows: numbers are signed 64-bit integers")
