"""Values of compiled expressions, each with a kind, and the scope in which names are resolved.

An expression is compiled to closures that read the machine's current state. The kind of its value (a number,
a page, an object) is known at compile time. Internally a page is its array index and NULL is -1; combined
with numbers, a page counts as its physical page number and NULL as -1. A page is true unless it is NULL.
"""

from __future__ import annotations

import ast
import re
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
"""The spelling of the table `global` in the text that Python parses."""

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
    """The place of an expression in a file; a message about the expression starts with it."""

    file: str | None = None
    line: Line = None

    def error(self, message: str) -> BadInput:
        """Return a BadInput with this place, to be raised."""
        return BadInput(message, file=self.file, line=self.line)


@dataclass(frozen=True)
class Value:
    """A compiled expression.

    shared:   whether it reads anything except constants and the script's own variables.
    constant: its value, if it is a constant.
    field:    the column that it is a cell of, such as `page.queue`, if it is one.
    """

    kind: Kind
    evaluate: Evaluate
    shared: bool = False
    constant: int | None = None
    field: str = ""


@dataclass(frozen=True)
class Scope:
    """The names in scope: a scenario's names and, inside a script, its own variables.

    own:    the variables that the script may use by their bare names.
    thread: the name of the script's thread, None outside scripts.
    line:   maps a line of the text to a line of the file.
    """

    names: Names = NOTHING_NAMED
    own: Mapping[str, Variable] = field(default_factory=dict)
    thread: str | None = None
    file: str | None = None
    line: Callable[[int], Line] = lambda _: None

    def place(self, node: ast.AST) -> Place:
        """Return the place of `node` in the file."""
        return Place(self.file, self.line(getattr(node, "lineno", 1)))

    def error(self, node: ast.AST, message: str) -> BadInput:
        """Return a BadInput about `node`, to be raised."""
        return self.place(node).error(message)


def constant(value: int, kind: Kind = Kind.NUMBER) -> Value:
    """Return a value that is the same in every machine."""
    return Value(kind, lambda _: value, constant=value)


_PAGE: Final = re.compile(r"(?<![.\w])page\[(\d{2,})\]")
"""A page by its number, which is shown with 0x everywhere."""


def source(node: ast.AST) -> str:
    """Return an expression as text, truncated if it is long."""
    text = ast.unparse(node).replace(f"{GLOBAL}.", "global.")
    text = _PAGE.sub(lambda found: f"page[{int(found[1]):#x}]", text)
    return text if len(text) <= 60 else f"{text[:57]}..."


def as_number(value: Value) -> Evaluate:
    """Convert a value to a number: a page to its physical page number."""
    if value.kind is not Kind.PAGE:
        return value.evaluate
    page = value.evaluate

    def number(vm: Machine) -> int:
        m = page(vm)
        return m if m == NULL else vm.page_number(m)

    return number


def as_truth(value: Value) -> Callable[[Machine], bool]:
    """Convert a value to a truth value: not 0, or not NULL."""
    evaluate, false = value.evaluate, NULL if value.kind.nullable else 0
    return lambda vm: evaluate(vm) != false


def as_index(value: Value, node: ast.AST, scope: Scope) -> Evaluate:
    """Convert the value of `node`, which chooses a row or an address, to a number that is not NULL.

    Errors: BadInput at evaluation if it is NULL: among numbers NULL is -1, which is the number of a page.
    """
    if not value.kind.nullable:
        return value.evaluate
    evaluate, number, place = value.evaluate, as_number(value), scope.place(node)
    text = "NULL is not an index" if value.kind is Kind.NULL else f"{source(node)} is NULL here"

    def index(vm: Machine) -> int:
        if evaluate(vm) == NULL:
            raise place.error(f"{text}; it must be {_INDEXES.get(value.kind, 'a number')}")
        return number(vm)

    return index


_INDEXES: Final = {Kind.PAGE: "a page", Kind.OBJECT: "an object"}


def as_page(value: Value, node: ast.AST, scope: Scope) -> Evaluate:
    """Convert a value to a page that is not NULL.

    Errors: BadInput at compile time if its kind is not a page, at evaluation if it is NULL.
    """
    text, place, evaluate = source(node), scope.place(node), value.evaluate
    if value.kind is not Kind.PAGE:
        raise place.error(f"{text} is {value.kind.value}, not a page; use page[N] or a variable with a page")

    def page(vm: Machine) -> int:
        m = evaluate(vm)
        if m == NULL:
            raise place.error(f"{text} is NULL here; it must be a page")
        return m

    return page


def fitting(value: int, place: Place, text: str) -> int:
    """Return `value` if it is a signed 64-bit integer.

    Errors: BadInput if it is out of range.
    """
    if LOWEST <= value <= HIGHEST:
        return value
    raise place.error(f"{text} overflows; numbers are signed 64-bit integers")
