"""FIGURES in [[verdict]]: what is computed over the rows of a table.

    mean(contended, 'cpus'=4)                    over the rows with this value of a key of [vary]
    ratio(contended, 'machine.colors', 1, 1024)  mean at the first value over mean at the second
    hits + misses == references                  measures alone: in every row

`min max median sum` are used like `mean`. Rows in which the measure is null are left out; without a row the
value is null. Means and sums are exact, and rounded once.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import partial
from typing import Final

from engine.experiments.arithmetic import Arithmetic, Evaluate, Number, parse_figures
from engine.experiments.form import AGGREGATES, RATIO
from engine.experiments.table import Row, settings_text
from engine.experiments.values import Value, same, value_text
from engine.language.values import Place, source

INFINITE: Final = float("inf")

FORMS: Final = {
    **{name: f"{name}(MEASURE, 'KEY'=VALUE, ...)" for name in AGGREGATES},
    RATIO: "ratio(MEASURE, 'KEY', A, B)",
}
"""The functions of verdicts, and how each is written."""

_FILTER: Final = re.compile(r"""('[^'\n]*'|"[^"\n]*")(\s*=(?!=))?""")
"""A string, and the `=` after it if it is the key of a filter."""

_COMPARISON: Final = re.compile(r"""('[^'\n]*'|"[^"\n]*") == """)
"""The key of a filter as Python has it."""


@dataclass
class Over:
    """The rows over which a verdict is evaluated.

    row:   the one whose measures a bare name reads; None if the verdict has no such name.
    notes: why a value is null or infinite, as it was found.
    null:  the first of them that is about null; "" for none.
    known: the values of aggregates that were evaluated, by their whole texts.
    """

    rows: tuple[Row, ...]
    row: Row | None = None
    notes: list[str] = field(default_factory=list)
    known: dict[str, Number] = field(default_factory=dict)
    null: str = ""

    def note(self, text: str) -> str:
        """Add a note, once; return it, with its filters as the file writes them."""
        text = _COMPARISON.sub(r"\1=", text)
        if text not in self.notes:
            self.notes.append(text)
        return text

    def note_null(self, text: str) -> None:
        """Add a note about why a value is null."""
        shown = self.note(text)
        self.null = self.null or shown


@dataclass(frozen=True)
class Statement:
    """A compiled verdict.

    of_rows:  whether it is about every row: it has names of measures outside of aggregates.
    evaluate: its value, 0 if it does not hold.
    shown:    the value that it is about: the first side of its first comparison that is not a number.
    """

    of_rows: bool
    evaluate: Evaluate[Over]
    shown: Evaluate[Over]


def compile_statement(
    text: str, measures: Collection[str], vary: Mapping[str, tuple[Value, ...]], place: Place
) -> Statement:
    """Compile the `that` of a verdict.

    measures: their names. vary: the keys of the file and their values: a filter has one of these.
    Errors: BadInput at the place.
    """
    tree = parse_figures(_FILTER.sub(_as_comparison, text), place)
    arithmetic = Arithmetic(_Leaves(measures, vary, place).leaf, place, Over.note_null)
    evaluate = arithmetic.compile(tree)
    shown = arithmetic.compile(_shown(tree))
    return Statement(_has_bare_names(tree), evaluate, shown)


def _as_comparison(found: re.Match[str]) -> str:
    return f"{found[1]}==" if found[2] else found[1]


def _shown(tree: ast.expr) -> ast.expr:
    """The part of a verdict that it is about."""
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop(0)
        if isinstance(node, ast.Compare):
            sides = (node.left, *node.comparators)
            return next((side for side in sides if not _is_fixed(side)), node.left)
        if not isinstance(node, ast.Call):
            waiting.extend(ast.iter_child_nodes(node))
    return tree


def _is_fixed(tree: ast.expr) -> bool:
    return not any(isinstance(node, ast.Name) for node in ast.walk(tree))


def _has_bare_names(tree: ast.expr) -> bool:
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Name):
            return True
        if not isinstance(node, ast.Call):
            waiting.extend(ast.iter_child_nodes(node))
    return False


class _Leaves:
    """Compiles the names and aggregates of a verdict."""

    def __init__(
        self, measures: Collection[str], vary: Mapping[str, tuple[Value, ...]], place: Place
    ) -> None:
        self.measures, self.vary, self.place = measures, vary, place

    def leaf(self, node: ast.expr) -> Evaluate[Over] | None:
        if isinstance(node, ast.Name):
            return partial(_read, self._measure(node))
        return self._call(node) if isinstance(node, ast.Call) else None

    def _measure(self, node: ast.expr) -> str:
        name = node.id if isinstance(node, ast.Name) else ""
        if name not in self.measures:
            there = ", ".join(self.measures)
            raise self.place.error(f"{source(node)} is not a measure; [measure] has {there}")
        return name

    def _call(self, node: ast.Call) -> Evaluate[Over]:
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        if name not in FORMS:
            words = f"{source(node.func)} is not a function of verdicts; use one of {', '.join(FORMS)}"
            raise self.place.error(words)
        if node.keywords:
            key = node.keywords[0].arg or "KEY"
            raise self.place.error(f"{source(node)}: the key is in quotes; write '{key}'=VALUE")
        ratio = name == RATIO
        if len(node.args) < (4 if ratio else 1):
            raise self.place.error(f"{source(node)} has too few arguments; write {FORMS[name]}")
        measure = self._measure(node.args[0])
        text, whole = source(node), ast.unparse(node)
        if not ratio:
            return _once(whole, partial(_aggregate, text, name, measure, self._filters(node.args[1:])))
        key = self._key(node.args[1])
        first, second = (self._value(one, key) for one in node.args[2:4])
        filters = self._filters(node.args[4:], taken=key)
        return _once(whole, partial(_ratio, text, measure, key, first, second, filters))

    def _filters(self, nodes: Iterable[ast.expr], taken: str | None = None) -> dict[str, Value]:
        """Read filters, each of a key of its own; taken: a key that chooses rows already."""
        found: dict[str, Value] = {}
        for node in nodes:
            if not (isinstance(node, ast.Compare) and len(node.ops) == 1 and isinstance(node.ops[0], ast.Eq)):
                raise self.place.error(f"{source(node)} does not choose rows; write 'KEY'=VALUE")
            key = self._key(node.left)
            if key in found or key == taken:
                raise self.place.error(f"{key} is there twice; remove one of them")
            found[key] = self._value(node.comparators[0], key)
        return found

    def _key(self, node: ast.expr) -> str:
        key = node.value if isinstance(node, ast.Constant) else None
        if not isinstance(key, str) or key not in self.vary:
            there = ", ".join(f"'{one}'" for one in self.vary)
            raise self.place.error(f"{source(node)} is not a key; write one of {there}")
        return key

    def _value(self, node: ast.expr, key: str) -> Value:
        value = _literal(node)
        if value is None or not any(same(value, one) for one in self.vary[key]):
            there = ", ".join(
                repr(one) if isinstance(one, str) else value_text(one) for one in self.vary[key]
            )
            there = there if len(there) <= 200 else f"{there[:197]}..."
            raise self.place.error(f"{source(node)} is not a value of {key}; [vary] has {there}")
        return value


def _literal(node: ast.expr) -> Value | None:
    """The value that a node writes, with `true` and `false` as in TOML; None if it is not one."""
    if isinstance(node, ast.Name) and node.id in ("true", "false"):
        return node.id == "true"
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        inner = _literal(node.operand)
        return -inner if isinstance(inner, int | float) and not isinstance(inner, bool) else None
    value = node.value if isinstance(node, ast.Constant) else None
    return value if isinstance(value, bool | int | float | str) else None


# --- over rows --------------------------------------------------------------------------------------------


def _read(measure: str, over: Over) -> Number:
    assert over.row is not None
    value = over.row.measured.get(measure)
    if value is None:
        over.note_null(f"{measure} is null at {settings_text(over.row)}")
    return value


def _once(whole: str, evaluate: Evaluate[Over]) -> Evaluate[Over]:
    """Evaluate an aggregate once over the same rows; whole: its text, not truncated."""

    def known(over: Over) -> Number:
        if whole not in over.known:
            over.known[whole] = evaluate(over)
        return over.known[whole]

    return known


def _aggregate(text: str, name: str, measure: str, filters: Mapping[str, Value], over: Over) -> Number:
    values = _values(text, measure, filters, over)
    return AGGREGATE[name](values) if values else None


def _values(text: str, measure: str, filters: Mapping[str, Value], over: Over) -> list[int | float]:
    """The values of a measure in the rows that a filter chooses; notes that there are none."""
    rows = [row for row in over.rows if all(same(row.settings[key], one) for key, one in filters.items())]
    values = [value for row in rows if (value := row.measured.get(measure)) is not None]
    if not rows:
        chosen = ", ".join(f"{key} = {value_text(value)}" for key, value in filters.items())
        over.note_null(f"there is no row{f' with {chosen}' if chosen else ''}")
    elif not values:
        over.note_null(f"{text} is null: {measure} is null in every row")
    return values


def _ratio(
    text: str,
    measure: str,
    key: str,
    first: Value,
    second: Value,
    filters: Mapping[str, Value],
    over: Over,
) -> Number:
    above, below = (_values(text, measure, {**filters, key: value}, over) for value in (first, second))
    return _over(text, mean(above), mean(below), over) if above and below else None


def _over(text: str, above: float, below: float, over: Over) -> Number:
    if below:
        return above / below
    if above > 0:
        over.note(f"{text} is infinite: {above:g} / 0")
        return INFINITE
    over.note_null(f"{text} is null: {above:g} / 0")
    return None


Values = list[int | float]


def mean(values: Values) -> float:
    """Return the mean of one value or more, rounded once."""
    return float(sum(map(Fraction, values)) / len(values))


def total(values: Values) -> int | float:
    """Return the sum, exact for integers, else rounded once."""
    found = sum(map(Fraction, values))
    if all(isinstance(value, int) for value in values):
        return int(found)
    try:
        return float(found)
    except OverflowError:
        return INFINITE if found > 0 else -INFINITE


def median(values: Values) -> int | float:
    """Return the value in the middle of one or more; of an even number, the mean of both in the middle."""
    ordered = sorted(values)
    low, high = ordered[(len(ordered) - 1) // 2], ordered[len(ordered) // 2]
    return low if len(ordered) % 2 else mean([low, high])


AGGREGATE: Final[dict[str, Callable[[Values], int | float]]] = {
    "mean": mean,
    "min": min,
    "max": max,
    "median": median,
    "sum": total,
}
