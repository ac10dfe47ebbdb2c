"""FIGURES in [measure]: what is measured at the end of a run.

A measure is an EXPR over the machine's state at the end, to which `/`, decimals and the figures `run.NAME` of
the whole run are added. A part without any of these is evaluated as EXPR; a page counts as its physical page
number, and NULL is null.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from engine.errors import BadInput
from engine.experiments.arithmetic import Arithmetic, Evaluate, Number, parse_figures
from engine.language.expressions import compile_node
from engine.language.symbols import Names, outside
from engine.language.values import Place, Scope
from engine.machine.machine import Machine

RUN: Final = "run"


@dataclass(frozen=True)
class End:
    """The end of a run: the machine, and what gives a figure of the run by its name, as `run.steps`.

    vm: None where the run was not one of a machine.
    """

    vm: Machine | None
    figure: Callable[[str], Number]


@dataclass(frozen=True)
class Measure:
    """A compiled measure; figures: the names of those that it has."""

    text: str
    figures: tuple[str, ...]
    evaluate: Evaluate[End]


def compile_measure(text: str, names: Names | None, check: Callable[[str], None], place: Place) -> Measure:
    """Compile a measure.

    names: those of the scenario; None for a run without a machine, which has figures only.
    check: raises BadInput for a name of which there is no figure.
    Errors: BadInput at the place.
    """
    if names is not None and RUN in names.threads:
        raise place.error("a thread is called run, which is reserved for figures; rename the thread")
    tree = parse_figures(text, place)
    figures = tuple(dict.fromkeys(_figures_in(tree)))
    for name in figures:
        try:
            check(name)
        except BadInput as error:
            raise place.error(error.message) from None

    def leaf(node: ast.expr) -> Evaluate[End] | None:
        name = _figure_name(node)
        if name is not None:
            return lambda end: end.figure(name)
        if _is_extended(node):
            return None
        if names is None:
            _check_numbers(node, place)
            return None
        return _as_expression(node, names, place)

    return Measure(text, figures, Arithmetic(leaf, place).compile(tree))


def _check_numbers(node: ast.expr, place: Place) -> None:
    """Check that a part of a measure without a machine has only numbers.

    Errors: BadInput for a name.
    """
    if any(isinstance(part, ast.Name) for part in ast.walk(node)):
        shown = ast.unparse(node)[:60]
        raise place.error(f"{shown}: a replay has no machine to look at; use run.misses and other figures")


def _as_expression(node: ast.expr, names: Names, place: Place) -> Evaluate[End]:
    value = compile_node(node, Scope(names, file=place.file, line=lambda _: place.line))
    if value.constant is not None and not value.kind.nullable:
        fixed = value.constant
        return lambda _: fixed

    def evaluate(end: End) -> Number:
        assert end.vm is not None
        return outside(end.vm, value.kind, value.evaluate(end.vm))

    return evaluate


def _figure_name(node: ast.expr) -> str | None:
    """The name of the figure that a node is, such as `run.steps`; None if it is not one."""
    inner = node
    while isinstance(inner, ast.Attribute):
        inner = inner.value
    is_figure = isinstance(node, ast.Attribute) and isinstance(inner, ast.Name) and inner.id == RUN
    return ast.unparse(node) if is_figure else None


def _figures_in(tree: ast.expr) -> Iterator[str]:
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop(0)
        name = _figure_name(node) if isinstance(node, ast.expr) else None
        if name is None:
            waiting.extend(ast.iter_child_nodes(node))
        else:
            yield name


def _is_extended(node: ast.expr) -> bool:
    """Whether a tree has what EXPR does not: a figure, a division, or a decimal."""
    return any(
        (isinstance(part, ast.Name) and part.id == RUN)
        or isinstance(part, ast.Div)
        or (isinstance(part, ast.Constant) and isinstance(part.value, float))
        for part in ast.walk(node)
    )


def evaluate_measures(measures: Mapping[str, Measure], end: End) -> tuple[dict[str, Number], tuple[str, ...]]:
    """Return the value of each measure at the end of a run, and a note about each that has none."""
    found: dict[str, Number] = {}
    notes: list[str] = []
    for name, measure in measures.items():
        try:
            found[name] = finite(measure.evaluate(end))
        except BadInput as error:
            found[name] = None
            notes.append(f"{name}: {error.message}")
    return found, tuple(notes)


def finite(value: Number) -> Number:
    """Return a value, null if it is infinite: a measure is a number or null."""
    return None if value is None or not math.isfinite(value) else value
